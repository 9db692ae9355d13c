// SPDX-License-Identifier: Apache-2.0
#pragma once
// The on-chip memories of all cores, and what tile ops lose to each other there.

#include <string>
#include <vector>

#include "models/common/chip/unit_player_core.h"
#include "models/common/sram/sram_core.h"

namespace takt {

class SramBanks : public BankPort {
 public:
  explicit SramBanks(const Program& program);
  Cycles hold_up(PackedOp& op, Part part, Cycles start, Cycles busy) override;
  /// A row a buffer: "core0.unified" with its counters.
  void report(std::vector<UnitResult>& into) const;

 private:
  bool belongs(const PackedOp& op, const SramAccess& access, Part part) const;

  const Program& program_;
  std::vector<SramCore> memories_;  ///< [core][buffer]
};

}  // namespace takt
