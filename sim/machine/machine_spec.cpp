// SPDX-License-Identifier: Apache-2.0
#include "sim/machine/machine_spec.h"

#include <algorithm>
#include <cmath>

#include "sim/config/compose.h"
#include "sim/machine/machine_file_spec.h"
#include "sim/machine/machine_spec_parts.h"

namespace takt {
namespace {

ComposeOptions compose_options(const MachineOptions& options) {
  return {{"memory.standard", "energy"}, options.overrides, options.roots};
}

/// Checks that need more than one part of the machine.
void check_machine(Reader& root, const Machine& machine) {
  if (machine.matrix.rate_of(machine.default_dtype).numerator == 0) {
    root.error("default_dtype", "E-dtype-not-supported",
               "the array does not compute in " + std::string(to_string(machine.default_dtype)),
               "add it to core.matrix.macs_per_pe");
  }
  // One stationary tile of the smallest type must fit, or nothing can ever be computed.
  const Buffer& weights = machine.buffers[machine.weights.index];
  const std::uint64_t tile =
      std::uint64_t{machine.matrix.rows} * machine.matrix.cols * bytes_of(machine.default_dtype);
  if (weights.slots > 0 && weights.size.value() / weights.slots < tile) {
    root.error("core", "E-buffer-shape",
               "a slot of buffer '" + weights.name + "' holds less than one array of " +
                   std::string(to_string(machine.default_dtype)) + " weights (" +
                   std::to_string(tile) + " B)");
  }
}

/// A static power given in the machine file has its source there.
void settle_static_power(EnergyEntry& entry, const std::vector<SourcedValue>& values) {
  if (!entry.kind.empty()) return;
  for (const SourcedValue& value : values) {
    if (value.path != "static_power") continue;
    entry.kind = value.kind;
    entry.source = value.source;
  }
}

/// A resolved configuration is a machine like any other, but its record still says what was
/// overridden to get it. Each path once, with its last value.
void read_overrides(Reader& root, MachineConfig& config) {
  std::vector<std::string> given = std::move(config.overrides);
  config.overrides.clear();
  Reader recorded = root.optional_map("recorded_overrides");
  recorded.resolved()->hashed = false;
  const auto note = [&config](const std::string& path, const std::string& value) {
    const std::string head = path + "=";
    for (std::string& text : config.overrides) {
      if (text.rfind(head, 0) != 0) continue;
      text = head + value;
      return;
    }
    config.overrides.push_back(head + value);
  };
  for (const std::string& path : recorded.keys()) {
    if (const auto value = recorded.maybe(path, Text{})) note(path, *value);
  }
  Resolved& out = *recorded.resolved();
  for (const std::string& text : given) {
    const std::size_t equal = text.find('=');
    note(text.substr(0, equal), text.substr(equal + 1));
  }
  out.children.clear();
  for (const std::string& text : config.overrides) {
    const std::size_t equal = text.find('=');
    out.add(text.substr(0, equal), Resolved::Kind::kValue).text =
        quote_yaml(text.substr(equal + 1));
  }
}

// Half of each memory is filled while the other half is used. The tiler begins with a square of
// arrays of sums (4 B), as large as the accumulators hold, and one array's reduction of both
// operands (1 B each) beside it (sim/mapper/gemmini_tiler.cpp): that much must be there.
void check_tiler_memory(Reader& spec, const MatrixUnit& array, const MapperChoice& mapper) {
  constexpr const char* kTilerHint = "or set mapper.kind to search";
  const std::uint64_t elements = std::uint64_t{array.rows} * array.rows;
  if (elements == 0) return;  // an error of its own
  const std::string whose =
      " B, what Gemmini's tiler takes for an array of " + std::to_string(array.rows) + " rows";
  const std::uint64_t sums = elements * 4 * 2;
  if (mapper.accumulator < Bytes(sums)) {
    spec.error("accumulator", "E-tiler-memory", "must be at least " + std::to_string(sums) + whose,
               kTilerHint);
    return;
  }
  const auto side =
      static_cast<std::uint64_t>(std::sqrt(static_cast<double>(mapper.accumulator.value() / sums)));
  const std::uint64_t operands = 2 * side * elements * 2;
  if (mapper.scratchpad < Bytes(operands)) {
    spec.error("scratchpad", "E-tiler-memory",
               "must be at least " + std::to_string(operands) + whose + " and accumulators of " +
                   std::to_string(mapper.accumulator.value()) + " B",
               kTilerHint);
  }
}

void read_mapper(Reader& root, const MatrixUnit& array, MapperChoice& mapper) {
  Reader spec = root.optional_map("mapper");
  mapper.gemmini =
      spec.optional("kind", Choice<bool>{{{"search", false}, {"gemmini", true}}}, false);
  constexpr std::uint64_t kKiB = 1024;
  mapper.scratchpad = spec.optional("scratchpad", Size{}, Bytes(256 * kKiB));
  mapper.accumulator = spec.optional("accumulator", Size{}, Bytes(64 * kKiB));
  if (mapper.gemmini) check_tiler_memory(spec, array, mapper);
  mapper.step = spec.optional("step", CycleCount{}, Cycles(0));
  mapper.reload = spec.optional("reload", Flag{}, false);
  mapper.weight_rows =
      spec.optional("weights", Choice<bool>{{{"packed", false}, {"rows", true}}}, false);
  spec.finish();
}

void read_root(Reader& root, MachineConfig& config) {
  Machine& machine = config.machine;
  const std::size_t errors_before = root.errors().size();
  machine.name = root.required("name", Text{});
  const std::uint64_t hz = root.required("clock", Frequency{});
  if (hz > 0) machine.clock = ClockDomain(hz);
  machine.technology = root.required("technology", Text{});
  machine.default_dtype = root.required("default_dtype", compute_dtype());
  machine.launch = root.optional("launch", CycleCount{}, Cycles(0));
  machine.cores = static_cast<std::uint32_t>(root.optional("cores", Whole{1, 4096}, 1));
  machine_spec::read_core(root, machine);
  machine_spec::read_shared(root, machine, root.has("shared_buffer"));
  std::string family;
  machine_spec::read_memory(root, machine, family, config.values);
  machine_spec::read_host(root, machine);
  read_mapper(root, machine.matrix, machine.mapper);
  machine_spec::read_energy(root, machine, family, config.values);
  machine_spec::check_sources(root, config.values);
  read_overrides(root, config);
  root.finish();
  if (!root.broken() && root.errors().size() == errors_before) check_machine(root, machine);
  settle_static_power(machine.energy.static_power_w, config.values);
}

Result<MachineConfig> read_tree(const std::optional<Node>& tree, Diagnostics errors,
                                const MachineOptions& options) {
  if (!tree) return errors;
  MachineConfig config;
  config.overrides = options.overrides;
  Resolved resolved;
  Reader root(*tree, errors, &resolved);
  read_root(root, config);
  if (!errors.empty()) return errors;
  config.resolved_yaml = to_yaml(resolved);
  config.machine.hash = hash_of(resolved);
  return config;
}

}  // namespace

Result<MachineConfig> read_machine_config(const std::string& path, const MachineOptions& options) {
  Diagnostics errors;
  const std::optional<Node> tree = compose_file(path, compose_options(options), errors);
  return read_tree(tree, std::move(errors), options);
}

Result<MachineConfig> machine_config_from_text(const std::string& text, const std::string& name,
                                               const MachineOptions& options) {
  Diagnostics errors;
  const std::optional<Node> tree = compose_text(text, name, compose_options(options), errors);
  return read_tree(tree, std::move(errors), options);
}

Result<MachineFile> MachineFile::open(const std::string& path, const MachineOptions& options) {
  Diagnostics errors;
  MachineOptions plain = options;
  plain.overrides.clear();
  std::optional<Node> tree = compose_file(path, compose_options(plain), errors);
  if (!tree || !errors.empty()) return errors;
  return MachineFile(std::move(*tree), path, options.roots);
}

Result<MachineConfig> MachineFile::with(const std::vector<std::string>& overrides) const {
  const MachineOptions options{overrides, roots_};
  Diagnostics errors;
  const std::optional<Node> tree = with_overrides(tree_, path_, compose_options(options), errors);
  return read_tree(tree, std::move(errors), options);
}

Result<Machine> read_machine(const std::string& path, const MachineOptions& options) {
  Result<MachineConfig> config = read_machine_config(path, options);
  if (!config) return config.errors();
  return std::move(config->machine);
}

std::vector<std::string> machine_keys() {
  // Reading an empty map asks for every key; what is missing does not matter here.
  Node empty;
  empty.kind = Node::Kind::kMap;
  Diagnostics ignored;
  Resolved resolved;
  MachineConfig config;
  std::vector<std::string> keys;
  Reader root(empty, ignored, &resolved);
  root.log_keys(&keys);
  read_root(root, config);
  machine_spec::read_shared(root, config.machine, true);
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

}  // namespace takt
