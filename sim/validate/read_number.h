// SPDX-License-Identifier: Apache-2.0
#pragma once
// A decimal number of a data file. No hexadecimal, no "nan", no "inf", nothing too large for a
// double: an error cannot be computed of those.

#include <optional>
#include <string_view>

namespace takt {

/// The whole of `text` as a finite number; nothing if it is none.
std::optional<double> read_number(std::string_view text);

}  // namespace takt
