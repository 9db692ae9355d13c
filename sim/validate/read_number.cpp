// SPDX-License-Identifier: Apache-2.0
#include "sim/validate/read_number.h"

#include <charconv>
#include <cmath>

namespace takt {

std::optional<double> read_number(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, value);
  if (code != std::errc{} || stop != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace takt
