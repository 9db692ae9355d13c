// SPDX-License-Identifier: Apache-2.0
#pragma once
// Is a mapping that someone gave one of this network on this machine? Whether its tiles fit is the
// estimate's to say.

#include "sim/mapper/mapping_file.h"

namespace takt {

/// What is wrong with the mapping's shape, or an empty text.
std::string mapping_fault(const Region& region, const Machine& machine,
                          const RegionMapping& mapping);

/// An error about a given mapping of layer `name`, placed where it was given.
Diagnostic mapping_error(const std::string& name, const GivenMapping& given, std::string message);

/// Every mapping that names no layer of the network or cannot be its mapping.
Diagnostics check_mappings(const GivenMappings& given, const RegionGraph& graph,
                           const Machine& machine);

/// The same mappings by the layers' own names, those in Timeloop's notation as what they mean; or
/// what check_mappings finds wrong with them.
Result<GivenMappings> settle_mappings(const GivenMappings& given, const RegionGraph& graph,
                                      const Machine& machine);

/// What a mapping file calls the stored tensors, each by a name of its own.
std::vector<std::string> tensor_names(const RegionGraph& graph);

/// An error about the plan of a network, placed where it was given.
Diagnostic plan_error(const GivenWord& at, std::string path, std::string message);

/// The stored tensors that are named, by word; an error, and nothing, for each name that is no
/// tensor's or stands twice. `path` is the list's.
std::vector<std::optional<std::size_t>> tensors_named(const std::vector<GivenWord>& words,
                                                      const std::string& path,
                                                      const RegionGraph& graph,
                                                      Diagnostics& errors);

}  // namespace takt
