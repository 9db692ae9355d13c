// SPDX-License-Identifier: Apache-2.0
#pragma once
// Is a mapping that someone gave one of this network on this machine? Whether its tiles fit is the
// estimate's to say.

#include "sim/mapper/mapping.h"

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

}  // namespace takt
