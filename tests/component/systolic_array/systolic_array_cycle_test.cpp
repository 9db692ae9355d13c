// SPDX-License-Identifier: Apache-2.0
// The array of one module a PE and the array in plain memory run the same tiles in lockstep: every
// register is the same at every cycle looked at, and so are moments and values. Each simulation
// runs in a child, so that the tests also pass in one process.
#include "models/common/systolic_array/systolic_array_cycle.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "models/common/systolic_array/systolic_array_core.h"
#include "sim/kernel/child_process.h"
#include "sim/kernel/kernel.h"
#include "tests/property/systolic/random_tiles.h"

namespace takt {
namespace {

using Sequence = TileSequence<std::int8_t, std::int32_t>;
using PlainArray = SystolicArray<std::int8_t, std::int32_t>;

Sequence pipelined_sequence(Random& random, std::uint32_t side_max) {
  for (;;) {
    Sequence s = random_sequence<std::int8_t, std::int32_t>(random, DType::kInt8, side_max, true);
    const MacRate rate = s.unit.rate_of(DType::kInt8);
    if (s.unit.timing == MatrixUnit::Timing::kPipelined && rate.numerator <= rate.denominator) {
      return s;
    }
  }
}

/// Both arrays with the same tiles.
struct Twins {
  Twins(const char* name, Sequence tiles)
      : sequence(std::move(tiles)),
        modules(name, sequence.unit),
        plain(sequence.unit, DType::kInt8) {
    for (const Sequence::Item& item : sequence.items) {
      module_outs.push_back(item.out);
      plain_outs.push_back(item.out);
      modules.push(array_tile<std::int8_t, std::int32_t>(item, module_outs.back()));
      plain.push(array_tile<std::int8_t, std::int32_t>(item, plain_outs.back()));
    }
  }

  /// The first register in which they differ, or nothing.
  std::string difference() const {
    const bool outputs = sequence.unit.dataflow == Dataflow::kOutputStationary;
    for (std::size_t r = 0; r < sequence.unit.rows; ++r) {
      for (std::size_t c = 0; c < sequence.unit.cols; ++c) {
        const std::string at = "(" + std::to_string(r) + "," + std::to_string(c) + ") ";
        if (outputs) {
          const auto& grid = plain.output_grid();
          if (modules.moving(r, c) != grid.moving_right(r, c)) return at + "right";
          if (modules.moving_down(r, c) != grid.moving_down(r, c)) return at + "down";
          if (modules.sum(r, c) != grid.sum(r, c)) return at + "sum";
          if (modules.chain(r, c) != grid.chain(r, c)) return at + "chain";
        } else {
          const auto& grid = plain.stationary_grid();
          if (modules.moving(r, c) != grid.moving(r, c)) return at + "data";
          if (modules.sum(r, c) != grid.sum(r, c)) return at + "sum";
          if (modules.stationary(r, c) != grid.stationary(r, c)) return at + "stationary";
          if (modules.shadow(r, c) != grid.shadow(r, c)) return at + "shadow";
        }
      }
    }
    return "";
  }

  /// The first tile whose moments or values differ, once both have finished.
  std::string wrong_tile() {
    for (std::size_t i = 0; i < sequence.items.size(); ++i) {
      const Booking& a = modules.moments(i);
      const Booking& b = plain.moments(i);
      const std::string tile = "tile " + std::to_string(i) + " ";
      if (a.loaded != b.loaded) return tile + "loaded";
      if (a.start != b.start) return tile + "start";
      if (a.issued != b.issued) return tile + "issued";
      if (a.done != b.done) return tile + "done";
      if (module_outs[i] != plain_outs[i]) return tile + "values";
      const auto product = plain_product<std::int8_t, std::int32_t>(sequence.items[i]);
      if (module_outs[i] != product) return tile + "product";
    }
    return "";
  }

