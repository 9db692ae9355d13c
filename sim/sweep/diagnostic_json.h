// SPDX-License-Identifier: Apache-2.0
#pragma once
// Diagnostics as JSON and back: how a worker tells its parent what is wrong.

#include <nlohmann/json.hpp>

#include "sim/base/diagnostic.h"

namespace takt {

nlohmann::ordered_json to_json(const Diagnostics& diagnostics);
/// Throws if `json` did not come from to_json().
Diagnostics diagnostics_from(const nlohmann::ordered_json& json);

}  // namespace takt
