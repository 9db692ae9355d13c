// SPDX-License-Identifier: Apache-2.0
#pragma once
// All ops of a program, of all cores, in one order that tokens allow: program order within a unit,
// and as close to program order as tokens let it within a core.

#include "sim/program/program.h"

namespace takt {

/// Who is handed the ops.
class OpTaker {
 public:
  virtual ~OpTaker() = default;
  /// Are all credits there that the op needs?
  virtual bool ready(const TileOp& op) const = 0;
  /// The op is taken: its needs are used up, what it gives is there.
  virtual void take(const TileOp& op) = 0;
  /// An op that can never be taken; the first of each unit is reported.
  virtual void blocked(const TileOp& op) = 0;
};

void play_by_tokens(const Program& program, OpTaker& taker);

}  // namespace takt
