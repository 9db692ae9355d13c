// SPDX-License-Identifier: Apache-2.0
#pragma once
// `--vcd`: plays a run's first passes again on the array of one module a PE, and writes down every
// register. That array knows nothing of the one that counted; each pass must take the same moments
// on it and make the same sums.

#include <functional>
#include <systemc>
#include <vector>

#include "models/common/chip/cycle_array_core.h"
#include "models/common/chip/cycle_engine.h"
#include "models/common/systolic_array/systolic_array_cycle.h"

namespace takt {

class WaveArray : public PassObserver {
 public:
  /// Before the kernel runs: the modules are made here.
  WaveArray(const Program& program, const WaveOptions& options);

  bool wants(UnitId unit) const override {
    return unit == unit_ && !closed_ && passes_.size() < options_.passes;
  }
  void done(UnitId, PassRecord record) override { passes_.push_back(std::move(record)); }

  /// After the kernel has come to rest: runs it on. All but the waves' own processes must be off.
  void write();

 private:
  /// A clock that ticks only while it is told to.
  class Ticks : public sc_core::sc_module {
   public:
    SC_HAS_PROCESS(Ticks);
    explicit Ticks(const sc_core::sc_module_name& name);
    void start(std::function<bool()> more);
    sc_core::sc_signal<bool> clk{"clk", true};

   private:
    void tick();
    sc_core::sc_event begin_{"begin"};
    std::function<bool()> more_;
  };
  Cycles first_cycle() const;
  void push_all(Cycles first);
  /// The sums of a pass as they lie in the accumulators now.
  std::vector<std::int32_t> sums_of(const PassRecord& pass) const;
  void tick_through();
  void check(Cycles first) const;
  /// The kernel's file to `out`, with the run's times and without the date.
  void copy(std::uint64_t began, Cycles first) const;

  const Program& program_;
  const WaveOptions& options_;
  UnitId unit_;
  Ticks ticks_;
  SystolicArrayCycle array_;
  std::vector<PassRecord> passes_;
  std::vector<std::int32_t> sums_;                  ///< accumulators of the waves' own
  std::vector<std::vector<std::int32_t>> results_;  ///< of each pass, when it was done
  bool closed_ = false;
};

}  // namespace takt
