// SPDX-License-Identifier: Apache-2.0
#include "record.h"

#include <cmath>
#include <ctime>

#include "library.h"
#include "output_file.h"

namespace takt::gpu {
namespace {

constexpr std::int64_t kSamples = 8, kWholeOutput = 4096;

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[16];
  std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
  return text;
}

void write_element(Json& json, const Tensor& t, const unsigned char* bytes, std::int64_t i) {
  if (!info(t.type).is_float) {
    json.add("", load_whole(t.type, bytes, i));
    return;
  }
  const auto x = static_cast<double>(load_real(t.type, bytes, i));
  if (std::isfinite(x)) {
    json.add("", x, 9);
  } else {  // JSON has no such numbers
    json.add("", std::isnan(x) ? "nan" : x > 0 ? "inf" : "-inf");
  }
}

/// Checksum, magnitude, and some elements; all of a small result of the network.
void write_tensor(Json& json, const Execution& run, int id, int op) {
  const Tensor& t = run.tensor(id);
  const std::vector<unsigned char> bytes = run.bytes(id);
  const std::int64_t count = t.elements();
  json.open("", '{').add("tensor", id).add("name", t.name);
  if (op != kNone) json.add("op", op);
  json.add("type", info(t.type).name).add("elements", count);
  json.add("checksum", hexadecimal(fnv1a(bytes.data(), bytes.size())));
  if (info(t.type).is_float) {
    double largest = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      const auto x = std::fabs(static_cast<double>(load_real(t.type, bytes.data(), i)));
      if (std::isfinite(x)) largest = std::max(largest, x);
    }
    json.add("largest", largest);
  }
  const bool whole = t.is_output && count <= kWholeOutput;
  const std::int64_t step = whole ? 1 : std::max<std::int64_t>(1, count / kSamples);
  json.add("step", step).open("samples", '[');  // elements 0, step, 2 * step …
  for (std::int64_t i = 0; i < count && (whole || i / step < kSamples); i += step) {
    write_element(json, t, bytes.data(), i);
  }
  json.close().close();
}

/// tensor NUMBER TYPE BYTES, then the bytes; scale OP MULTIPLIER.
void write_tensors(const Execution& run, const std::string& path) {
  OutputFile output(path);
  std::ostream& file = output.stream();
  file << "takt_tensors 1\n";
  const Network& network = run.network();
  for (std::size_t i = 0; i < network.tensors.size(); ++i) {
    const std::vector<unsigned char> bytes = run.bytes(static_cast<int>(i));
    file << "tensor " << i << ' ' << info(network.tensors[i].type).name << ' ' << bytes.size()
         << '\n';
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }
  for (std::size_t i = 0; i < network.ops.size(); ++i) {
    file << "scale " << i << ' ' << run.multiplier(static_cast<int>(i)) << '\n';
  }
  output.finish();
}

/// Times of every op's kernels, as long as the budget lasts.
class OpTimes {
 public:
  OpTimes(Execution& run, double budget) : run_(run), left_(budget) {}

  std::int64_t write(Json& json) {
    std::int64_t differ = 0;
    const auto begin = std::chrono::steady_clock::now();
    const auto& ops = run_.network().ops;
    json.open("ops", '[');
    for (std::size_t i = 0; i < ops.size(); ++i) {
      const std::chrono::duration<double> gone = std::chrono::steady_clock::now() - begin;
      const double each = (left_ - gone.count()) / static_cast<double>(ops.size() - i);
      json.open("", '{').add("op", static_cast<int>(i)).add("name", ops[i].name);
      json.add("kind", ops[i].kind);
      const std::uint32_t multiplier = run_.multiplier(static_cast<int>(i));
      if (run_.scaled(ops[i])) json.add("multiplier", std::uint64_t{multiplier});
      if (left_ > 0 && gone.count() < left_) differ += kernels(json, static_cast<int>(i), each);
      json.close();
    }
    json.close();
    return differ;
  }
  /// Seconds of the own kernels of an op; negative if it was not timed.
  double own(int op) const { return own_.size() > static_cast<std::size_t>(op) ? own_[op] : -1; }

