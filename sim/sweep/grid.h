// SPDX-License-Identifier: Apache-2.0
#pragma once
// Every combination of a sweep's machines, networks and values, in one fixed order.

#include <vector>

#include "sim/base/result.h"
#include "sim/sweep/sweep.h"

namespace takt {

/// A grid of more cells is refused.
inline constexpr std::size_t kPointsMax = 1'000'000;

/// Machines vary slowest, then networks, then parameters in the order of the file, the last
/// fastest. Constraints are not looked at.
Result<std::vector<Point>> grid_points(const Sweep& sweep);

PointRequest request_of(const Sweep& sweep, const Point& point);

/// "core.matrix.rows=8 batch=4": the values of a point, for people; with its network in front.
std::string parameters_text(const Sweep& sweep, const Point& point);
std::string settings_text(const Sweep& sweep, const Point& point);

/// The same run as arguments of `takt`.
std::string command_text(const PointRequest& request);

}  // namespace takt
