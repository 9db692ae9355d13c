// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the units do for one layer of a run, op by op.

#include <optional>
#include <vector>

#include "sim/base/math.h"
#include "sim/engine/engine.h"

namespace takt {

/// How much of a systolic array holds data, as a mean over the cycles in which operands enter.
struct ArrayUse {
  std::uint32_t rows = 0, cols = 0;     ///< of PEs that there are
  double used_rows = 0, used_cols = 0;  ///< that hold data
  std::uint32_t groups = 1;  ///< most that share a pass: PEs off their diagonal hold zeros
};

class LayerWork : public SpanSink {
 public:
  LayerWork(const Program& program, std::uint32_t region)
      : busy_(program.units.size()), array_(program.machine->matrix), region_(region) {}

  void span(const TileOp& op, Cycles start, Cycles end) override;
  void counter(const std::string&, Cycles, std::uint64_t) override {}

  /// Cycles by unit.
  const std::vector<Cycles>& busy() const { return busy_; }
  /// Absent without passes. A row-stationary array, where sets of PEs stand for rows and columns,
  /// has none either.
  std::optional<ArrayUse> array_use() const;

 private:
  std::vector<Cycles> busy_;
  const MatrixUnit& array_;
  std::uint32_t region_;
  uint128 row_cycles_ = 0, col_cycles_ = 0;  ///< sums over passes of rows, columns x cycles
  std::uint64_t cycles_ = 0;
  std::uint32_t groups_ = 1;
};

}  // namespace takt
