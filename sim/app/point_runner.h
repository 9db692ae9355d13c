// SPDX-License-Identifier: Apache-2.0
#pragma once
// The points of a sweep, run as `takt run` would: what sim/sweep cannot know itself.

#include <memory>

#include "sim/sweep/point_model.h"

namespace takt {

std::unique_ptr<PointModel> make_point_runner();

}  // namespace takt
