// SPDX-License-Identifier: Apache-2.0
#include "sim/app/options.h"

#include <algorithm>
#include <array>
#include <boost/program_options.hpp>
#include <charconv>
#include <cstdio>

#include "sim/config/suggest.h"

namespace takt {
namespace {

namespace po = boost::program_options;
namespace og = option_group;

/// Stores a value; the answer is what was expected instead, or empty.
using Apply = std::string (*)(Options&, const std::string&);

struct OptionRow {
  const char* name;
  char letter;        ///< 0 = none
  const char* value;  ///< how help calls the value; empty = a flag
  bool repeatable;
  unsigned groups;
  const char* sentence;
  Apply apply;
};

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

std::string apply_set(Options& o, const std::string& v) {
  const std::size_t equal = v.find('=');
  if (equal == 0 || equal == std::string::npos) return "path.to.key=value";
  o.overrides.push_back(v);
  return "";
}

std::string apply_fidelity(Options& o, const std::string& v) {
  for (const Fidelity f : {Fidelity::kAnalytic, Fidelity::kTransaction}) {
    if (v != to_string(f)) continue;
    o.fidelity = f;
    return "";
  }
  return "analytic or transaction";
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
std::string apply_to(Options& o, const std::string& v) {
  if (v != "yaml" && v != "scalesim" && v != "layers") return "yaml, scalesim or layers";
  o.to = v;
  return "";
}

/// Every option of every command. --help prints them in this order.
constexpr std::array kOptions{
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
    OptionRow{"fidelity", 'f', "F", false, og::kSimulate, "analytic or transaction (default)",
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
    OptionRow{"objective", 0, "O", false, og::kMapper,
              "what the mapper minimises: cycles (default), energy, edp, dram_bytes",
              apply_objective},
    OptionRow{"max-cycles", 0, "N", false, og::kSimulate, "stop at that cycle, exit 1",
              apply_max_cycles},
    OptionRow{"top", 0, "K", false, og::kMap, "mappings shown a layer (default 5)", apply_top},
    OptionRow{"to", 0, "FORM", false, og::kConvert, "yaml, scalesim or layers", apply_to},
    OptionRow{"dump", 0, "STAGE", false, og::kRunOnly,
              "print ir, machine, mapping or program as text and stop", apply_dump},
    OptionRow{"timeline", 0, "", false, og::kRunOnly,
              "write timeline.json too (Perfetto, chrome://tracing)",
              [](Options& o, const std::string&) {
                o.timeline = true;
                return std::string();
              }},
    OptionRow{"out", 'o', "DIR", false, og::kFiles,
              "write result files there; without it nothing is written",
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
    OptionRow{"jobs", 'j', "N", false, og::kSimulate, "simulations at a time (default 1)",
              apply_jobs},
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

Diagnostic usage_error(const char* name, std::string message, std::string hint = "") {
  Diagnostic d;
  d.kind = ErrorKind::kUsage;
  d.name = name;
  d.message = std::move(message);
  d.hint = std::move(hint);
  return d;
}

Diagnostic unknown_option(const std::string& token, unsigned groups) {
  const std::string name = token.substr(0, token.find('='));
  std::vector<std::string> known;
  bool elsewhere = false;
  for (const OptionRow& row : kOptions) {
    const std::string full = std::string("--") + row.name;
    if (row.groups & groups) {
      known.push_back(full);
    } else if (name == full || (row.letter != 0 && name == std::string("-") + row.letter)) {
      elsewhere = true;
    }
  }
  if (elsewhere) {
    return usage_error("E-unknown-option", "this command has no option '" + name + "'");
  }
  const std::optional<std::string> near = suggest(name, known);
  return usage_error("E-unknown-option", "unknown option '" + name + "'",
                     near ? "did you mean '" + *near + "'?" : "--help lists the options");
}

const OptionRow* find_row(const std::string& name, unsigned groups) {
  for (const OptionRow& row : kOptions) {
    if ((row.groups & groups) && name == row.name) return &row;
  }
  return nullptr;
}

po::options_description describe(unsigned groups) {
  po::options_description all;
  for (const OptionRow& row : kOptions) {
    if (!(row.groups & groups)) continue;
    std::string names = row.name;
    if (row.letter != 0) names += std::string(",") + row.letter;
    if (*row.value == 0) {
      all.add_options()(names.c_str(), row.sentence);
    } else {
      all.add_options()(names.c_str(), po::value<std::vector<std::string>>(), row.sentence);
    }
  }
  return all;
}

void apply_one(const po::option& given, unsigned groups, std::vector<std::string>& seen,
               Options& into, Diagnostics& errors) {
  if (given.position_key >= 0 || given.string_key.empty()) {
    for (const std::string& word : given.original_tokens) into.positionals.push_back(word);
    return;
  }
  const OptionRow* row = find_row(given.string_key, groups);
  if (given.unregistered || row == nullptr) {
    errors.push_back(unknown_option(given.original_tokens.at(0), groups));
    return;
  }
  const std::string name = std::string("--") + row->name;
  if (!row->repeatable && std::find(seen.begin(), seen.end(), name) != seen.end()) {
    errors.push_back(usage_error("E-option-repeated", name + " is given twice"));
    return;
  }
  seen.push_back(name);
  const std::string value = given.value.empty() ? "" : given.value.front();
  if (*row->value != 0 && value.empty()) {
    errors.push_back(usage_error("E-missing-value", name + " needs a value",
                                 std::string(name) + " " + row->value));
    return;
  }
  const std::string expected = row->apply(into, value);
  if (!expected.empty()) {
    errors.push_back(
        usage_error("E-bad-value", name + ": expected " + expected + ", got '" + value + "'"));
  }
}

/// What Boost makes of the tokens. It stops at a value that is missing or one too many: that option
/// is reported and left out, and the rest is read again, so that all mistakes come at once.
std::vector<po::option> parse_tokens(std::vector<std::string> tokens, unsigned groups,
                                     Diagnostics& errors) {
  const po::options_description description = describe(groups);
  // Guessing would let '--l' mean '--layer' today and something else after the next option.
  const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  while (true) {
    try {
      return po::command_line_parser(tokens)
          .options(description)
          .style(style)
          .allow_unregistered()
          .run()
          .options;
    } catch (const po::invalid_command_line_syntax& e) {
      const std::string name = e.get_option_name();
      const bool extra = e.kind() == po::invalid_command_line_syntax::extra_parameter;
      errors.push_back(usage_error(extra ? "E-bad-value" : "E-missing-value",
                                   name + (extra ? " takes no value" : " needs a value")));
      const auto bad = std::find_if(tokens.begin(), tokens.end(), [&name](const std::string& t) {
        return t == name || t.rfind(name + "=", 0) == 0;
      });
      if (bad == tokens.end()) return {};
      tokens.erase(bad);
    } catch (const po::error& e) {
      errors.push_back(usage_error("E-bad-value", e.what()));
      return {};
    }
  }
}

}  // namespace

std::string_view to_string(Fidelity fidelity) {
  switch (fidelity) {
    case Fidelity::kAnalytic: return "analytic";
    case Fidelity::kTransaction: return "transaction";
    case Fidelity::kCycle: return "cycle";
  }
  return "?";
}

Result<Options> parse_options(const std::vector<std::string>& arguments, unsigned groups) {
  Options options;
  Diagnostics errors;
  std::vector<std::string> seen;
  for (const po::option& given : parse_tokens(arguments, groups, errors)) {
    apply_one(given, groups, seen, options, errors);
  }
  if (!errors.empty() && !options.help) return errors;
  return options;
}

std::string options_help(unsigned groups) {
  constexpr std::size_t kColumn = 26;
  constexpr std::size_t kWidth = 100;
  std::string text;
  for (const OptionRow& row : kOptions) {
    if (!(row.groups & groups)) continue;
    std::string line = row.letter != 0 ? std::string("  -") + row.letter + ", --" : "      --";
    line += row.name;
    if (*row.value != 0) line += std::string(" ") + row.value;
    std::string rest = row.sentence;
    if (line.size() + 2 > kColumn) {
      text += line + "\n";
      line.clear();
    }
    while (!rest.empty()) {
      line.resize(kColumn, ' ');
      std::size_t cut = rest.size();
      if (cut > kWidth - kColumn) {
        cut = rest.rfind(' ', kWidth - kColumn);
        if (cut == std::string::npos || cut == 0) cut = rest.size();
      }
      text += line + rest.substr(0, cut) + "\n";
      rest.erase(0, std::min(cut + 1, rest.size()));
      line.clear();
    }
  }
  return text;
}

}  // namespace takt
