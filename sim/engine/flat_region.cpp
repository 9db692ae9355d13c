// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/flat_region.h"

#include "sim/engine/engine.h"
#include "sim/engine/waits.h"

namespace takt {

FlatOp OpCosts::flat(const TileOp& op) const {
  FlatOp flat;
  flat.unit = op.unit;
  flat.kind = op.kind;
  flat.needs = static_cast<std::uint8_t>(op.needs.size());
  flat.gives = static_cast<std::uint8_t>(op.gives.size());
  flat.wait = wait_account(program, op);
  switch (op.kind) {
    case TileOpKind::kLoad:
    case TileOpKind::kStore: {
      const TransferCost cost = transfers.cost(op.transfer);
      flat.busy = cost.occupancy;
      flat.latency = cost.latency;
      flat.requests = cost.requests;
      break;
    }
    case TileOpKind::kVector:
      flat.busy = timing.vector_busy(op);
      flat.latency = timing.vector_latency();
      break;
    case TileOpKind::kMatrix: flat.matrix = timing.matrix(op); break;
    case TileOpKind::kSync: flat.busy = op.delay; break;
  }
  return flat;
}

void FlatRegion::clear() {
  steps_.clear();
  ops_.clear();
  tokens_.clear();
}

void FlatRegion::append(const Nest& nest, std::uint32_t region, const OpCosts& costs,
                        ActionCounts& counts) {
  Walk walk{nest, region, costs, counts, NestIndex(nest.loops().size(), 0)};
  append_body(nest.body(), 1, walk);
}

void FlatRegion::append_body(const std::vector<NestNode>& nodes, std::uint64_t times, Walk& walk) {
  for (const NestNode& node : nodes) {
    if (node.loop < 0) {
      append_op(node, times, walk);
    } else {
      append_loop(node, times, walk);
    }
  }
}

void FlatRegion::append_op(const NestNode& node, std::uint64_t times, Walk& walk) {
  scratch_.clear();
  if (!walk.nest.emit(node.action, walk.index, scratch_)) return;
  scratch_.region = walk.region;
  FlatOp op = walk.costs.flat(scratch_);
  op.tokens = static_cast<std::uint32_t>(tokens_.size());
  tokens_.insert(tokens_.end(), scratch_.needs.begin(), scratch_.needs.end());
  tokens_.insert(tokens_.end(), scratch_.gives.begin(), scratch_.gives.end());
  steps_.push_back({0, static_cast<std::uint32_t>(ops_.size()), 0});
  ops_.push_back(op);
  ActionCounts one;
  count(scratch_, one);
  for (std::size_t w = 0; w < ActionCounts::kWords; ++w) {
    walk.counts.words()[w] += one.words()[w] * times;
  }
}

void FlatRegion::append_loop(const NestNode& node, std::uint64_t times, Walk& walk) {
  const auto loop = static_cast<std::size_t>(node.loop);
  std::uint64_t done = 0;
  for (const std::uint64_t length : walk.nest.runs(node.loop, walk.index)) {
    if (length == 0) continue;
    walk.index[loop] = done;
    done += length;
    const std::size_t run = steps_.size();
    if (length > 1) steps_.push_back({length, 0, 0});
    append_body(node.children, times * length, walk);
    if (length > 1) steps_[run].end = static_cast<std::uint32_t>(steps_.size());
  }
  walk.index[loop] = 0;
}

}  // namespace takt
