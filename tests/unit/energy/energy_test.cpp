// SPDX-License-Identifier: Apache-2.0
#include "sim/energy/energy.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sim/machine/machine_spec.h"

namespace takt {
namespace {

/// A machine whose every action costs something of its own.
Machine machine_of_ones() {
  Machine m;
  m.clock = ClockDomain(1'000'000'000);
  m.energy.mac[0] = {Picojoules(1.0), "paper", ""};
  m.energy.vector_op = {Picojoules(10.0), "paper", ""};
  m.energy.accumulator_access = {Picojoules(100.0), "estimate", ""};
  m.energy.buffer_byte = {{BufferId{0}, {Picojoules(2.0), "paper", ""}},
                          {BufferId{1}, {Picojoules(3.0), "fitted", ""}}};
  m.energy.dram_byte = {Picojoules(5.0), "paper", ""};
  m.energy.host_byte = {Picojoules(7.0), "paper", ""};
  m.energy.noc_byte = {Picojoules(11.0), "paper", ""};
  m.energy.static_power_w = {Picojoules(2.0), "estimate", ""};  // watts
  return m;
}

ActionCounts some_counts() {
  ActionCounts counts;
  counts.macs_executed = 1000;
  counts.vector_lane_ops = 20;
  counts.vector_macs = 5;
  counts.accumulator_accesses = 3;
  counts.buffer_read_bytes = {10, 100, 0, 0};
  counts.buffer_write_bytes = {1, 2, 0, 0};
  counts.dram_read_bytes = 40;
  counts.dram_write_bytes = 2;
  counts.host_read_bytes = 6;
  counts.host_write_bytes = 1;
  counts.noc_bytes = 2;
  return counts;
}

TEST(Energy, is_the_sum_of_counts_times_entries) {
  const EnergyRecord r = energy_of(some_counts(), machine_of_ones(), DType::kInt8, Cycles(500u));
  EXPECT_DOUBLE_EQ(r.matrix.value(), 1000);
  EXPECT_DOUBLE_EQ(r.vector.value(), 15 * 10 + 5 * 1);
  EXPECT_DOUBLE_EQ(r.sram.value(), 3 * 100 + 11 * 2 + 102 * 3);
  EXPECT_DOUBLE_EQ(r.dram.value(), 42 * 5);
  EXPECT_DOUBLE_EQ(r.host_link.value(), 7 * 7);
  EXPECT_DOUBLE_EQ(r.noc.value(), 2 * 11);
  // 2 W for 500 ns = 1 uJ.
  EXPECT_NEAR(r.leakage.value(), 1e6, 1e-3);
  EXPECT_NEAR(r.estimated.value(), 300 + 306 + 1e6, 1e-3);
}

TEST(Energy, a_shared_buffer_is_a_memory_on_chip) {
  Machine machine = machine_of_ones();
  machine.energy.shared_byte = {Picojoules(13.0), "paper", ""};
  ActionCounts counts;
  counts.shared_read_bytes = 4;
  counts.shared_write_bytes = 3;
  counts.noc_bytes = 7;
  const EnergyRecord r = energy_of(counts, machine, DType::kInt8, Cycles(0u));
  EXPECT_DOUBLE_EQ(r.sram.value(), 7 * 13);
  EXPECT_DOUBLE_EQ(r.noc.value(), 7 * 11);
}

TEST(Energy, nothing_costs_nothing) {
  const EnergyRecord r = energy_of(ActionCounts{}, machine_of_ones(), DType::kInt8, Cycles(0u));
  EXPECT_EQ(r.total().value(), 0);
  EXPECT_EQ(r.estimated.value(), 0);
}

TEST(Energy, adds_up_over_layers) {
  const Machine m = machine_of_ones();
  const ActionCounts counts = some_counts();
  ActionCounts twice = counts;
  twice += counts;
  const double one = energy_of(counts, m, DType::kInt8, Cycles(100u)).total().value();
  const double two = energy_of(twice, m, DType::kInt8, Cycles(200u)).total().value();
  EXPECT_NEAR(two, 2 * one, 1e-6 * two);
}

TEST(Energy, of_the_tpu_v1_lies_between_idle_and_busy_power) {
  // ISCA 2017, Table 2: 28 W idle, 40 W busy. A second at a third of the peak (the paper's mean
  // over its applications is 21 of 92 TOPS) with the DRAM busy must lie between idle and TDP (75
  // W).
  const Machine m = read_machine("configs/tpu_v1.yaml").value();
  ActionCounts counts;
  const std::uint64_t cycles = m.clock.hz();
  counts.macs_executed = cycles * 65536 / 3;
  counts.accumulator_accesses = cycles * 256 * 2 / 3;
  counts.buffer_read_bytes[m.unified.index] = cycles * 256 / 3;
  counts.buffer_read_bytes[m.weights.index] = m.memory.bandwidth_bytes_per_s;
  counts.buffer_write_bytes[m.weights.index] = m.memory.bandwidth_bytes_per_s;
  counts.dram_read_bytes = m.memory.bandwidth_bytes_per_s;
  const EnergyRecord r = energy_of(counts, m, DType::kInt8, Cycles(cycles));
  const double watts = r.total().value() * 1e-12;
  EXPECT_GT(watts, 28);
  EXPECT_LT(watts, 75);
  RecordProperty("watts", std::to_string(watts));
}

TEST(EnergyTable, buffers_are_interpolated_between_points) {
  const auto per_byte = [](const std::string& size, const std::string& banks,
                           const std::string& width) {
    MachineOptions options;
    options.overrides = {"energy=parts/energy/45nm.yaml", "core.buffers.unified.size=" + size,
                         "core.buffers.unified.banks=" + banks,
                         "core.buffers.unified.width=" + width};
    return read_machine("configs/npu_128.yaml", options).value().energy.buffer_byte[0].second;
  };
  // On the table's points themselves.
  EXPECT_NEAR(per_byte("1 MiB", "1", "32 B").picojoules.value(), 5.16, 1e-9);
  EXPECT_NEAR(per_byte("32 MiB", "32", "32 B").picojoules.value(), 5.16, 1e-9);
  // Between 128 KiB and 1 MiB, a third of the way in the logarithm: 2.19 x (5.16/2.19)^(1/3).
  EXPECT_NEAR(per_byte("256 KiB", "1", "32 B").picojoules.value(), 2.19 * std::cbrt(5.16 / 2.19),
              1e-9);
  // Between 32 B and 128 B, half way.
  EXPECT_NEAR(per_byte("1 MiB", "1", "64 B").picojoules.value(), std::sqrt(5.16 * 4.66), 1e-9);
  // Beyond: the nearest, and said so.
  const EnergyEntry beyond = per_byte("64 MiB", "1", "32 B");
  EXPECT_NEAR(beyond.picojoules.value(), 21.5, 1e-9);
  EXPECT_EQ(beyond.kind, "estimate");
  EXPECT_NE(beyond.source.find("beyond the table"), std::string::npos);
}

}  // namespace
}  // namespace takt
