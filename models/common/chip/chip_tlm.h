// SPDX-License-Identifier: Apache-2.0
#pragma once
// The chip: units, sequencer, tokens and memories, put together for one run.

#include <memory>
#include <systemc>
#include <vector>

#include "models/common/chip/matrix_player_core.h"
#include "models/common/chip/memory_system_tlm.h"
#include "models/common/chip/transaction_engine.h"
#include "models/common/chip/unit_tlm.h"

namespace takt {

class ChipTlm : public sc_core::sc_module, private Waker, private SequencerListener {
 public:
  ChipTlm(const sc_core::sc_module_name& name, const Program& program, const TileTiming& timing,
          const RunLimits& limits, const TransactionOptions& options);
  ~ChipTlm() override;

  /// After the kernel has come to rest: what the run was.
  EngineResult result(bool hit_limit);

 private:
  std::unique_ptr<UnitPlayer> make_player(UnitId unit);
  void build_units();
  void wake(UnitId unit, Cycles when) override { shells_[unit.index]->wake(when); }
  void dispatched(const TileOp& op) override { tally_.dispatched(op); }
  void passed(std::uint32_t core, std::size_t region) override { tally_.passed(core, region); }
  void refilled(UnitId unit) override { wake(unit, Cycles(0)); }
  void describe_blocked(EngineResult& result) const;

  const Program& program_;
  const RunLimits& limits_;
  ClockBridge clock_;
  Watchdog watchdog_;
  TokenBoard board_;
  SequencerCore sequencer_;
  RunTally tally_;
  std::unique_ptr<MemorySystemTlm> memory_;  ///< null: memory is ideal, transfers are plain pipes
  PlayerContext context_;
  std::vector<std::unique_ptr<UnitPlayer>> players_;         ///< by UnitId
  std::vector<std::unique_ptr<sc_core::sc_module>> groups_;  ///< "core0", "host": only names
  std::vector<std::unique_ptr<UnitTlm>> shells_;             ///< by UnitId
};

}  // namespace takt
