// SPDX-License-Identifier: Apache-2.0
#pragma once
// A vector region as a loop nest: images by tiles of rows; operands in, the vector unit, results
// out. A region that only moves data has no vector op: what is loaded is stored.

#include "models/tpu/nest_parts.h"
#include "sim/backend/region_plan.h"
#include "sim/mapper/vector_space.h"
#include "sim/program/nest.h"

namespace takt {

class VectorNest : public Nest {
 public:
  explicit VectorNest(RegionPlan plan);
  NestRuns runs(int loop, const NestIndex& index) const override;
  bool emit(int action, const NestIndex& index, TileOp& op) const override;

 private:
  /// The last only where rows are cut.
  enum Loop : int { kImages, kRows, kChannels, kLoops };
  enum Action : int { kHostIn, kSync, kLoadWhole, kLoad, kVector, kStore, kHostOut, kLate };

  bool emit_load(std::size_t which, const NestIndex& index, TileOp& op) const;
  bool emit_vector(const NestIndex& index, TileOp& op) const;
  bool emit_store(const NestIndex& index, TileOp& op) const;
  /// Operands that are fetched once, whole.
  std::uint32_t whole_operands() const;
  std::uint64_t ordinal(const NestIndex& index) const;
  bool first(const NestIndex& index) const { return ordinal(index) == 0; }
  bool last(const NestIndex& index) const;
  Range channels(const NestIndex& index) const;
  Place5 place_of(const NestIndex& index) const;
  Box rows_box(const ActivationView& view, Range images, Range rows, std::int64_t row_elements,
               std::int64_t row_run, const NestIndex& index) const;
  SramAccess operand_access(std::size_t which, const NestIndex& index, bool write) const;
  SramAccess output_access(const NestIndex& index, bool write) const;

  RegionPlan plan_;
  VectorSpace space_;
  std::array<NestRuns, kLoops> runs_;
  EarlySyncs syncs_;
};

}  // namespace takt
