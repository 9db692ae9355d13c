// SPDX-License-Identifier: Apache-2.0
#pragma once
// The record as JSON: CONTRACT 3's keys, always in the same order. Integers stay integers; doubles
// are printed so that they read back to the same bits.

#include <nlohmann/json.hpp>
#include <string>

#include "sim/stats/record.h"

namespace takt {

nlohmann::ordered_json to_json(const RunRecord& record);
/// As it is printed and stored: indented by two, a newline at the end. Text that is not UTF-8
/// (names out of a file) comes out with replacement characters.
std::string to_text(const nlohmann::ordered_json& json);
/// The fields of a mapping as a map: "tile.p" is key p of the map `tile`.
nlohmann::ordered_json mapping_json(const std::vector<MappingField>& fields);
/// {account: cycles} of a ledger.
nlohmann::ordered_json ledger_json(const MatrixLedger& ledger);

}  // namespace takt
