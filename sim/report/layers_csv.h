// SPDX-License-Identifier: Apache-2.0
#pragma once
// layers.csv: one row a layer, no total row, the record's keys as columns ("energy_pj.total").

#include <nlohmann/json.hpp>
#include <string>

namespace takt {

/// From a record as JSON. A key that does not apply is an empty cell; the columns are always the
/// same.
std::string layers_csv(const nlohmann::ordered_json& record);
/// A cell as RFC 4180 wants it: in quotes if it holds a comma, a quote or a line break.
std::string csv_cell(const std::string& text);

}  // namespace takt