 private:
  std::int64_t kernels(Json& json, int op, double budget) {
    std::int64_t differ = 0;
    own_.resize(static_cast<std::size_t>(op) + 1, -1);
    json.open("kernels", '[');
    for (const TimedKernel& kernel : run_.timed(op)) {
      const Timing timing = time_of(kernel.launch, std::min(0.05, budget));
      json.open("", '{').add("kernel", kernel.name);
      write_timing(json, timing);
      if (kernel.differ >= 0) json.add("differ", kernel.differ);
      differ += std::max<std::int64_t>(0, kernel.differ);
      json.close();
      if (kernel.name.rfind("own.", 0) != 0) continue;
      own_[op] = std::max(0.0, own_[op]) + timing.median;
    }
    json.close();
    return differ;
  }

  Execution& run_;
  double left_;
  std::vector<double> own_;
};

void write_layers(Json& json, const Network& network, const OpTimes& times, bool timed) {
  json.open("layers", '[');
  for (const Layer& layer : network.layers) {
    json.open("", '{').add("name", layer.name).add("op", layer.op).open("members", '[');
    double seconds = 0;
    for (const int id : layer.members) {
      json.add("", id);
      seconds = times.own(id) < 0 || seconds < 0 ? -1 : seconds + times.own(id);
    }
    json.close();
    if (timed && seconds >= 0) json.add("us", seconds * 1e6, 6);
    json.close();
  }
  json.close();
}

}  // namespace

void write_facts(Json& json, const DeviceFacts& facts) {
  json.open("device", '{').add("kind", facts.kind).add("name", facts.name);
  json.add("driver", facts.driver).add("runtime", facts.runtime).add("compute", facts.compute);
  json.add("libraries", library_versions()).add("multiprocessors", facts.multiprocessors);
  json.add("core_clock_khz", facts.core_clock_khz);
  json.add("memory_clock_khz", facts.memory_clock_khz);
  json.add("measured_clock_khz", facts.measured_clock_khz);
  json.add("memory_bytes", facts.memory_bytes).close();
  json.add("date", today());
}

void write_timing(Json& json, const Timing& timing) {
  json.add("us", timing.median * 1e6, 6).add("us_least", timing.least * 1e6, 6);
  json.add("us_most", timing.most * 1e6, 6).add("samples", timing.samples);
  json.add("repeats", timing.repeats);
}

RunResult run_network(const Network& network, const DeviceFacts& facts, const RunOptions& options) {
  Execution run(network, options.seed, facts);
  const std::vector<std::string> unsupported = run.unsupported();
  if (!unsupported.empty()) {
    std::string text;
    for (const std::string& line : unsupported) text += (text.empty() ? "" : "\n") + line;
    throw InputError(4, text);
  }
  Json json;
  json.open("", '{').add("kind", "takt_reference_run").add("schema_version", kRecordVersion);
  json.open("network", '{').add("name", network.name).add("batch", network.batch);
  json.add("precision", network.precision);
  json.add("values_hash", hexadecimal(network.values_hash)).close();
  json.add("seed", options.seed);
  write_facts(json, facts);
  run.run([](int) {});
  json.open("tensors", '[');
  std::vector<int> maker(network.tensors.size(), kNone);
  for (std::size_t i = 0; i < network.ops.size(); ++i) {
    for (const int output : network.ops[i].outputs) {
      if (output != kNone) maker[static_cast<std::size_t>(output)] = static_cast<int>(i);
    }
  }
  for (std::size_t i = 0; i < network.tensors.size(); ++i) {
    write_tensor(json, run, static_cast<int>(i), maker[i]);
  }
  json.close();
  if (!options.tensors.empty()) write_tensors(run, options.tensors);
  RunResult result;
  OpTimes times(run, options.times ? options.budget_seconds : 0);
  result.differ = times.write(json);
  write_layers(json, network, times, options.times);
  json.close();
  result.json = json.text();
  return result;
}

}  // namespace takt::gpu
