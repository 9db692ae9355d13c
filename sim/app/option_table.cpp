// SPDX-License-Identifier: Apache-2.0
#include "sim/app/option_table.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "sim/config/suggest.h"
#include "sim/reference/reference_executor.h"

namespace takt {
namespace {

using og = OptionGroup;

template <class T>
bool whole_number(const std::string& text, T low, T& into) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value < low) return false;
  into = value;
  return true;
}

std::string apply_batch(Options& o, const std::string& v) {
  std::int64_t n = 0;
  if (!whole_number<std::int64_t>(v, 1, n)) return "a whole number of at least 1";
  o.batch = n;
  return "";
}

std::string apply_dim(Options& o, const std::string& v) {
  const std::size_t equal = v.find('=');
  std::int64_t n = 0;
  if (equal == 0 || equal == std::string::npos ||
      !whole_number<std::int64_t>(v.substr(equal + 1), 1, n)) {
    return "NAME=N with N a whole number of at least 1";
  }
  o.dims.emplace_back(v.substr(0, equal), n);
  return "";
}

std::string apply_zeros(Options& o, const std::string& v) {
  constexpr double kMillion = 1e6;
  const std::size_t equal = v.rfind('=');
  double share = -1;
  if (equal != 0 && equal != std::string::npos && equal + 1 < v.size()) {
    const char* const end = v.data() + v.size();
    const auto [stop, error] = std::from_chars(v.data() + equal + 1, end, share);
    if (error != std::errc() || stop != end) share = -1;
  }
  if (!(share >= 0 && share <= 1)) return "TENSOR=SHARE with SHARE from 0 to 1";
  o.zeros.emplace_back(v.substr(0, equal), static_cast<std::uint32_t>(share * kMillion + 0.5));
  return "";
}

std::string apply_set(Options& o, const std::string& v) {
  const std::size_t equal = v.find('=');
  if (equal == 0 || equal == std::string::npos) return "path.to.key=value";
  o.overrides.push_back(v);
  return "";
}

std::string apply_fidelity(Options& o, const std::string& v) {
  for (const Fidelity f : {Fidelity::kAnalytic, Fidelity::kTransaction, Fidelity::kCycle}) {
    if (v != to_string(f)) continue;
    o.fidelity = f;
    return "";
  }
  return "analytic, transaction or cycle";
}

std::string apply_dtype(Options& o, const std::string& v) {
  const std::optional<DType> dtype = dtype_from(v);
  if (!dtype || !info(*dtype).computes) return "int8, int16, fp8, bf16, fp16 or fp32";
  o.dtype = dtype;
  return "";
}

std::string apply_objective(Options& o, const std::string& v) {
  if (v != "cycles" && v != "energy" && v != "edp" && v != "dram_bytes") {
    return "cycles, energy, edp or dram_bytes";
  }
  o.objective = v;
  return "";
}

std::string apply_dump(Options& o, const std::string& v) {
  constexpr std::array<std::pair<const char*, DumpStage>, 4> kStages{
      {{"ir", DumpStage::kIr},
       {"machine", DumpStage::kMachine},
       {"mapping", DumpStage::kMapping},
       {"program", DumpStage::kProgram}}};
  for (const auto& [name, stage] : kStages) {
    if (v != name) continue;
    o.dump = stage;
    return "";
  }
  return "ir, machine, mapping or program";
}

std::string apply_check(Options& o, const std::string& v) {
  std::vector<std::string> words = reference_words();
  if (v != "none" && std::find(words.begin(), words.end(), v) == words.end()) {
    words.insert(words.begin(), "none");
    const std::string last = words.back();
    words.pop_back();
    return join_words(words) + " or " + last;
  }
  o.check = v == "none" ? "" : v;
  return "";
}

std::string apply_progress(Options& o, const std::string& v) {
  if (v != "auto" && v != "json" && v != "off") return "auto, json or off";
  o.progress = v == "auto"   ? ProgressMode::kAuto
               : v == "json" ? ProgressMode::kJson
                             : ProgressMode::kOff;
  return "";
}

std::string apply_max_cycles(Options& o, const std::string& v) {
  return whole_number<std::uint64_t>(v, 1, o.max_cycles) ? "" : "a whole number of at least 1";
}
std::string apply_seed(Options& o, const std::string& v) {
  return whole_number<std::uint64_t>(v, 0, o.seed) ? "" : "a whole number";
}
std::string apply_jobs(Options& o, const std::string& v) {
  return whole_number<std::uint32_t>(v, 1, o.jobs) ? "" : "a whole number of at least 1";
}
std::string apply_top(Options& o, const std::string& v) {
  return whole_number<std::uint32_t>(v, 1, o.top) ? "" : "a whole number of at least 1";
}
std::string apply_backend(Options&, const std::string& v) {
  return v == "local" ? "" : "local, the only one there is yet";
}
std::string apply_to(Options& o, const std::string& v) {
  if (v != "yaml" && v != "scalesim" && v != "layers") return "yaml, scalesim or layers";
  o.to = v;
  return "";
}

