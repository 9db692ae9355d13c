// SPDX-License-Identifier: Apache-2.0
#pragma once
// A machine file and its overrides to a checked Machine. configs/README.md documents every key.

#include <string>
#include <vector>

#include "sim/base/result.h"
#include "sim/machine/machine.h"

namespace takt {

struct MachineOptions {
  std::vector<std::string> overrides;  ///< --set: "core.matrix.rows=64"
  /// Folders in which `extends` and part files are looked up after the naming file's own folder and
  /// the folder `configs` above it.
  std::vector<std::string> roots{"configs"};
};

/// Where a number of the machine is from.
struct SourcedValue {
  std::string path;    ///< "core.matrix.rows"
  std::string value;   ///< canonical text
  std::string kind;    ///< datasheet, paper, measured, estimate, fitted; default; override
  std::string source;  ///< the words of the file
};

/// A machine, and what is to be said about where it comes from.
struct MachineConfig {
  Machine machine;
  std::string resolved_yaml;  ///< every key, defaults included: reads back to the same machine
  std::vector<SourcedValue> values;  ///< every number, in the order of the keys
  /// "path.to.key=value": what `recorded_overrides` of the file lists, then `--set`.
  std::vector<std::string> overrides;
};

Result<MachineConfig> read_machine_config(const std::string& path,
                                          const MachineOptions& options = {});
/// The same of a text in memory; `name` stands for its file.
Result<MachineConfig> machine_config_from_text(const std::string& text, const std::string& name,
                                               const MachineOptions& options = {});

/// The machine alone.
Result<Machine> read_machine(const std::string& path, const MachineOptions& options = {});

/// Every key path that a machine file may have, sorted: what configs/README.md must document.
std::vector<std::string> machine_keys();

/// Rates of a PCI Express link, from generation, lanes and max_payload (machine_spec_host.cpp).
struct PcieRate {
  std::uint64_t line_bytes_per_s = 0;   ///< after line coding
  std::uint64_t tlp_bytes_per_s = 0;    ///< what is left for transaction layer packets
  std::uint64_t write_bytes_per_s = 0;  ///< payload of posted writes of max_payload
  std::uint64_t read_bytes_per_s = 0;   ///< payload of completions of max_payload
};
PcieRate pcie_rate(std::uint32_t generation, std::uint32_t lanes, std::uint64_t max_payload);

}  // namespace takt
