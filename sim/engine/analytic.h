// SPDX-License-Identifier: Apache-2.0
#pragma once
// The closed-form engine: a max-plus recurrence over the program's nest, without SystemC. Where an
// iteration of a loop leaves the same state as the one before, shifted in time, the rest of that
// run of iterations is skipped in one step; the result is the same as op by op (a test says so).

#include <memory>

#include "sim/engine/engine.h"

namespace takt {

class AnalyticEngine : public Engine {
 public:
  enum class Jumps { kOn, kOff };  ///< off: op by op, for tests and timelines
  /// `timing` must outlive the engine.
  explicit AnalyticEngine(const TileTiming& timing, Jumps jumps = Jumps::kOn)
      : timing_(timing), jumps_(jumps) {}
  Result<EngineResult> run(const Program& program, const RunLimits& limits) override;

 private:
  const TileTiming& timing_;
  Jumps jumps_;
};

}  // namespace takt
