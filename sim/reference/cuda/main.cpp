// SPDX-License-Identifier: Apache-2.0
// A network or single kernels on a GPU: values, checksums and times as JSON. docs/cuda.md.
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>

#include "bench.h"
#include "library.h"
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

Arguments parse(int argc, char** argv) {
  Arguments a;
  const auto number = [&](int& i) {
    if (i + 1 >= argc) throw Usage{std::string(argv[i]) + " needs a number"};
    char* end = nullptr;
    const double value = std::strtod(argv[++i], &end);
    if (*end != '\0' || value < 0) throw Usage{std::string(argv[i]) + " is no number"};
    return value;
  };
  const auto word = [&](int& i) -> std::string {
    if (i + 1 >= argc) throw Usage{std::string(argv[i]) + " needs a file"};
    return argv[++i];
  };
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    if (arg == "--seed") {
      a.run.seed = std::strtoull(word(i).c_str(), nullptr, 10);
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
  // Whole or not at all: a run that is stopped leaves no half file behind. But a device or a pipe
  // is written to, never replaced.
  struct stat status {};
  const bool in_place = stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
  const std::string part = in_place ? path : path + ".part";
  std::ofstream file(part, std::ios::binary);
  file << text;
  file.close();
  if (!file || (!in_place && std::rename(part.c_str(), path.c_str()) != 0)) {
    if (!in_place) std::remove(part.c_str());
    throw InputError(3, path + ": error: cannot be written");
  }
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

int run(const Arguments& a) {
  if (a.what.empty()) throw Usage{"run needs a layer list"};
  const Network network = read_network(a.what);
  const RunResult result = run_network(network, open_device(), a.run);
  write(a.out, result.json);
  if (result.differ == 0) return 0;
  std::cerr << "takt_cuda: timed kernels differ from the values in " << result.differ
            << " elements\n";
  return 1;
}

int bench_command(const Arguments& a) {
  bool known = false;
  for (const std::string& suite : bench_suites()) known = known || suite == a.what;
  if (!known) throw Usage{"bench needs one of the suites that 'takt_cuda suites' names"};
  const BenchResult result = bench(a.what, open_device(), a.run.budget_seconds, a.most_work);
  write(a.out, result.json);
  std::cerr << a.what << ": " << result.measured << " rows, " << result.left_out << " left out\n";
  return 0;
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
