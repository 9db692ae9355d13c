// SPDX-License-Identifier: Apache-2.0
#include "models/common/systolic_array/systolic_timing.h"

#include <gtest/gtest.h>

#include "sim/base/math.h"
#include "sim/engine/matrix_unit_core.h"

namespace takt {
namespace {

Machine machine_of(Dataflow dataflow, std::uint32_t rows, std::uint32_t cols) {
  Machine machine;
  machine.matrix.rows = rows;
  machine.matrix.cols = cols;
  machine.matrix.dataflow = dataflow;
  machine.matrix.rate[static_cast<std::size_t>(DType::kInt8)] = {1, 1};
  machine.matrix.rate[static_cast<std::size_t>(DType::kInt16)] = {1, 3};
  machine.matrix.rate[static_cast<std::size_t>(DType::kFp8)] = {2, 1};
  machine.vector.lanes = 64;
  machine.vector.latency = Cycles(9);
  return machine;
}

TileOp tile(std::uint32_t m, std::uint32_t n, std::uint32_t k, DType dtype = DType::kInt8) {
  TileOp op;
  op.kind = TileOpKind::kMatrix;
  op.matrix.m = m;
  op.matrix.n = n;
  op.matrix.k = k;
  op.matrix.dtype = dtype;
  return op;
}

TEST(SystolicTiming, WeightStationary) {
  const SystolicTiming timing(machine_of(Dataflow::kWeightStationary, 8, 4));
  MatrixCost cost = timing.matrix(tile(10, 3, 5));
  EXPECT_EQ(cost.load, Cycles(8));
  EXPECT_EQ(cost.issue, Cycles(10));
  EXPECT_EQ(cost.drain, Cycles(8 + 4 - 2));
  EXPECT_EQ(cost.unload, Cycles(0));
  EXPECT_EQ(cost.useful, Cycles(10 * 15 / 32));
  EXPECT_EQ(cost.stationary, StallCause::kWeights);
  TileOp again = tile(10, 3, 5);
  again.matrix.load_stationary = false;
  EXPECT_EQ(timing.matrix(again).load, Cycles(0));
}

// Rows of 7 pixels in commands of 4 that take 5 cycles: 5 + 5 for each of two rows, 5 for the
// last 2.
TEST(SystolicTiming, CommandsOfFewRowsTakeTheirInterval) {
  Machine machine = machine_of(Dataflow::kWeightStationary, 8, 4);
  machine.matrix.command_rows = 4;
  machine.matrix.command_interval = Cycles(5);
  const SystolicTiming timing(machine);
  TileOp op = tile(16, 4, 8);
  EXPECT_EQ(timing.matrix(op).issue, Cycles(16)) << "not of an image";
  op.matrix.row = 7;
  EXPECT_EQ(timing.matrix(op).issue, Cycles(25));
  EXPECT_EQ(timing.matrix(op).useful, Cycles(16));
  op.matrix.row = 16;
  EXPECT_EQ(timing.matrix(op).issue, Cycles(20));
}

// As above. The next weights take 14 cycles beside the last 2 rows: 14 rows before them make 28,
// three more than the intervals. Of 4 rows, 12 and 14 make 26.
TEST(SystolicTiming, TheLastCommandWaitsForTheNextWeights) {
  Machine machine = machine_of(Dataflow::kWeightStationary, 8, 4);
  machine.matrix.command_rows = 4;
  machine.matrix.command_interval = Cycles(5);
  machine.matrix.command_preload = Cycles(14);
  const SystolicTiming timing(machine);
  TileOp op = tile(16, 4, 8);
  EXPECT_EQ(timing.matrix(op).issue, Cycles(16)) << "not of an image";
  op.matrix.row = 7;
  EXPECT_EQ(timing.matrix(op).issue, Cycles(28));
  op.matrix.row = 16;
  EXPECT_EQ(timing.matrix(op).issue, Cycles(26));
  machine.matrix.command_preload = Cycles(8);
  EXPECT_EQ(SystolicTiming(machine).matrix(op).issue, Cycles(20)) << "hidden";
}

TEST(SystolicTiming, InputStationaryExchangesRowsAndColumnsOfTheOutput) {
  const SystolicTiming timing(machine_of(Dataflow::kInputStationary, 8, 4));
  const MatrixCost cost = timing.matrix(tile(3, 10, 5));
  EXPECT_EQ(cost.load, Cycles(8));
  EXPECT_EQ(cost.issue, Cycles(10));
  EXPECT_EQ(cost.drain, Cycles(10));
  EXPECT_EQ(cost.useful, Cycles(10 * 15 / 32));
  EXPECT_EQ(cost.stationary, StallCause::kInputs);
}

TEST(SystolicTiming, OutputStationaryUnloads) {
  const SystolicTiming timing(machine_of(Dataflow::kOutputStationary, 8, 4));
  const MatrixCost cost = timing.matrix(tile(7, 3, 100));
  EXPECT_EQ(cost.load, Cycles(0));
  EXPECT_EQ(cost.issue, Cycles(100));
  EXPECT_EQ(cost.unload, Cycles(8));
  EXPECT_EQ(cost.drain, Cycles(2 * 8 + 4 - 2));
  EXPECT_EQ(cost.useful, Cycles(100 * 21 / 32));
}

TEST(SystolicTiming, SlowTypesStretchTheRowsAndFastOnesDeepenTheArray) {
  const SystolicTiming timing(machine_of(Dataflow::kWeightStationary, 8, 4));
  EXPECT_EQ(timing.matrix(tile(10, 4, 8, DType::kInt16)).issue, Cycles(30));
  const MatrixCost fast = timing.matrix(tile(10, 4, 15, DType::kFp8));
  EXPECT_EQ(fast.issue, Cycles(10));
  EXPECT_EQ(fast.useful, Cycles(10));  // 15 elements on 8 rows of 2
  const SystolicTiming os(machine_of(Dataflow::kOutputStationary, 8, 4));
  EXPECT_EQ(os.matrix(tile(8, 4, 15, DType::kFp8)).issue, Cycles(8));
}

TEST(SystolicTiming, ATileThatDoesNotFitIsOurBug) {
  const SystolicTiming ws(machine_of(Dataflow::kWeightStationary, 8, 4));
  EXPECT_THROW(ws.matrix(tile(1, 5, 1)), InternalError);
  EXPECT_THROW(ws.matrix(tile(1, 1, 9)), InternalError);
  EXPECT_THROW(ws.matrix(tile(1, 1, 17, DType::kFp8)), InternalError);
  EXPECT_THROW(ws.matrix(tile(1, 1, 0)), InternalError);
  EXPECT_THROW(ws.matrix(tile(1, 1, 1, DType::kFp32)), InternalError);
  const SystolicTiming os(machine_of(Dataflow::kOutputStationary, 8, 4));
  EXPECT_THROW(os.matrix(tile(9, 1, 1)), InternalError);
}

TEST(SystolicTiming, OneBufferExcludesOverlap) {
  Machine machine = machine_of(Dataflow::kWeightStationary, 8, 4);
  EXPECT_TRUE(SystolicTiming(machine).matrix(tile(1, 1, 1)).overlap_load);
  machine.matrix.weight_buffers = 1;
  EXPECT_FALSE(SystolicTiming(machine).matrix(tile(1, 1, 1)).overlap_load);
  EXPECT_FALSE(SystolicTiming(machine).matrix(tile(1, 1, 1)).overlap_unload);
}

/// Cycles of a whole GEMM, fold after fold, in SCALE-Sim's timing; rows that stream are cut into
/// passes of at most `pass`, which must not matter.
std::uint64_t scalesim_cycles(Dataflow dataflow, std::uint32_t rows, std::uint32_t cols,
                              std::uint32_t m, std::uint32_t n, std::uint32_t k,
                              std::uint32_t pass) {
  Machine machine = machine_of(dataflow, rows, cols);
  machine.matrix.timing = MatrixUnit::Timing::kScaleSim;
  const SystolicTiming timing(machine);
  MatrixUnitCore unit(true);
  const bool outputs = dataflow == Dataflow::kOutputStationary;
  const bool inputs = dataflow == Dataflow::kInputStationary;
  const std::uint32_t down = outputs ? m : k, across = inputs ? m : n;
  const std::uint32_t streamed = outputs ? k : inputs ? n : m;
  Cycles end{};
  for (std::uint32_t d = 0; d < down; d += rows) {
    for (std::uint32_t a = 0; a < across; a += cols) {
      for (std::uint32_t s = 0; s < streamed; s += pass) {
        const std::uint32_t td = std::min(rows, down - d), ta = std::min(cols, across - a);
        const std::uint32_t ts = std::min(pass, streamed - s);
        TileOp op = outputs ? tile(td, ta, ts) : inputs ? tile(ta, ts, td) : tile(ts, ta, td);
        op.matrix.load_stationary = s == 0;
        op.region = 7;
        end = unit.issue(timing.matrix(op), {}).done;
      }
    }
  }
  return end.value();
}

// Samajdar et al., "A systematic methodology for characterizing scalability of DNN accelerators
// using SCALE-Sim", ISPASS 2020, eq. 3: a fold takes 2R + C + T - 2 cycles, R of them the load
// (which stationary outputs do not have). SCALE-Sim v2 prints the number of the last cycle, from 0.
TEST(SystolicTiming, ScaleSimFoldsAddUp) {
  for (const auto& [rows, cols] : {std::pair{8u, 8u}, {16u, 32u}, {128u, 128u}}) {
    for (const auto& [m, n, k] : {std::array{1u, 1u, 1u}, {100u, 50u, 70u}, {300u, 129u, 257u}}) {
      for (const std::uint32_t pass : {1000u, 64u}) {
        const std::uint64_t ws =
            ceil_div(k, rows) * ceil_div(n, cols) * (2 * rows + cols + m - 2) - 1;
        const std::uint64_t is =
            ceil_div(k, rows) * ceil_div(m, cols) * (2 * rows + cols + n - 2) - 1;
        EXPECT_EQ(scalesim_cycles(Dataflow::kWeightStationary, rows, cols, m, n, k, pass), ws);
        EXPECT_EQ(scalesim_cycles(Dataflow::kInputStationary, rows, cols, m, n, k, pass), is);
      }
      const std::uint64_t os = ceil_div(m, rows) * ceil_div(n, cols) * (rows + cols + k - 2) - 1;
      EXPECT_EQ(scalesim_cycles(Dataflow::kOutputStationary, rows, cols, m, n, k, 1000), os);
    }
  }
}

TEST(SystolicTiming, VectorWorkIsTheVectorUnits) {
  const SystolicTiming timing(machine_of(Dataflow::kWeightStationary, 8, 4));
  TileOp op;
  op.kind = TileOpKind::kVector;
  op.vector.lane_ops = 65;
  EXPECT_EQ(timing.vector_busy(op), Cycles(2));
  EXPECT_EQ(timing.vector_latency(), Cycles(9));
}

}  // namespace
}  // namespace takt
