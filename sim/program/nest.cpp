// SPDX-License-Identifier: Apache-2.0
#include "sim/program/nest.h"

#include <utility>

namespace takt {

FlatNest::FlatNest(std::vector<TileOp> ops) : ops_(std::move(ops)) {
  for (std::size_t i = 0; i < ops_.size(); ++i) {
    NestNode node;
    node.action = static_cast<int>(i);
    body_.push_back(node);
  }
}

NestRuns FlatNest::runs(int, const NestIndex&) const { return {}; }

bool FlatNest::emit(int action, const NestIndex&, TileOp& op) const {
  op = ops_[static_cast<std::size_t>(action)];
  return true;
}

NestCursor::NestCursor(const Nest& nest) : nest_(nest), index_(nest.loops().size(), 0) {
  stack_.push_back({&nest.body(), -1, 0, 1});
}

bool NestCursor::next(TileOp& op) {
  while (!stack_.empty()) {
    Frame& frame = stack_.back();
    if (frame.child == frame.nodes->size()) {
      // The end of a body: the next iteration of its loop, or back to the body around it.
      if (frame.loop >= 0) {
        const std::size_t loop = static_cast<std::size_t>(frame.loop);
        if (++index_[loop] < frame.count) {
          frame.child = 0;
          continue;
        }
        index_[loop] = 0;
      }
      stack_.pop_back();
      continue;
    }
    const NestNode& node = (*frame.nodes)[frame.child++];
    if (node.loop >= 0) {
      std::uint64_t count = 0;
      for (const std::uint64_t run : nest_.runs(node.loop, index_)) count += run;
      if (count > 0) stack_.push_back({&node.children, node.loop, 0, count});
      continue;
    }
    op.clear();
    if (nest_.emit(node.action, index_, op)) return true;
  }
  return false;
}

}  // namespace takt