constexpr std::array kRows{
    OptionRow{"arch", 'a', "FILE", true, og::kMachine,
              "machine, YAML: a path, or a name in configs/",
              [](Options& o, const std::string& v) {
                o.archs.push_back(v);
                return std::string();
              }},
    OptionRow{"workload", 'w', "X", false, og::kWorkload,
              "network: .onnx, .yaml, SCALE-Sim .csv, a name in workloads/, or in place: "
              "gemm:m=512,n=512,k=512  conv:n=1,c=64,h=56,w=56,k=64,r=3,s=3,stride=1,pad=1",
              [](Options& o, const std::string& v) {
                o.workload = v;
                return std::string();
              }},
    OptionRow{
        "fidelity", 'f', "F", false, og::kSimulate,
        "analytic, transaction (default) or cycle (every PE stepped, every value computed and "
        "compared)",
        apply_fidelity},
    OptionRow{"batch", 'b', "N", false, og::kWorkload, "batch size", apply_batch},
    OptionRow{"dim", 0, "NAME=N", true, og::kWorkload, "value of a symbolic dimension", apply_dim},
    OptionRow{"dtype", 0, "T", false, og::kWorkload,
              "precision where the workload leaves it open: int8, int16, fp8, bf16, fp16, fp32",
              apply_dtype},
    OptionRow{"input", 0, "NAME", true, og::kWorkload,
              "treat this ONNX graph input as an input, not a parameter",
              [](Options& o, const std::string& v) {
                o.inputs.push_back(v);
                return std::string();
              }},
    OptionRow{"set", 0, "path.to.key=value", true, og::kMachine,
              "override a key of the machine's file; recorded in the results", apply_set},
    OptionRow{"layer", 0, "NAME", true, og::kLayers, "only this layer",
              [](Options& o, const std::string& v) {
                o.layers.push_back(v);
                return std::string();
              }},
    OptionRow{"mapping", 0, "FILE", false, og::kMapper,
              "use these mappings; layers that are not in it are mapped as usual",
              [](Options& o, const std::string& v) {
                o.mapping = v;
                return std::string();
              }},
    OptionRow{"objective", 0, "O", false, og::kMapper,
              "what the mapper minimises: cycles (default), energy, edp, dram_bytes",
              apply_objective},
    OptionRow{"zeros", 0, "TENSOR=SHARE", true, og::kMapper,
              "share of an activation's elements that are zero, from 0 to 1: what compression and "
              "zero gating of the machine make use of",
              apply_zeros},
    OptionRow{"max-cycles", 0, "N", false, og::kSimulate, "stop at that cycle, exit 1",
              apply_max_cycles},
    OptionRow{"top", 0, "K", false, og::kMap, "mappings shown a layer (default 5)", apply_top},
    OptionRow{"to", 0, "FORM", false, og::kConvert, "yaml, scalesim or layers", apply_to},
    OptionRow{"dump", 0, "STAGE", false, og::kRunOnly,
              "print ir, machine, mapping or program as text and stop", apply_dump},
    OptionRow{
        "check", 0, "HOW", false, og::kRunOnly,
        "compute values and compare: none (default), functional (with plain loops), cpu (with "
        "OpenBLAS)",
        apply_check},
    OptionRow{"timeline", 0, "", false, og::kRunOnly,
              "write timeline.json too (Perfetto, chrome://tracing)",
              [](Options& o, const std::string&) {
                o.timeline = true;
                return std::string();
              }},
    OptionRow{"data", 0, "DIR_OR_FILE", false, og::kData,
              "measured data: a folder, or one file for the suites whose columns it has "
              "(default: $TAKT_DATA, else ../shared/data)",
              [](Options& o, const std::string& v) {
                o.data = v;
                return std::string();
              }},
    OptionRow{"vcd", 0, "", false, og::kRunOnly,
              "with -f cycle: write waves.vcd too, every register of an array of up to 16 x 16 PEs "
              "in its first 64 passes, 4096 cycles at most (--max-cycles ends it earlier)",
              [](Options& o, const std::string&) {
                o.vcd = true;
                return std::string();
              }},
    OptionRow{"out", 'o', "DIR", false, og::kFiles,
              "write result files there; without it nothing is written",
              [](Options& o, const std::string& v) {
                o.out = v;
                return std::string();
              }},
    OptionRow{"out", 'o', "FILE", false, og::kConvert, "write that file instead of standard output",
              [](Options& o, const std::string& v) {
                o.out = v;
                return std::string();
              }},
    OptionRow{"json", 0, "", false, og::kJson, "print JSON, and nothing else, on standard output",
              [](Options& o, const std::string&) {
                o.json = true;
                return std::string();
              }},
    OptionRow{"seed", 0, "N", false, og::kSimulate, "of everything random (default 1)", apply_seed},
    OptionRow{"jobs", 'j', "N", false, og::kSimulate | og::kSweep,
              "simulations at a time (default 1)", apply_jobs},
    OptionRow{"backend", 0, "B", false, og::kSweep, "where points run: local (default)",
              apply_backend},
    OptionRow{"progress", 0, "P", false, og::kCommon,
              "auto (default: a bar on a terminal), json (lines on standard error), off",
              apply_progress},
    OptionRow{"quiet", 0, "", false, og::kCommon, "print nothing but errors",
              [](Options& o, const std::string&) {
                o.quiet = true;
                return std::string();
              }},
    OptionRow{"help", 'h', "", false, og::kCommon, "print this",
              [](Options& o, const std::string&) {
                o.help = true;
                return std::string();
              }},
};

}  // namespace

const std::vector<OptionRow>& option_table() {
  static const std::vector<OptionRow> kTable(kRows.begin(), kRows.end());
  return kTable;
}

}  // namespace takt
