// SPDX-License-Identifier: Apache-2.0
#pragma once
// Numbers for people: three or four digits and a unit. Files never use these.

#include <cstdint>
#include <string>

namespace takt {

std::string format_count(std::uint64_t value);          ///< 1,234,567
std::string format_si(double value, const char* unit);  ///< 12.3 GB/s, 1.50 mJ
std::string format_bytes(std::uint64_t bytes);          ///< 4.19 MB, decimal as bandwidths are
std::string format_factor(double factor);               ///< 1.25x
std::string format_percent(double share);               ///< 45.3 %
std::string format_seconds(double seconds);             ///< 123.4 us
std::string format_picojoules(double picojoules);       ///< 1.50 mJ
std::string format_area(double mm2);                    ///< 12.3 mm2

}  // namespace takt
