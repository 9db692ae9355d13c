// SPDX-License-Identifier: Apache-2.0
#pragma once
// Results of suites as JSON and as tables for the terminal.

#include <nlohmann/json.hpp>

#include "sim/validate/validate.h"

namespace takt {

nlohmann::ordered_json to_json(const std::vector<SuiteResult>& suites);

/// A table a suite, and one line an entry at the end.
std::string validation_text(const std::vector<SuiteResult>& suites, const std::string& where,
                            std::size_t width, bool color);

}  // namespace takt