  Sequence sequence;
  std::deque<std::vector<std::int32_t>> module_outs, plain_outs;
  SystolicArrayCycle modules;
  PlainArray plain;
};

/// Ten pairs of arrays in one simulation, stopped at random cycles. Returns what differs, or
/// "cycles registers", how many were looked at.
std::string compare_twins(std::uint64_t seed, std::uint32_t side_max) {
  prepare_kernel();
  Random random(seed);
  const sc_core::sc_time period(1, sc_core::SC_NS);
  sc_core::sc_clock clock("clock", period, 0.5, sc_core::SC_ZERO_TIME, false);
  std::deque<Twins> pairs;
  for (int i = 0; i < 10; ++i) {
    pairs.emplace_back(("array" + std::to_string(i)).c_str(), pipelined_sequence(random, side_max));
    pairs.back().modules.clk(clock);
  }
  std::uint64_t cycle = 0, registers = 0;
  const auto busy = [&] {
    for (const Twins& t : pairs) {
      if (!t.plain.idle() || !t.modules.idle()) return true;
    }
    return false;
  };
  // A cycle's rising edge is in its middle: stop at three quarters.
  sc_core::sc_start(0.75 * period);
  for (Twins& t : pairs) t.plain.step();
  while (busy()) {
    const std::uint64_t stride = random.between(1, 5);
    for (std::uint64_t i = 0; i < stride; ++i, ++cycle) {
      sc_core::sc_start(period);
      for (Twins& t : pairs) t.plain.step();
    }
    for (const Twins& t : pairs) {
      const std::string difference = t.difference();
      registers += std::uint64_t{4} * t.sequence.unit.rows * t.sequence.unit.cols;
      if (!difference.empty()) {
        return difference + " after cycle " + std::to_string(cycle) + " of " + describe(t.sequence);
      }
    }
    if (cycle > 100'000) return "never finishes";
  }
  for (Twins& t : pairs) {
    const std::string wrong = t.wrong_tile();
    if (!wrong.empty()) return wrong + " of " + describe(t.sequence);
  }
  return registers > 10'000 ? "same" : "looked at " + std::to_string(registers) + " only";
}

TEST(SystolicArrayCycle, EveryRegisterIsThePlainArrays) {
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    const std::string result = run_in_child_or_throw([seed] { return compare_twins(seed, 6); });
    EXPECT_EQ(result, "same") << "seed " << seed;
  }
}

TEST(SystolicArrayCycle, AlsoAtFullSize) {
  const std::string result = run_in_child_or_throw([] { return compare_twins(99, 16); });
  EXPECT_EQ(result, "same");
}

TEST(SystolicArrayCycle, WavesShowTheRegisters) {
  const std::string base =
      std::filesystem::temp_directory_path() / ("takt_waves_" + std::to_string(::getpid()));
  const std::string result = run_in_child_or_throw([&] {
    prepare_kernel();
    const sc_core::sc_time period(1, sc_core::SC_NS);
    sc_core::sc_clock clock("clock", period, 0.5, sc_core::SC_ZERO_TIME, false);
    MatrixUnit unit;
    unit.rows = unit.cols = 2;
    unit.rate[static_cast<std::size_t>(DType::kInt8)] = {1, 1};
    Sequence::Item item;
    item.shape.m = 1;
    item.shape.n = item.shape.k = 2;
    item.a = {1, 2};
    item.b = {7, 8, 9, 10};
    std::vector<std::int32_t> out(2);
    SystolicArrayCycle array("array", unit);
    array.clk(clock);
    array.push(array_tile<std::int8_t, std::int32_t>(item, out));
    sc_core::sc_trace_file* const file = sc_core::sc_create_vcd_trace_file(base.c_str());
    array.trace(file);
    sc_core::sc_start(10 * period);
    sc_core::sc_close_vcd_trace_file(file);
    return std::to_string(out[0]) + " " + std::to_string(out[1]);
  });
  EXPECT_EQ(result, "25 28");
  std::ifstream waves(base + ".vcd");
  std::ostringstream text;
  text << waves.rdbuf();
  EXPECT_NE(text.str().find("pe_1_1"), std::string::npos);
  // 28, the sum that leaves the last PE, in binary.
  EXPECT_NE(text.str().find("11100 "), std::string::npos) << text.str();
  std::filesystem::remove(base + ".vcd");
}

}  // namespace
}  // namespace takt
