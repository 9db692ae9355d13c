// SPDX-License-Identifier: Apache-2.0
// PE-cycles a second of the PE-level array, and evaluations a second of the closed form.

#include <benchmark/benchmark.h>

#include <vector>

#include "models/common/systolic_array/systolic_array_core.h"
#include "models/common/systolic_array/systolic_timing.h"

namespace takt {
namespace {

MatrixUnit unit_of(std::int64_t side, Dataflow dataflow, DType dtype) {
  MatrixUnit unit;
  unit.rows = unit.cols = static_cast<std::uint32_t>(side);
  unit.dataflow = dataflow;
  unit.rate[static_cast<std::size_t>(dtype)] = {1, 1};
  return unit;
}

/// Back to back tiles of `m` streamed rows on a full array, each with operands of its own.
template <class Operand, class Sum>
void step_array(benchmark::State& state, DType dtype) {
  const auto dataflow = static_cast<Dataflow>(state.range(1));
  const MatrixUnit unit = unit_of(state.range(0), dataflow, dtype);
  const std::uint32_t side = unit.rows;
  const auto streamed = static_cast<std::uint32_t>(state.range(2));
  const bool outputs_stay = dataflow == Dataflow::kOutputStationary;
  ArrayTile<Operand, Sum> tile;
  tile.m = dataflow == Dataflow::kWeightStationary ? streamed : side;
  tile.n = dataflow == Dataflow::kInputStationary ? streamed : side;
  tile.k = outputs_stay ? streamed : side;
  const std::vector<Operand> a(std::size_t{tile.m} * tile.k, Operand{3});
  const std::vector<Operand> b(std::size_t{tile.k} * tile.n, Operand{5});
  std::vector<Sum> out(std::size_t{tile.m} * tile.n);
  tile.a = {a.data(), static_cast<std::ptrdiff_t>(tile.k), 1};
  tile.b = {b.data(), static_cast<std::ptrdiff_t>(tile.n), 1};
  tile.out = {out.data(), static_cast<std::ptrdiff_t>(tile.n), 1};
  SystolicArray<Operand, Sum> array(unit, dtype);
  for (int i = 0; i < 4; ++i) array.push(tile);
  for (auto _ : state) {
    array.step();
    while (array.take_done()) array.push(tile);
  }
  benchmark::DoNotOptimize(out.data());
  state.counters["pe_cycles"] =
      benchmark::Counter(static_cast<double>(side) * side * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate);
}

void int8_array(benchmark::State& state) {
  step_array<std::int8_t, std::int32_t>(state, DType::kInt8);
}
void int16_array(benchmark::State& state) {
  step_array<std::int16_t, std::int32_t>(state, DType::kInt16);
}
void float_array(benchmark::State& state) { step_array<float, float>(state, DType::kFp32); }

// side, dataflow (0 weight, 1 output, 2 input stationary), streamed rows a tile
BENCHMARK(int8_array)
    ->Args({128, 0, 512})
    ->Args({128, 0, 128})
    ->Args({128, 1, 512})
    ->Args({128, 2, 512})
    ->Args({256, 0, 1024})
    ->Args({32, 0, 128})
    ->Args({16, 0, 64});
BENCHMARK(int16_array)->Args({128, 0, 512});
BENCHMARK(float_array)->Args({128, 0, 512});

void closed_form(benchmark::State& state) {
  Machine machine;
  machine.matrix = unit_of(128, Dataflow::kWeightStationary, DType::kInt8);
  const SystolicTiming timing(machine);
  TileOp op;
  op.kind = TileOpKind::kMatrix;
  op.matrix = {512, 100, 128};
  MatrixUnitCore unit(true);
  const Waits waits;
  for (auto _ : state) benchmark::DoNotOptimize(unit.issue(timing.matrix(op), waits));
}
BENCHMARK(closed_form);

}  // namespace
}  // namespace takt
