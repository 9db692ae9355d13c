// SPDX-License-Identifier: Apache-2.0
#pragma once
// A program is a compact loop nest with a deterministic expander, not a list. `analytic` and the
// mapper evaluate the nest itself; everybody else consumes the expansion as a stream.

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/program/tile_op.h"

namespace takt {

/// Iterations of a loop, grouped into consecutive runs of the same class: two iterations of one run
/// emit the same ops in every respect but addresses and places (a test holds the nests to that).
/// First, last and ragged iterations are runs of their own.
using NestRuns = FixedVector<std::uint64_t, 64>;

/// One loop. A ragged outer tile may hold fewer iterations than a full one.
struct NestLoop {
  const char* name = "";  ///< "n", "p", "o", "c" of the buffer level; "m1", "n1", "k1" of the array
  std::uint64_t count_max = 1;
};

/// A node of the nest: a loop over children, or (loop < 0) the op that `action` names.
struct NestNode {
  int loop = -1;
  int action = -1;
  std::vector<NestNode> children;
};

/// Indices of all loops, by position in Nest::loops.
using NestIndex = std::vector<std::uint64_t>;

class Nest {
 public:
  virtual ~Nest() = default;
  const std::vector<NestLoop>& loops() const { return loops_; }
  const std::vector<NestNode>& body() const { return body_; }
  /// Runs of `loop` at the indices of the loops around it; they sum to its count, which may be 0.
  virtual NestRuns runs(int loop, const NestIndex& index) const = 0;
  /// Fills `op` (cleared by the caller) for `action` at `index`. False: no op there (a load that is
  /// skipped, say); that too must depend on the classes of the iterations only.
  virtual bool emit(int action, const NestIndex& index, TileOp& op) const = 0;

 protected:
  std::vector<NestLoop> loops_;
  std::vector<NestNode> body_;
};

/// A nest that is a plain list: what reading back a text form gives.
class FlatNest : public Nest {
 public:
  explicit FlatNest(std::vector<TileOp> ops);
  NestRuns runs(int loop, const NestIndex& index) const override;
  bool emit(int action, const NestIndex& index, TileOp& op) const override;

 private:
  std::vector<TileOp> ops_;
};

/// Walks a nest op by op, in order. Cheap to restart.
class NestCursor {
 public:
  explicit NestCursor(const Nest& nest);
  /// The next op, or false at the end. `op.sequence` and `op.region` are the caller's to set.
  bool next(TileOp& op);

 private:
  struct Frame {
    const std::vector<NestNode>* nodes;
    int loop;  ///< whose body `nodes` is; -1 = the nest's own
    std::size_t child;
    std::uint64_t count;  ///< iterations of that loop here
  };
  const Nest& nest_;
  NestIndex index_;
  std::vector<Frame> stack_;
};

}  // namespace takt
