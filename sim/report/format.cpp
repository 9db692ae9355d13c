// SPDX-License-Identifier: Apache-2.0
#include "sim/report/format.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace takt {

std::string format_count(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string format_si(double value, const char* unit) {
  constexpr std::array<const char*, 11> kPrefixes{"f", "p", "n", "u", "m", "",
                                                  "k", "M", "G", "T", "P"};
  constexpr int kNone = 5;
  if (value == 0) return std::string("0 ") + unit;
  int step = static_cast<int>(std::floor(std::log10(std::fabs(value)) / 3));
  step = std::min(std::max(step, -kNone), static_cast<int>(kPrefixes.size()) - 1 - kNone);
  double scaled = value / std::pow(1000.0, step);
  // 999.96 would print as 1000.
  if (std::fabs(scaled) >= 999.5 && step + kNone + 1 < static_cast<int>(kPrefixes.size())) {
    scaled /= 1000;
    ++step;
  }
  const double size = std::fabs(scaled);
  const int decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f %s%s", decimals, scaled,
                kPrefixes[static_cast<std::size_t>(step + kNone)], unit);
  return text.data();
}

std::string format_bytes(std::uint64_t bytes) {
  if (bytes < 1000) return std::to_string(bytes) + " B";
  return format_si(static_cast<double>(bytes), "B");
}

std::string format_factor(double factor) {
  std::array<char, 32> text{};
  // Two digits at least: 0.0051x, 0.51x, 5.12x, 51x.
  const char* form = factor < 0.095 ? "%.2gx" : factor < 10 ? "%.2fx" : "%.0fx";
  std::snprintf(text.data(), text.size(), form, factor);
  return text.data();
}

std::string format_percent(double share) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f %%", share * 100);
  const std::string_view rounded = text.data();
  return std::string(rounded == "-0.0 %" ? rounded.substr(1) : rounded);
}

std::string format_seconds(double seconds) { return format_si(seconds, "s"); }

std::string format_picojoules(double picojoules) { return format_si(picojoules * 1e-12, "J"); }

std::string format_area(double mm2) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f mm2", mm2 >= 99.95 ? 0 : mm2 >= 9.995 ? 1 : 2, mm2);
  return text.data();
}

}  // namespace takt
