// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "models/common/chip/chip_tlm.h"
#include "models/common/chip/cycle_engine.h"
#include "models/common/chip/cycle_waves_tlm.h"
#include "sim/kernel/kernel.h"

namespace takt {
namespace {

/// The arrays' clock. It is stopped while nothing new is booked: whenever something is, the arrays
/// catch up with the present moment cycle by cycle, after all that happens at it.
class ArrayClock : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(ArrayClock);
  ArrayClock(const sc_core::sc_module_name& name, const ClockDomain& clock, CycleValues& values)
      : sc_module(name), clock_(clock), values_(values) {
    SC_METHOD(step);
    sensitive << wake_;
    dont_initialize();
    values.set_wake([this] { wake_.notify(sc_core::SC_ZERO_TIME); });
  }

 private:
  void step() { values_.run_to(clock_.now()); }

  ClockBridge clock_;
  CycleValues& values_;
  sc_core::sc_event wake_{"wake"};
};

/// Nothing in `part` does anything any more.
void switch_off(const sc_core::sc_object& part) {
  for (sc_core::sc_object* child : part.get_child_objects()) {
    sc_core::sc_process_handle process(child);
    if (process.valid()) process.disable();
    switch_off(*child);
  }
}

class CycleEngine : public Engine {
 public:
  CycleEngine(const Machine& machine, const TileTiming& timing, FunctionalPlayer& values,
              const WaveOptions* waves)
      : machine_(machine), timing_(timing), player_(values), waves_(waves) {}

  Result<EngineResult> run(const Program& program, const RunLimits& limits) override {
    CHECK(program.machine == &machine_) << "a program made for another machine";
    Diagnostics errors = cycle_problems(program);
    if (errors.empty() && waves_ != nullptr) errors = wave_problems(program);
    if (!errors.empty()) return errors;
    prepare_kernel();
    std::optional<WaveArray> waves;
    if (waves_ != nullptr) waves.emplace(program, *waves_);
    CycleValues values(program, player_, waves ? &*waves : nullptr);
    TransactionOptions options;
    options.values = &values;
    ChipTlm chip("chip", program, timing_, limits, options);
    ArrayClock arrays("arrays", machine_.clock, values);
    const Femtoseconds limit = limits.max_cycles.value() > 0
                                   ? machine_.clock.time_of(limits.max_cycles) + Femtoseconds(1)
                                   : Femtoseconds(0);
    const KernelStop stop = run_kernel(limit);
    EngineResult result = chip.result(stop == KernelStop::kLimit);
    if (result.status == EngineResult::Status::kFinished) {
      values.run_to(result.end);
      CHECK(values.idle()) << "the run is over and an array is still at work";
    }
    if (waves) {
      switch_off(chip);  // a run that was stopped has events left
      waves->write();
    }
    return result;
  }

 private:
  const Machine& machine_;
  const TileTiming& timing_;
  FunctionalPlayer& player_;
  const WaveOptions* waves_;
};

}  // namespace

std::unique_ptr<Engine> make_cycle_engine(const Machine& machine, const TileTiming& timing,
                                          FunctionalPlayer& values, const WaveOptions* waves) {
  return std::make_unique<CycleEngine>(machine, timing, values, waves);
}

}  // namespace takt
