// SPDX-License-Identifier: Apache-2.0
#include "sim/machine/machine_spec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

namespace takt {
namespace {

std::string errors_with(const std::vector<std::string>& overrides) {
  MachineOptions options;
  options.overrides = overrides;
  const Result<Machine> machine = read_machine("configs/npu_128.yaml", options);
  return machine ? "" : to_string(machine.errors());
}

Machine machine_with(const std::vector<std::string>& overrides) {
  MachineOptions options;
  options.overrides = overrides;
  return read_machine("configs/npu_128.yaml", options).value();
}

TEST(MachineSpec, npu_128_is_what_its_file_says) {
  const Machine m = machine_with({});
  EXPECT_EQ(m.name, "npu_128");
  EXPECT_EQ(m.backend, "tpu");
  EXPECT_EQ(m.clock.hz(), 1'000'000'000u);
  EXPECT_EQ(m.matrix.rows, 128u);
  EXPECT_EQ(m.matrix.accumulator_rows, 4096u);
  EXPECT_EQ(m.matrix.rate_of(DType::kFp32).numerator, 1u);
  EXPECT_EQ(m.matrix.rate_of(DType::kFp32).denominator, 4u);
  EXPECT_EQ(m.matrix.rate_of(DType::kInt16).numerator, 0u);
  EXPECT_EQ(peak_macs_per_cycle(m, DType::kBf16), 8192.0);
  ASSERT_EQ(m.buffers.size(), 1u);
  EXPECT_EQ(m.buffers[0].size, Bytes(16u << 20));
  EXPECT_TRUE(m.buffers[0].shared_port);
  EXPECT_EQ(m.unified, m.weights);
  EXPECT_EQ(m.memory.channels, 8u);
  EXPECT_EQ(m.memory.bandwidth_bytes_per_s, 256'000'000'000u);
  EXPECT_EQ(m.memory.timing.refi, 3900u);
  EXPECT_EQ(m.memory.timing.row_bytes, Bytes(1024));
  EXPECT_EQ(m.memory.capacity, Bytes(std::uint64_t{4} << 30));
  EXPECT_EQ(m.host.driver_cost, Femtoseconds(5'000'000'000u));
  EXPECT_DOUBLE_EQ(m.energy.mac[0].picojoules.value(), 0.1);
  EXPECT_EQ(m.energy.dram_byte.kind, "paper");
  EXPECT_EQ(m.hash.size(), 16u);
}

TEST(MachineSpec, tpu_v1_reaches_its_published_peak) {
  const Machine m = read_machine("configs/tpu_v1.yaml").value();
  // 65,536 MACs x 2 ops x 700 MHz = 92 TOPS (ISCA 2017, Table 2).
  EXPECT_NEAR(peak_macs_per_cycle(m, DType::kInt8) * 2 * 700e6, 92e12, 0.5e12);
  EXPECT_EQ(m.matrix.rate_of(DType::kInt16).denominator, 4u);
  ASSERT_EQ(m.buffers.size(), 2u);
  EXPECT_EQ(m.buffers[m.weights.index].slots, 4u);
  EXPECT_EQ(m.buffers[m.weights.index].size, Bytes(4u * 256 * 256));
  EXPECT_DOUBLE_EQ(m.energy.static_power_w.picojoules.value(), 28);
  EXPECT_EQ(m.energy.static_power_w.kind, "paper");
}

TEST(MachineSpec, cores_may_share_a_buffer) {
  EXPECT_FALSE(machine_with({}).shared.present());
  const Machine m = read_machine("configs/parts/machines/npu_128_x4_shared.yaml").value();
  ASSERT_TRUE(m.shared.present());
  EXPECT_EQ(m.shared.memory.name, "shared");
  EXPECT_EQ(m.shared.memory.size, Bytes(8u << 20));
  EXPECT_EQ(bytes_per_cycle(m.shared.memory, true), 1024u);
  EXPECT_EQ(m.shared.link, Bytes(256));
  EXPECT_EQ(m.shared.latency, Cycles(20));
  EXPECT_EQ(m.buffers.size(), 1u) << "of one core";
  EXPECT_GT(m.energy.shared_byte.picojoules.value(), 0);
}

TEST(MachineSpec, commands_and_caches_of_gemmini) {
  const Machine m = read_machine("configs/gemmini_16x16.yaml").value();
  EXPECT_EQ(m.matrix.command_depth, 64u);
  EXPECT_EQ(m.dma.load_piece, Bytes(64));
  EXPECT_EQ(m.dma.store_piece, Bytes(16));
  EXPECT_EQ(m.dma.product_store_piece, Bytes(64));
  ASSERT_TRUE(m.memory.inner_cache.present());
  EXPECT_EQ(m.memory.inner_cache.size, Bytes(512u << 10));
  EXPECT_EQ(m.matrix.command_preload, Cycles(16));
  const Cache& last = m.memory.cache;
  EXPECT_EQ(last.line, Bytes(128));
  EXPECT_EQ(last.piece, m.memory.inner_cache.line) << "what the inner one asks for";
  EXPECT_TRUE(last.fill_on_port);
  EXPECT_FALSE(m.memory.inner_cache.fill_on_port);
  EXPECT_FALSE(last.warm);
  const Machine plain = machine_with({"core.dma.command={store: 32 B}"});
  EXPECT_EQ(plain.dma.product_store_piece, Bytes(32)) << "as other results";
  EXPECT_FALSE(plain.memory.inner_cache.present());
}

TEST(MachineErrors, of_a_cache_in_front_of_none) {
  const std::string errors = errors_with({"memory.cache={inner: {size: 4 KiB}}"});
  EXPECT_NE(errors.find("memory.cache.inner.size"), std::string::npos) << errors;
  EXPECT_NE(errors.find("in front of another one"), std::string::npos) << errors;
}

TEST(MachineErrors, of_a_cache_of_longer_lines_than_the_one_behind) {
  const std::string errors =
      errors_with({"memory.cache={size: 64 KiB, inner: {size: 4 KiB, line: 128 B}, start: hot}"});
  EXPECT_NE(errors.find("memory.cache.start"), std::string::npos) << errors;
  EXPECT_NE(errors_with({"memory.cache={size: 64 KiB, inner: {size: 4 KiB, line: 128 B}}"})
                .find("whose lines are no shorter"),
            std::string::npos);
}

TEST(MachineErrors, of_a_shared_buffer) {
  const std::string errors =
      errors_with({"shared_buffer={size: 1000 B, banks: 16, width: 64 B, slots: 4, ports: 3RW}"});
  EXPECT_NE(errors.find("shared_buffer.link"), std::string::npos) << errors;
  EXPECT_NE(errors.find("shared_buffer.slots: unknown key"), std::string::npos) << errors;
  EXPECT_NE(errors.find("shared_buffer.ports"), std::string::npos) << errors;
  const std::string shape = errors_with(
      {"shared_buffer={size: 1000 B, banks: 16, width: 64 B, link: 64 B, latency: 3 cycles}"});
  EXPECT_NE(shape.find("must be a multiple of banks x width = 1024 B"), std::string::npos) << shape;
}

TEST(MachineSpec, overrides_reach_the_machine) {
  EXPECT_TRUE(machine_with({"memory.ideal=true"}).memory.ideal);
  EXPECT_FALSE(machine_with({"host.enabled=false"}).host.enabled);
  EXPECT_EQ(machine_with({"memory.stacks=2"}).memory.channels, 16u);
  EXPECT_EQ(machine_with({"core.matrix.timing=scalesim"}).matrix.timing,
            MatrixUnit::Timing::kScaleSim);
  EXPECT_EQ(machine_with({"memory.standard.timing.cl=20"}).memory.timing.cl, 20u);
  const Machine other =
      machine_with({"memory.standard=parts/dram/ddr4_2400.yaml", "memory.bandwidth=19.2 GB/s"});
  EXPECT_EQ(other.memory.timing.standard, "DDR4-2400");
  // Stacks count a standard's channels_per_stack, which is 1 for DDR4.
  EXPECT_EQ(other.memory.channels, 1u);
  EXPECT_NE(machine_with({}).hash, machine_with({"core.matrix.rows=64"}).hash);
  EXPECT_EQ(machine_with({}).hash, machine_with({"core.buffers.unified.size=16384 KiB"}).hash);
}

TEST(MachineSpec, resolved_configuration_reads_back_to_the_same_machine) {
  for (const auto& entry : std::filesystem::directory_iterator("configs")) {
    if (entry.path().extension() != ".yaml") continue;
    MachineOptions options;
    options.overrides = {"memory.interleave=512 B", "core.dma.queue=3"};
    const auto first = read_machine_config(entry.path().string(), options);
    ASSERT_TRUE(first) << to_string(first.errors());
    const auto again = machine_config_from_text(first->resolved_yaml, "resolved.yaml");
    ASSERT_TRUE(again) << to_string(again.errors());
    EXPECT_EQ(again->machine.hash, first->machine.hash) << entry.path();
    EXPECT_EQ(again->machine.energy.dram_byte.source, first->machine.energy.dram_byte.source);
    EXPECT_EQ(again->machine.host.payload_bytes_per_s, first->machine.host.payload_bytes_per_s);
  }
}

TEST(MachineSpec, every_number_says_where_it_is_from) {
  MachineOptions options;
  options.overrides = {"core.vector.lanes=64"};
  const MachineConfig config = read_machine_config("configs/tpu_v1.yaml", options).value();
  const auto kind_of = [&](const std::string& path) {
    const auto at = std::find_if(config.values.begin(), config.values.end(),
                                 [&](const SourcedValue& v) { return v.path == path; });
    return at == config.values.end() ? "none" : at->kind + ": " + at->source;
  };
  EXPECT_EQ(kind_of("memory.bandwidth"), "paper: ISCA 2017, Table 2: 34 GB/s");
  EXPECT_EQ(kind_of("core.vector.lanes"), "override: --set core.vector.lanes=64");
  EXPECT_EQ(kind_of("core.matrix.count").substr(0, 7), "default");
  EXPECT_EQ(kind_of("memory.standard.timing.refi"), "datasheet: JESD79-3F: tREFI 7.8 us");
  EXPECT_EQ(kind_of("energy.mac.int8").substr(0, 8), "estimate");
  for (const SourcedValue& value : config.values) EXPECT_FALSE(value.kind.empty()) << value.path;
}

TEST(MachineErrors, of_overrides) {
  EXPECT_EQ(errors_with({"core.matrix.rows=0"}),
            "--set core.matrix.rows=0: error: core.matrix.rows: must be at least 1, got '0' "
            "[E-out-of-range]\n");
  EXPECT_EQ(errors_with({"core.matrx.rows=8"}),
            "--set core.matrx.rows=8: error: core.matrx: unknown key; did you mean 'matrix'? "
            "[E-unknown-key]\n");
  EXPECT_EQ(errors_with({"memory.bandwidth=300 GB/s"}),
            "--set memory.bandwidth=300 GB/s: error: memory.bandwidth: is more than 8 channels of "
            "HBM2-2000 can move: 256 GB/s [E-bandwidth-above-peak]\n"
            "  hint: lower the bandwidth or add channels\n");
  EXPECT_EQ(errors_with({"memory.bandwidth=999 B/s"}),
            "--set memory.bandwidth=999 B/s: error: memory.bandwidth: must be at least 1 kB/s: at "
            "1 GHz a byte would take more than 1,000,000 cycles [E-out-of-range]\n");
  EXPECT_EQ(errors_with({"memory.bandwidth=1 kB/s"}), "");
  EXPECT_EQ(errors_with({"host.latency=2 s"}),
            "--set host.latency=2 s: error: host.latency: must be at most 1 s, got '2 s' "
            "[E-out-of-range]\n");
  EXPECT_EQ(errors_with({"clock=1000 GHz", "host.latency=1 s", "host.driver_cost=1 s"}), "");
  EXPECT_EQ(errors_with({"memory.standard=parts/dram/none.yaml"}),
            "--set memory.standard=parts/dram/none.yaml: error: memory.standard: no such file: "
            "'parts/dram/none.yaml' [E-missing-file]\n"
            "  hint: looked in ., configs\n");
  EXPECT_EQ(errors_with({"core.buffers.unified.size=3 KiB"}),
            "--set core.buffers.unified.size=3 KiB: error: core.buffers.unified.size: must be a "
            "multiple of banks x width = 4096 B [E-buffer-shape]\n");
  EXPECT_EQ(errors_with({"default_dtype=int16"}),
            "--set default_dtype=int16: error: default_dtype: the array does not compute in int16 "
            "[E-dtype-not-supported]\n"
            "  hint: add it to core.matrix.macs_per_pe\n");
}

TEST(MachineErrors, planned_kinds_are_unsupported_and_others_wrong) {
  MachineOptions options;
  options.overrides = {"core.matrix.kind=tensor_core"};
  const auto planned = read_machine("configs/npu_128.yaml", options);
  ASSERT_FALSE(planned);
  EXPECT_EQ(exit_code(planned.errors()), 4);
  options.overrides = {"core.matrix.kind=systolc"};
  const auto wrong = read_machine("configs/npu_128.yaml", options);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(exit_code(wrong.errors()), 3);
  EXPECT_EQ(wrong.errors()[0].hint, "did you mean 'systolic'?");
}

TEST(MachineErrors, maps_of_the_wrong_shape_never_crash) {
  for (const std::string path :
       {"core", "core.matrix", "core.vector", "core.buffers", "memory", "core.buffers.unified",
        "core.dma", "host", "sources", "core.matrix.macs_per_pe", "memory.standard.timing",
        "energy.sram", "energy.mac", "energy.dram", "energy.sram.points"}) {
    EXPECT_NE(errors_with({path + "=5"}), "") << path;
    EXPECT_NE(errors_with({path + "=[]"}), "") << path;
    EXPECT_NE(errors_with({path + "=~"}), "") << path;
  }
  for (const std::string text : {"[]", "5", "{}", "core: {buffers: {}}", "memory: {ideal: true}",
                                 "energy: {mac: {}}", "core: {matrix: {macs_per_pe: {}}}"}) {
    EXPECT_FALSE(machine_config_from_text(text, "t.yaml")) << text;
  }
}

TEST(MachineErrors, a_machine_without_its_sources) {
  const std::string text =
      "extends: configs/npu_128.yaml\nname: x\nstatic_power: 3 W\nsources: {core.matrx: {kind: "
      "estimate, source: s}}\n";
  const auto machine = machine_config_from_text(text, "t.yaml");
  ASSERT_FALSE(machine);
  EXPECT_EQ(to_string(machine.errors()),
            "t.yaml:3:15: error: static_power: has no source [E-missing-source]\n"
            "  3 | static_power: 3 W\n"
            "    |               ^\n"
            "  hint: say where numbers are from, for example  sources: {static_power: {kind: "
            "estimate, source: \"why\"}}\n");
  const auto unused = machine_config_from_text(
      "extends: configs/npu_128.yaml\nsources: {core.matrx: {kind: estimate, source: s}}\n",
      "t.yaml");
  ASSERT_FALSE(unused);
  EXPECT_EQ(to_string(unused.errors()),
            "t.yaml:2:23: error: sources.core.matrx: is the source of no key [E-unused-source]\n"
            "  2 | sources: {core.matrx: {kind: estimate, source: s}}\n"
            "    |                       ^\n"
            "  hint: name a key or the map it is in, as a path from the top of this file\n");
}

TEST(MachineErrors, memories_too_small_for_Gemminis_tiler) {
  // 64 KiB hold two arrays of 90 x 90 sums of 4 B.
  const std::string rows = "core.matrix.rows=", cols = "core.matrix.cols=";
  EXPECT_EQ(errors_with({"mapper.kind=gemmini", rows + "90", cols + "90"}), "");
  EXPECT_NE(
      errors_with({"mapper.kind=gemmini", rows + "91", cols + "91"})
          .find("mapper.accumulator: must be at least 66248 B, what Gemmini's tiler takes for "
                "an array of 91 rows [E-tiler-memory]"),
      std::string::npos);
  EXPECT_EQ(errors_with({rows + "91", cols + "91"}), "");  // the search takes none of them
  // 16 x 16: 64 KiB hold 32 arrays of sums twice, so a square of 5; 5 + 5 arrays of operands twice.
  const std::vector<std::string> small{"mapper.kind=gemmini", rows + "16", cols + "16"};
  const auto with = [&](const std::string& more) {
    std::vector<std::string> all = small;
    all.push_back(more);
    return errors_with(all);
  };
  EXPECT_EQ(with("mapper.scratchpad=5120 B"), "");
  EXPECT_EQ(
      with("mapper.scratchpad=5119 B"),
      "--set mapper.scratchpad=5119 B: error: mapper.scratchpad: must be at least 5120 B, what "
      "Gemmini's tiler takes for an array of 16 rows and accumulators of 65536 B "
      "[E-tiler-memory]\n  hint: or set mapper.kind to search\n");
  EXPECT_EQ(with("mapper.accumulator=2 KiB"), "");
  EXPECT_NE(with("mapper.accumulator=2047 B").find("E-tiler-memory"), std::string::npos);
}

TEST(MachineErrors, ideal_memory_without_a_standard_needs_its_bandwidth) {
  MachineOptions options;
  const std::string base = read_machine_config("configs/npu_128.yaml").value().resolved_yaml;
  // Everything of npu_128 but its memory.
  const auto start = base.find("\nmemory:"), end = base.find("\nhost:");
  const auto with = [&](const std::string& memory) {
    std::string text = base.substr(0, start) + "\n" + memory + base.substr(end);
    return machine_config_from_text(text, "t.yaml", options);
  };
  const auto good = with("memory: {ideal: true, bandwidth: 100 GB/s}");
  ASSERT_TRUE(good) << to_string(good.errors());
  EXPECT_EQ(good->machine.memory.bandwidth_bytes_per_s, 100'000'000'000u);
  EXPECT_EQ(good->machine.energy.dram_byte.picojoules.value(), 0);
  const auto bad = with("memory: {ideal: true}");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.errors()[0].name, "E-missing-key");
  EXPECT_EQ(bad.errors()[0].path, "memory.bandwidth");
}

}  // namespace
}  // namespace takt
