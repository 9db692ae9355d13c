// SPDX-License-Identifier: Apache-2.0
#include "sim/app/convert_command.h"

#include "sim/app/output_folder.h"
#include "sim/app/run.h"
#include "sim/ir/fuse.h"
#include "sim/reference/layer_list.h"
#include "sim/workload/topology_csv_write.h"
#include "sim/workload/yaml_write.h"

namespace takt {
namespace {

Diagnostic usage(const char* name, std::string message, std::string hint) {
  Diagnostic d;
  d.kind = ErrorKind::kUsage;
  d.name = name;
  d.message = std::move(message);
  d.hint = std::move(hint);
  return d;
}

Diagnostics wrong_usage(const Options& options) {
  Diagnostics errors;
  const std::size_t given = options.positionals.size() + (options.workload.empty() ? 0 : 1);
  if (given == 0) {
    errors.push_back(
        usage("E-missing-option", "no network is given", "e.g. takt convert resnet18 --to yaml"));
  }
  const std::size_t taken = options.workload.empty() ? 1 : 0;
  for (std::size_t i = taken; i < options.positionals.size(); ++i) {
    errors.push_back(usage("E-unexpected-argument",
                           "unexpected argument '" + options.positionals[i] + "'",
                           "one network at a time"));
  }
  if (options.to.empty()) {
    errors.push_back(usage("E-missing-option", "the form to write is not given",
                           "--to yaml, --to scalesim or --to layers"));
  }
  if (options.dtype && !options.to.empty() && options.to != "layers") {
    errors.push_back(usage("E-bad-value", "--dtype does not go with --to " + options.to,
                           "that form leaves the precision as open as the network does"));
  }
  return errors;
}

/// What of the network SCALE-Sim's form has no words for, a line each.
std::string losses(const RegionGraph& regions) {
  std::string text;
  for (const Region& region : regions.regions) {
    if (region.kind != Region::Kind::kMatrix) {
      text += "left out: " + region.name + " (" + region.op + ")\n";
    }
  }
  return text;
}

struct Converted {
  std::string text;
  std::string notes;  ///< for people: what the form could not hold
};

Result<Converted> convert(const Options& options) {
  const Result<Graph> graph = read_graph(options, options.batch);
  if (!graph) return graph.errors();
  if (options.to == "yaml") {
    Result<std::string> text = write_network(*graph);
    if (!text) return text.errors();
    return Converted{std::move(*text), ""};
  }
  FuseOptions fusing;
  fusing.precision = options.dtype.value_or(fusing.precision);
  Result<RegionGraph> regions = fuse(*graph, fusing);
  if (!regions) return regions.errors();
  if (options.to == "layers") {
    return Converted{write_layer_list(*graph, *regions, fusing.precision), ""};
  }
  Result<std::string> text = write_topology(*regions);
  if (!text) return text.errors();
  return Converted{std::move(*text), losses(*regions)};
}

}  // namespace

int convert_command(const Options& given, const Console& console) {
  const Diagnostics errors = wrong_usage(given);
  if (!errors.empty()) return report_errors(errors, console);
  Options options = given;
  if (options.workload.empty()) options.workload = options.positionals.at(0);
  const Result<Converted> converted = convert(options);
  if (!converted) return report_errors(converted.errors(), console);
  if (options.out.empty()) {
    console.out << converted->text;
    console.out.flush();
  } else if (const auto error = write_file(options.out, converted->text)) {
    return report_errors({*error}, console);
  }
  if (!options.quiet) console.err << converted->notes;
  return exit_codes::kOk;
}

}  // namespace takt
