// SPDX-License-Identifier: Apache-2.0
#pragma once
// A region's nest as `analytic` plays it: one op for all iterations of a run, with what it costs
// and the tokens between which it stands. Addresses, places and bytes are gone.

#include <vector>

#include "sim/engine/tile_timing.h"
#include "sim/engine/transfer_timing.h"
#include "sim/stats/counts.h"
#include "sim/stats/ledger.h"

namespace takt {

struct FlatOp {
  UnitId unit;
  TileOpKind kind = TileOpKind::kSync;
  UnitAccount wait = UnitAccount::kWaitToken;  ///< what a gap before it is, not on matrix units
  std::uint8_t needs = 0, gives = 0;           ///< how many of each
  std::uint32_t tokens = 0;                    ///< the first of its needs; its gives follow
  MatrixCost matrix;                           ///< kMatrix
  Cycles busy{}, latency{};                    ///< other work
  RequestCost requests;                        ///< transfers
};

/// What ops cost on a machine.
struct OpCosts {
  const Program& program;
  const TileTiming& timing;
  const TransferTiming& transfers;
  FlatOp flat(const TileOp& op) const;
};

class FlatRegion {
 public:
  /// An op, or the start of a run of iterations whose body is the steps up to `end`.
  struct Step {
    std::uint64_t length = 0;  ///< 0 = an op
    std::uint32_t op = 0;
    std::uint32_t end = 0;
  };

  void clear();
  /// Appends the ops of one core; `counts` grows by all of them, iterations multiplied.
  void append(const Nest& nest, std::uint32_t region, const OpCosts& costs, ActionCounts& counts);

  const std::vector<Step>& steps() const { return steps_; }
  const FlatOp& op(std::uint32_t which) const { return ops_[which]; }
  const Token* needs(const FlatOp& op) const { return tokens_.data() + op.tokens; }
  const Token* gives(const FlatOp& op) const { return needs(op) + op.needs; }

 private:
  struct Walk {
    const Nest& nest;
    std::uint32_t region;
    const OpCosts& costs;
    ActionCounts& counts;
    NestIndex index;
  };
  void append_body(const std::vector<NestNode>& nodes, std::uint64_t times, Walk& walk);
  void append_op(const NestNode& node, std::uint64_t times, Walk& walk);
  void append_loop(const NestNode& node, std::uint64_t times, Walk& walk);

  std::vector<Step> steps_;
  std::vector<FlatOp> ops_;
  std::vector<Token> tokens_;
  TileOp scratch_;
};

}  // namespace takt
