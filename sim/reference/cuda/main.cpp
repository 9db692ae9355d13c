// SPDX-License-Identifier: Apache-2.0
// A network or single kernels on a GPU: values, checksums and times as JSON. docs/cuda.md.
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <iostream>

#include "bench.h"
#include "library.h"
#include "output_file.h"
#include "record.h"
#include "selftest.h"

namespace {

using namespace takt::gpu;

constexpr const char* kHelp =
    "usage: takt_cuda run LIST [--seed N] [-o FILE] [--tensors FILE] [--budget SECONDS] "
    "[--no-times]\n"
    "       takt_cuda bench SUITE [-o FILE] [--budget SECONDS] [--most-work N]\n"
    "       takt_cuda selftest | info | suites | --help\n"
    "\n"
    "run computes the network of a layer list (takt convert NETWORK --to layers) op by op and\n"
    "writes checksums, samples and times; --tensors writes all elements as well. bench times\n"
    "single kernels; suites names what there is. Budgets are for times, in seconds.\n"
    "Exit codes: 0 ok, 1 a check failed, 2 usage, 3 invalid input, 4 no GPU or an unsupported\n"
    "operator, 6 the device failed.\n";

struct Usage {
  std::string message;
};

struct Arguments {
  std::string command, what, out;
  RunOptions run;
  double most_work = 0;
};

/// Decimal digits, below 2^64, as `takt run` takes them.
std::uint64_t seed_from(const std::string& text) {
  errno = 0;
  const std::uint64_t value = std::strtoull(text.c_str(), nullptr, 10);
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos || errno != 0) {
    throw Usage{"--seed needs a whole number below 2^64, not '" + text + "'"};
  }
  return value;
}

Arguments parse(int argc, char** argv) {
  Arguments a;
  const auto number = [&](int& i) {
    const std::string text = i + 1 < argc ? argv[i + 1] : "";
    const std::string option = argv[i++];
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0' || !std::isfinite(value) || value < 0) {
      throw Usage{option + " needs a number, not '" + text + "'"};
    }
    return value;
  };
  const auto word = [&](int& i) -> std::string {
    const std::string text = i + 1 < argc ? argv[i + 1] : "";
    const std::string option = argv[i++];
    if (text.empty()) throw Usage{option + " needs a file"};
    return text;
  };
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    if (arg == "--seed") {
      a.run.seed = seed_from(i + 1 < argc ? argv[i + 1] : "");
      ++i;
    } else if (arg == "--budget") {
      a.run.budget_seconds = number(i);
    } else if (arg == "--most-work") {
      a.most_work = number(i);
    } else if (arg == "--no-times") {
      a.run.times = false;
    } else if (arg == "-o") {
      a.out = word(i);
    } else if (arg == "--tensors") {
      a.run.tensors = word(i);
    } else if (arg.size() > 1 && arg[0] == '-' && a.command.empty()) {
      a.command = arg;
    } else if (arg[0] == '-') {
      throw Usage{"unknown option " + arg};
    } else if (a.command.empty()) {
      a.command = arg;
    } else if (a.what.empty()) {
      a.what = arg;
    } else {
      throw Usage{"unexpected argument " + arg};
    }
  }
  return a;
}

void write(const std::string& path, const std::string& text) {
  if (path.empty()) {
    std::cout << text;
    return;
  }
  OutputFile file(path);
  file.stream() << text;
  file.finish();
}

int selftest() {
  std::vector<std::string> lines = selftest_host();
  try {
    const DeviceFacts facts = open_device();
    for (std::string& line : selftest_device(facts)) lines.push_back(std::move(line));
    std::cout << "device: " << facts.name << '\n';
  } catch (const NoDevice& none) {
    std::cout << none.what() << ": kernels were not run\n";
  }
  for (const std::string& line : lines) std::cout << "wrong: " << line << '\n';
  if (lines.empty()) std::cout << "ok\n";
  return lines.empty() ? 0 : 1;
}

/// The exit code.
int judged(std::int64_t differ) {
  if (differ == 0) return 0;
  std::cerr << "takt_cuda: timed kernels differ from the values in " << differ << " elements\n";
  return 1;
}

int run(const Arguments& a) {
  if (a.what.empty()) throw Usage{"run needs a layer list"};
  const Network network = read_network(a.what);
  const RunResult result = run_network(network, open_device(), a.run);
  write(a.out, result.json);
  return judged(result.differ);
}

int bench_command(const Arguments& a) {
  bool known = false;
  for (const std::string& suite : bench_suites()) known = known || suite == a.what;
  if (!known) throw Usage{"bench needs one of the suites that 'takt_cuda suites' names"};
  const BenchResult result = bench(a.what, open_device(), a.run.budget_seconds, a.most_work);
  write(a.out, result.json);
  std::cerr << a.what << ": " << result.measured << " rows, " << result.left_out << " left out\n";
  return judged(result.differ);
}

int info_command() {
  const DeviceFacts facts = open_device();
  Json json;
  json.open("", '{');
  write_facts(json, facts);
  json.close();
  std::cout << json.text();
  return 0;
}

int dispatch(const Arguments& a) {
  if (a.command == "--help" || a.command == "-h") {
    std::cout << kHelp;
    return 0;
  }
  if (a.command == "selftest" || a.command == "--selftest") return selftest();
  if (a.command == "run") return run(a);
  if (a.command == "bench") return bench_command(a);
  if (a.command == "info") return info_command();
  if (a.command == "suites") {
    for (const std::string& suite : bench_suites()) std::cout << suite << '\n';
    return 0;
  }
  throw Usage{a.command.empty() ? "no command" : "unknown command " + a.command};
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return dispatch(parse(argc, argv));
  } catch (const Usage& usage) {
    std::cerr << "takt_cuda: " << usage.message << "\n\n" << kHelp;
    return 2;
  } catch (const InputError& error) {
    std::cerr << error.what() << '\n';
    return error.code;
  } catch (const NoDevice& none) {
    std::cerr << "takt_cuda: " << none.what() << '\n';
    return 4;
  } catch (const std::exception& failure) {
    std::cerr << "takt_cuda: " << failure.what() << '\n';
    return 6;
  }
}
