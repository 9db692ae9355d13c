// SPDX-License-Identifier: Apache-2.0
#include "sim/machine/area.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sim/machine/machine_spec.h"

namespace takt {
namespace {

/// One PE, one lane, one bank of a MiB; every part of a size of its own.
Machine small_machine() {
  Machine m;
  m.matrix.rows = m.matrix.cols = 1;
  m.matrix.weight_buffers = 2;
  m.matrix.rate[static_cast<std::size_t>(DType::kInt8)] = {1, 1};
  m.vector.lanes = 1;
  Buffer buffer;
  buffer.size = Bytes(std::uint64_t{1} << 20);
  buffer.width = Bytes(8);
  m.buffers = {buffer};
  m.memory.timing.bus_bits = 64;
  m.host.lanes = 16;
  return m;
}

AreaTable small_table() {
  AreaTable t;
  t.mac = {100, 400, 150, 300, 350, 800};
  t.register_bit = 1;
  t.vector_lane = 1000;
  t.sram.points = {{1 << 20, 8, 5000}};
  t.sram.port_factor = 2;
  t.dram_bit = 2;
  t.host_lane = 3;
  return t;
}

TEST(Area, adds_up_its_parts) {
  const DieArea a = area_of(small_table(), small_machine());
  EXPECT_DOUBLE_EQ(a.matrix, 100 + 8 * 3 + 32);  // operand, two weights, sum
  EXPECT_DOUBLE_EQ(a.vector, 1000);
  EXPECT_DOUBLE_EQ(a.sram, 5000);
  EXPECT_DOUBLE_EQ(a.dram, 128);
  EXPECT_DOUBLE_EQ(a.host_link, 48);
  EXPECT_DOUBLE_EQ(a.other, 0);
  EXPECT_DOUBLE_EQ(a.total(), a.matrix + a.vector + a.sram + a.dram + a.host_link);
}

TEST(Area, blocks_grow_and_interfaces_do_not) {
  AreaTable t = small_table();
  t.blocks = 2;
  t.rest_share = 0.25;
  const DieArea a = area_of(t, small_machine());
  EXPECT_DOUBLE_EQ(a.matrix, 2 * 156);
  EXPECT_DOUBLE_EQ(a.sram, 10000);
  EXPECT_DOUBLE_EQ(a.dram, 128);
  EXPECT_NEAR(a.other / a.total(), 0.25, 1e-12);
}

TEST(Area, types_share_a_multiplier) {
  Machine m = small_machine();
  // int16 at a quarter of the rate needs a quarter of its own: 100, which int8 has already.
  m.matrix.rate[static_cast<std::size_t>(DType::kInt16)] = {1, 4};
  EXPECT_DOUBLE_EQ(area_of(small_table(), m).matrix, 156);
  m.matrix.rate[static_cast<std::size_t>(DType::kInt16)] = {1, 1};
  EXPECT_DOUBLE_EQ(area_of(small_table(), m).matrix, 400 + 16 * 3 + 32);
}

TEST(Area, accumulators_are_banks_of_two_ports) {
  Machine m = small_machine();
  m.matrix.accumulator_rows = 1 << 18;  // a MiB
  EXPECT_DOUBLE_EQ(area_of(small_table(), m).sram, 5000 + 2 * 5000);
}

TEST(Area, row_stationary_pes_have_scratchpads) {
  Machine m = small_machine();
  m.matrix.dataflow = Dataflow::kRowStationary;
  m.matrix.row_stationary.filter_words = 1 << 18;
  m.matrix.row_stationary.sum_words = 1 << 19;
  // Registers of two operands and a sum; 0.75 MiB at 5000 mm2 a MiB, with two ports.
  m.matrix.accumulator_rows = 1 << 18;  // names for sums, no memory
  EXPECT_DOUBLE_EQ(area_of(small_table(), m).matrix, 100 + 2 * 8 + 32 + 2 * 0.75 * 5000);
  EXPECT_DOUBLE_EQ(area_of(small_table(), m).sram, 5000);
}

TEST(Area, memories_of_all_cores_count_once) {
  Machine m = small_machine();
  m.cores = 3;
  m.shared.memory = m.buffers[0];
  EXPECT_DOUBLE_EQ(area_of(small_table(), m).sram, 3 * 5000 + 5000);
  m.memory.cache.size = Bytes(std::uint64_t{1} << 19);
  m.memory.cache.line = Bytes(64);
  EXPECT_DOUBLE_EQ(area_of(small_table(), m).sram, 3 * 5000 + 5000 + 2500);
}

TEST(Area, cores_arrays_and_channels_multiply) {
  const DieArea one = area_of(small_table(), small_machine());
  Machine m = small_machine();
  m.cores = 3;
  m.matrix.count = 2;
  m.memory.channels = 4;
  m.host.enabled = false;
  const DieArea many = area_of(small_table(), m);
  EXPECT_DOUBLE_EQ(many.matrix, 6 * one.matrix);
  EXPECT_DOUBLE_EQ(many.vector, 3 * one.vector);
  EXPECT_DOUBLE_EQ(many.sram, 3 * one.sram);
  EXPECT_DOUBLE_EQ(many.dram, 4 * one.dram);
  EXPECT_DOUBLE_EQ(many.host_link, 0);
}

TEST(Area, of_machines_follows_their_keys) {
  const auto area = [](const std::vector<std::string>& overrides) {
    MachineOptions options;
    options.overrides = overrides;
    return read_machine("configs/npu_128.yaml", options).value().area.value();
  };
  const DieArea base = area({});
  EXPECT_NEAR(area({"core.matrix.rows=256"}).matrix, 2 * base.matrix, 1e-9);
  EXPECT_NEAR(area({"core.buffers.unified.size=32 MiB", "core.buffers.unified.banks=64"}).total() -
                  base.total(),
              (area({"core.buffers.unified.size=32 MiB", "core.buffers.unified.banks=64"}).sram -
               base.sram) /
                  0.77,
              1e-9);
  EXPECT_LT(area({"host.enabled=false"}).total(), base.total());
}

TEST(Area, a_table_without_areas_gives_none) {
  MachineOptions options;
  options.overrides = {"static_power=1 W"};
  std::string text = read_machine_config("configs/npu_128.yaml", options).value().resolved_yaml;
  const std::size_t at = text.find("\n  area:"), end = text.find("\n  static_density:", at);
  ASSERT_NE(at, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  text.erase(at, end - at);
  const auto without = machine_config_from_text(text, "t.yaml");
  ASSERT_TRUE(without) << to_string(without.errors());
  EXPECT_FALSE(without->machine.area);
}

// 28 and 16 nm, which nobody published for this arithmetic, lie between 45 and 7 nm, linear in the
// logarithms of node and value.
TEST(EnergyTables, nodes_between_two_published_ones_lie_on_the_line) {
  const auto energy = [](const char* node) {
    MachineOptions options;
    options.overrides = {std::string("energy=parts/energy/") + node + "nm.yaml"};
    return read_machine("configs/npu_128.yaml", options).value().energy;
  };
  const EnergyTable large = energy("45"), small = energy("7");
  for (const auto& [name, nm] : {std::pair<const char*, double>{"28", 28}, {"16", 16}}) {
    const EnergyTable table = energy(name);
    const double share = std::log(nm / 7) / std::log(45.0 / 7);
    const auto on_the_line = [&, name = name](const EnergyEntry& entry, const EnergyEntry& a,
                                              const EnergyEntry& b) {
      const double line =
          b.picojoules.value() * std::pow(a.picojoules.value() / b.picojoules.value(), share);
      EXPECT_NEAR(entry.picojoules.value() / line, 1, 0.03) << name << " nm: " << entry.source;
      EXPECT_EQ(entry.kind, "estimate");
    };
    for (std::size_t i = 0; i < table.mac.size(); ++i) {
      on_the_line(table.mac[i], large.mac[i], small.mac[i]);
    }
    on_the_line(table.vector_op, large.vector_op, small.vector_op);
    on_the_line(table.accumulator_access, large.accumulator_access, small.accumulator_access);
    on_the_line(table.noc_byte, large.noc_byte, small.noc_byte);
  }
}

TEST(EnergyTables, all_load_and_name_what_they_rest_on) {
  for (const std::string node : {"65", "45", "28", "16", "7"}) {
    MachineOptions options;
    options.overrides = {"energy=parts/energy/" + node + "nm.yaml"};
    const auto machine = read_machine("configs/npu_128.yaml", options);
    ASSERT_TRUE(machine) << to_string(machine.errors());
    EXPECT_TRUE(machine->area) << node;
    // What a 16-bit MAC costs (Eyeriss, ISCA 2016, Table IV).
    EXPECT_NEAR(machine->energy.scratchpad_access.picojoules.value(),
                machine->energy.mac[static_cast<std::size_t>(DType::kInt16)].picojoules.value(),
                1e-9);
  }
}

TEST(EnergyTables, power_at_rest_follows_the_area) {
  const auto watts = [](const std::vector<std::string>& overrides) {
    MachineOptions options;
    options.overrides = overrides;
    const Machine m = read_machine("configs/npu_128.yaml", options).value();
    return m.energy.static_power_w.picojoules.value() / m.area->total();
  };
  EXPECT_NEAR(watts({}), 0.15, 1e-12);
  EXPECT_NEAR(watts({"core.matrix.rows=256", "core.matrix.cols=256"}), 0.15, 1e-12);
  MachineOptions options;
  options.overrides = {"static_power=3 W"};
  const Machine own = read_machine("configs/npu_128.yaml", options).value();
  EXPECT_DOUBLE_EQ(own.energy.static_power_w.picojoules.value(), 3);
}

}  // namespace
}  // namespace takt
