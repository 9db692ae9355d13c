// SPDX-License-Identifier: Apache-2.0
#pragma once
// Is a program right, before anybody plays it? A streaming pass over the ops of all cores, with
// memory for what is live only. What it finds is a bug of ours, never the user's: the app ends with
// exit code 6.
//
// Checked: every access within its buffer, accumulators, tensor; nothing read before it is written
// and nothing overwritten before its last reader is through, by the tokens alone and not by luck of
// timing; no credit used that is not there, all back at the end; no circle of waits; the MACs
// asked for; every element of every result written once, and stored or sent to the host once.

#include <memory>
#include <string>
#include <vector>

#include "sim/base/stop.h"
#include "sim/program/token_play.h"

namespace takt {

struct Verification {
  std::vector<std::string> findings;  ///< each names op, unit, layer, and bytes or channel
  std::uint64_t more = 0;             ///< findings that were not kept
  std::uint64_t ops = 0;
  bool ok() const { return findings.empty(); }
};

/// Takes ops in an order that tokens allow; within a unit, in program order.
class Verifier : public OpTaker {
 public:
  explicit Verifier(const Program& program, StopFlag stop = nullptr);
  ~Verifier() override;
  /// The first need of `op` that has too few credits, or null if it can be taken.
  const Token* missing(const TileOp& op) const;
  bool ready(const TileOp& op) const override { return missing(op) == nullptr; }
  void take(const TileOp& op) override;
  void blocked(const TileOp& op) override;
  /// All ops were taken: what must hold at the end. Call once, last.
  Verification finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The streams of all cores, interleaved as tokens allow. Throws Stopped soon after `stop` is set.
Verification verify(const Program& program, StopFlag stop = nullptr);

}  // namespace takt
