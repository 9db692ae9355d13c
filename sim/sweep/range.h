// SPDX-License-Identifier: Apache-2.0
#pragma once
// `{from: 64 KiB, to: 8 MiB, factor: 2}` and `{from: 8, to: 64, step: 8}` as a list of values.

#include <string>
#include <vector>

#include "sim/config/node.h"
#include "sim/sweep/measure.h"

namespace takt {

/// More values of one parameter than this are a mistake.
inline constexpr std::size_t kParameterValuesMax = 10'000;

/// The values from `from` up to and including `to`, if it is met. Empty, with errors at their
/// places, if the map is not a range.
std::vector<Measure> range_values(const Node& node, const std::string& path, Diagnostics& errors);

}  // namespace takt
