// SPDX-License-Identifier: Apache-2.0
#pragma once
// One array of the chip with values: the PE-level array of models/common/systolic_array, fed from
// the bytes of its core's buffers and writing its core's accumulators. It decides by its own
// registers when loads and passes begin; what it counts must be what the closed form foresaw.

#include <memory>

#include "sim/engine/matrix_unit_core.h"
#include "sim/functional/player.h"

namespace takt {

/// What one pass took in and made, for who plays it again (cycle_waves_tlm.h).
struct PassRecord {
  MatrixTile shape;
  std::vector<std::int8_t> a, b;  ///< [m, k], [k, n]; of an operand used again: empty
  std::vector<std::int32_t> out;  ///< [m, n] sums when it was done
  std::uint64_t accumulator = 0;  ///< its first row
  Cycles a_ready{}, b_ready{};
  Booking moments;
};

/// Sees passes in the order in which they are done.
class PassObserver {
 public:
  virtual ~PassObserver() = default;
  virtual bool wants(UnitId unit) const = 0;
  virtual void done(UnitId unit, PassRecord record) = 0;
};

class CycleArray {
 public:
  virtual ~CycleArray() = default;
  /// The next pass of the unit's stream.
  virtual void push(const TileOp& op) = 0;
  /// The stationary operand of the pass `sequence` may be taken from `ready` on.
  virtual void operand_ready(std::uint64_t sequence, Cycles ready) = 0;
  /// All else may be from `ready` on, and these moments are foreseen.
  virtual void plan(std::uint64_t sequence, Cycles ready, const Booking& foreseen) = 0;
  /// Steps through all cycles before `now`. CHECKs that finished passes took what was foreseen.
  virtual void run_to(Cycles now) = 0;
  /// Every pass is done.
  virtual bool idle() const = 0;
};

/// The array `unit` of a program whose passes all compute in `dtype`; `values` has its memories.
/// All references must outlive it; `observer` (int8 only) may be null.
std::unique_ptr<CycleArray> make_cycle_array(const Program& program, UnitId unit, DType dtype,
                                             FunctionalPlayer& values, PassObserver* observer);

}  // namespace takt
