// SPDX-License-Identifier: Apache-2.0
#pragma once
// What `takt explain` says of a layer, as text and as JSON.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/app/layer_work.h"
#include "sim/app/relief.h"
#include "sim/stats/record.h"

namespace takt {

struct Explanation {
  const RunRecord& record;
  const LayerRecord& layer;
  const Program& program;
  std::vector<Cycles> busy;  ///< by unit
  std::optional<ArrayUse> array;
  ReliefReport relief;
};

std::string explanation_text(const Explanation& explanation);
nlohmann::ordered_json explanation_json(const Explanation& explanation);

}  // namespace takt
