// SPDX-License-Identifier: Apache-2.0
#include "sim/ir/resize_mode.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iomanip>
#include <sstream>

namespace takt {
namespace {

constexpr std::array kCoordinates{"half_pixel",    "half_pixel_symmetric", "pytorch_half_pixel",
                                  "align_corners", "asymmetric",           "tf_half_pixel_for_nn"};
constexpr std::array kRoundings{"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"};

template <class Words>
bool is_one_of(const std::string& word, const Words& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Where index `x` of the result lies in the operand.
double coordinate(const ResizeMode& mode, double x, double from, double to, double scale) {
  const double half = (x + 0.5) / scale - 0.5;
  if (mode.coordinates == "asymmetric") return x / scale;
  if (mode.coordinates == "tf_half_pixel_for_nn") return (x + 0.5) / scale;
  if (mode.coordinates == "align_corners") {
    // As the format's own reference has it: a given scale counts even where the length is cut off.
    const double length = scale * from;
    return to == 1 ? 0 : x * (from - 1) / (length - 1);
  }
  if (mode.coordinates == "pytorch_half_pixel") return to > 1 ? half : 0;
  if (mode.coordinates == "half_pixel_symmetric") {
    return from / 2 * (1 - to / (scale * from)) + half;
  }
  return half;
}

double nearest_of(const ResizeMode& mode, double x) {
  if (mode.rounding == "floor") return std::floor(x);
  if (mode.rounding == "ceil") return std::ceil(x);
  if (mode.rounding == "round_prefer_ceil") return std::floor(x + 0.5);
  return std::ceil(x - 0.5);
}

/// The cubic convolution kernel (Keys, IEEE Trans. ASSP 29(6), 1981) at distance d.
double cubic_weight(double a, double d) {
  d = std::abs(d);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  if (d < 2) return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return 0;
}

}  // namespace

ResizeMode::ResizeMode(std::string of_kernel) : kernel(std::move(of_kernel)) {
  if (kernel != "nearest") coordinates = "half_pixel";
}

std::string to_text(const ResizeMode& mode) {
  const ResizeMode usual(mode.kernel);
  std::ostringstream text;
  text << std::setprecision(17) << mode.kernel;
  if (mode.coordinates != usual.coordinates) text << ' ' << mode.coordinates;
  if (mode.rounding != usual.rounding) text << ' ' << mode.rounding;
  if (mode.cubic != usual.cubic) text << " slope " << mode.cubic;
  if (mode.exclude_outside) text << " exclude_outside";
  if (mode.antialias) text << " antialias";
  if (!mode.scales.empty()) text << " scales";
  for (const double scale : mode.scales) text << ' ' << scale;
  return text.str();
}

std::optional<ResizeMode> resize_mode_from(const std::string& text) {
  std::istringstream words(text);
  std::string word;
  words >> word;
  if (word != "nearest" && word != "linear" && word != "cubic") return std::nullopt;
  ResizeMode mode(word);
  while (words >> word) {
    if (is_one_of(word, kCoordinates)) {
      mode.coordinates = word;
    } else if (is_one_of(word, kRoundings)) {
      mode.rounding = word;
    } else if (word == "exclude_outside") {
      mode.exclude_outside = true;
    } else if (word == "antialias") {
      mode.antialias = true;
    } else if (word == "slope") {
      if (!(words >> mode.cubic)) return std::nullopt;
    } else if (word == "scales") {
      double scale = 0;
      while (words >> scale) mode.scales.push_back(scale);
      if (mode.scales.empty() || !words.eof()) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  return mode;
}

std::string resize_kernel(const std::string& text) { return text.substr(0, text.find(' ')); }

std::vector<std::vector<ResizeTap>> resize_taps(const ResizeMode& mode, std::size_t dimension,
                                                std::int64_t from, std::int64_t to) {
  std::vector<std::vector<ResizeTap>> all;
  const double length = static_cast<double>(from), target = static_cast<double>(to);
  const double scale = dimension < mode.scales.size() ? mode.scales[dimension] : target / length;
  const bool same = from == to && scale == 1;
  for (std::int64_t i = 0; i < to; ++i) {
    std::vector<ResizeTap> taps;
    const double x = same ? static_cast<double>(i)
                          : coordinate(mode, static_cast<double>(i), length, target, scale);
    const auto add = [&](double at, double weight) {
      const bool outside = at < 0 || at > length - 1;
      if (outside && mode.exclude_outside) return;
      taps.push_back({static_cast<std::int64_t>(std::clamp(at, 0.0, length - 1)), weight});
    };
    const double left = std::floor(x), share = x - left;
    if (same || mode.kernel == "nearest") {
      taps.push_back(
          {static_cast<std::int64_t>(std::clamp(nearest_of(mode, x), 0.0, length - 1)), 1});
    } else if (mode.kernel == "linear") {
      add(left, 1 - share);
      if (share > 0) add(left + 1, share);
    } else {
      for (double t = -1; t <= 2; ++t) add(left + t, cubic_weight(mode.cubic, share - t));
    }
    double total = 0;
    for (const ResizeTap& tap : taps) total += tap.weight;
    for (ResizeTap& tap : taps) {
      if (mode.exclude_outside && total != 0) tap.weight /= total;
    }
    all.push_back(std::move(taps));
  }
  return all;
}

}  // namespace takt
