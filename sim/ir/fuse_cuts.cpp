// SPDX-License-Identifier: Apache-2.0
// Where the stream of a vector region may be cut: into rows, and rows into parts.
#include <algorithm>

#include "sim/ir/fuse_state.h"

namespace takt::fusing {

void allow_cuts(VectorWork& work, std::int64_t inner, std::int64_t step) {
  if (inner > 0 && work.row_run % inner == 0) {
    work.channels = inner;
    work.channel_step = step;
  } else if (step == 1 && inner > 0 && inner % work.row_run == 0) {
    work.channels = work.row_run;
  }
}

/// Innermost elements of a row that no step needs together: those behind the last dimension that
/// one does.
std::int64_t Fuser::free_channels(const Group& group, const RowCut& cut) const {
  const Shape& dims = shape(group.stream);
  std::int64_t inner = 1;
  for (std::size_t i = cut.order.size(); i-- > cut.row_from;) {
    if (group.row_axes.count(cut.order[i]) != 0) break;
    inner *= dims[cut.order[i]];
  }
  return inner;
}

RowCut Fuser::cut_rows(const Group& group, const DimOrder& order) const {
  RowCut cut;
  cut.order = order;
  const Shape& dims = shape(group.stream);
  if (order.empty()) return cut;
  // Channel-last images: a row of pixels with their channels. Otherwise the innermost dimension
  // that has more than one index.
  cut.images = order.size() >= 3 && order == channel_last(order.size());
  cut.row_from = cut.images ? 2 : order.size() - 1;
  while (!cut.images && cut.row_from > 0 && dims[order[cut.row_from]] == 1) --cut.row_from;
  for (std::size_t axis : group.row_axes) {
    const auto at =
        static_cast<std::size_t>(std::find(order.begin(), order.end(), axis) - order.begin());
    cut.row_from = std::min(cut.row_from, at);
  }
  return cut;
}

}  // namespace takt::fusing
