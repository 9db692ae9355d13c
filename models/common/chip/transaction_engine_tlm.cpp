// SPDX-License-Identifier: Apache-2.0
#include "models/common/chip/chip_tlm.h"
#include "models/common/chip/transaction_engine.h"
#include "sim/kernel/kernel.h"

namespace takt {
namespace {

class TransactionEngine : public Engine {
 public:
  TransactionEngine(const Machine& machine, const TileTiming& timing, TransactionOptions options)
      : machine_(machine), timing_(timing), options_(std::move(options)) {}

  Result<EngineResult> run(const Program& program, const RunLimits& limits) override {
    CHECK(program.machine == &machine_) << "a program made for another machine";
    prepare_kernel();
    ChipTlm chip("chip", program, timing_, limits, options_);
    // One femtosecond more than the limit: what happens on that very edge is still played.
    // A limit beyond all that time can count is none.
    const bool limited =
        limits.max_cycles.value() > 0 &&
        limits.max_cycles < machine_.clock.cycle_at(Femtoseconds(UINT64_MAX - UINT64_MAX / 4));
    const Femtoseconds limit =
        limited ? machine_.clock.time_of(limits.max_cycles) + Femtoseconds(1) : Femtoseconds(0);
    const KernelStop stop = run_kernel(limit);
    return chip.result(stop == KernelStop::kLimit);
  }

 private:
  const Machine& machine_;
  const TileTiming& timing_;
  TransactionOptions options_;
};

}  // namespace

std::unique_ptr<Engine> make_transaction_engine(const Machine& machine, const TileTiming& timing) {
  return make_transaction_engine(machine, timing, TransactionOptions{});
}

std::unique_ptr<Engine> make_transaction_engine(const Machine& machine, const TileTiming& timing,
                                                TransactionOptions options) {
  return std::make_unique<TransactionEngine>(machine, timing, std::move(options));
}

}  // namespace takt
