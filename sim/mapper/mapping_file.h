// SPDX-License-Identifier: Apache-2.0
#pragma once
// Mapping files (configs/schema/mapping.json): the layers' mappings, and what is decided for the
// network as a whole beside them.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/mapper/mapping.h"

namespace takt {

/// A word of a mapping file, and where it stands (nowhere: made by code).
struct GivenWord {
  std::string text;
  Place place;
  std::string source_line;
};

/// What of a network no layer's mapping says. What is left out, the compiler decides.
struct NetworkPlan {
  /// Names of the tensors that stay in the unified buffer, and in the cores' shared one, from their
  /// first use to their last (tensor_names of sim/mapper/mapping_check.h).
  std::optional<std::vector<GivenWord>> resident, shared;
  bool packed = false;  ///< slots take the first room there is, also that of the layer before
  std::optional<std::uint32_t> batch_parts;  ///< the batch is run in so many equal parts
  GivenWord batch_parts_at, on_chip_at;      ///< the keys themselves
};

struct MappingFile {
  GivenMappings layers;
  NetworkPlan network;
};

/// A YAML text that read_mappings takes back.
std::string print_mappings(const std::vector<std::pair<std::string, RegionMapping>>& mappings,
                           const NetworkPlan& network = {});
/// All that can be judged without the network; settle_mappings (mapping_check.h) and settle_plan
/// (sim/backend/network_plan.h) do the rest.
Result<MappingFile> read_mappings(const std::string& file);
Result<MappingFile> read_mappings_text(std::string text, const std::string& name);
/// `timeloop:L3[WIO] …`: a mapping in place, by the name kOnlyLayer.
Result<MappingFile> read_mapping_in_place(const std::string& text);
inline constexpr const char* kMappingInPlace = "timeloop:";

}  // namespace takt
