// SPDX-License-Identifier: Apache-2.0
#include "sim/app/layer_work.h"

#include <algorithm>

#include "models/common/systolic_array/systolic_timing.h"

namespace takt {

void LayerWork::span(const TileOp& op, Cycles start, Cycles end) {
  if (op.region != region_) return;
  busy_.at(op.unit.index) += end - start;
  if (op.kind != TileOpKind::kMatrix || array_.dataflow == Dataflow::kRowStationary) return;
  const PassExtents extents = pass_extents(array_, op.matrix);
  const std::uint64_t cycles = (end - start).value();
  row_cycles_ += static_cast<uint128>(extents.used_rows) * cycles;
  col_cycles_ += static_cast<uint128>(extents.used_cols) * cycles;
  cycles_ += cycles;
  groups_ = std::max(groups_, op.matrix.blocks);
}

std::optional<ArrayUse> LayerWork::array_use() const {
  if (cycles_ == 0) return std::nullopt;
  const auto mean = [this](uint128 sum) {
    return static_cast<double>(sum) / static_cast<double>(cycles_);
  };
  return ArrayUse{array_.rows, array_.cols, mean(row_cycles_), mean(col_cycles_), groups_};
}

}  // namespace takt
