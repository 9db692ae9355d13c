// SPDX-License-Identifier: Apache-2.0
#include "sim/report/derived.h"

#include <gtest/gtest.h>

#include "sample_record.h"

namespace takt {
namespace {

TEST(Derived, UtilizationIsMacsOverCyclesTimesPeak) {
  const RunRecord r = sample_record();
  EXPECT_DOUBLE_EQ(utilization(r), 160.0 / (50 * 16));
}

TEST(Derived, ALayersUtilizationUsesItsOwnBusySpan) {
  const RunRecord r = sample_record();
  EXPECT_DOUBLE_EQ(utilization(r.layers[0], r.machine).value(), 160.0 / (20 * 16));
  EXPECT_FALSE(utilization(r.layers[1], r.machine).has_value());
}

TEST(Derived, MixedPrecisionsCountTheTimeTheyNeedAtPeak) {
  RunRecord r = sample_record();
  r.layers[0].dtype = DType::kFp16;  // at half the rate the same MACs are twice the work
  EXPECT_DOUBLE_EQ(utilization(r), 160.0 / (50 * 8));
  LayerRecord int8 = r.layers[0];
  int8.dtype = DType::kInt8;
  r.layers.push_back(int8);
  r.macs = 320;
  EXPECT_DOUBLE_EQ(utilization(r), (160.0 / 8 + 160.0 / 16) / 50);
}

TEST(Derived, RooflineNamesTheSlowestResource) {
  RunRecord r = sample_record();
  // compute 160/16 = 10 cycles, DRAM 80/8 = 10, host max(10, 4)/2 = 5.
  EXPECT_EQ(roofline(r)->bound, "compute");
  EXPECT_DOUBLE_EQ(roofline(r)->attainable_ops_per_s, 320.0 / 10e-9);
  EXPECT_DOUBLE_EQ(roofline(r)->achieved_ops_per_s, 320.0 / 50e-9);
  EXPECT_DOUBLE_EQ(roofline(r)->intensity_ops_per_byte.value(), 320.0 / 80);
  r.counts.dram_read_bytes += 80;
  EXPECT_EQ(roofline(r)->bound, "memory");
  const double attainable = roofline(r)->attainable_ops_per_s;
  r.machine.memory_bytes_per_s += r.machine.memory_bytes_per_s / 4;  // a cache a quarter faster
  EXPECT_DOUBLE_EQ(roofline(r)->attainable_ops_per_s, 1.25 * attainable);
  r.machine.memory_bytes_per_s = r.machine.dram_bytes_per_s;
  r.counts.host_write_bytes = 80;
  EXPECT_EQ(roofline(r)->bound, "host");
  EXPECT_DOUBLE_EQ(roofline(r)->attainable_ops_per_s, 320.0 / 40e-9);
}

// Found by a run of a layer whose reads and writes overlapped: 60 B in and 20 B out took the time
// of 60 at most.
TEST(Derived, IdealMemoryReadsAndWritesAtOnce) {
  RunRecord r = sample_record();
  r.machine.peak[static_cast<std::size_t>(DType::kInt8)] = {160, 1};
  r.machine.ideal_dram_pipes = 1;
  // Reads: 60 B less the 4 B that the host took; writes: 20 B less the 10 B it brought. 8 B a
  // cycle.
  EXPECT_DOUBLE_EQ(resource_times(r).dram, 56.0 / 8 * 1e-9);
  EXPECT_EQ(roofline(r)->bound, "memory");
  EXPECT_DOUBLE_EQ(roofline(r)->attainable_ops_per_s, 320.0 / 7e-9);
  r.machine.ideal_dram_pipes = 2;  // a core each
  EXPECT_DOUBLE_EQ(resource_times(r).dram, 28.0 / 8 * 1e-9);
}

TEST(Derived, WithoutMacsThereIsNoRoofline) {
  const RunRecord r = sample_record();
  EXPECT_FALSE(roofline(r.layers[1], r.machine).has_value());
  EXPECT_TRUE(roofline(r.layers[0], r.machine).has_value());
}

TEST(Derived, WithoutDramBytesThereIsNoIntensity) {
  RunRecord r = sample_record();
  r.counts.dram_read_bytes = r.counts.dram_write_bytes = 0;
  EXPECT_FALSE(roofline(r)->intensity_ops_per_byte.has_value());
}

TEST(Derived, BandwidthIsOverTheLayersOwnSpan) {
  const RunRecord r = sample_record();
  EXPECT_DOUBLE_EQ(dram_bandwidth(r.layers[0], r.machine).value(), 80 / 40e-9);
  EXPECT_DOUBLE_EQ(dram_bandwidth(r), 80 / 50e-9);
  EXPECT_FALSE(dram_bandwidth(r.layers[1], r.machine).has_value());
}

TEST(Derived, EfficiencyIsOpsOverEnergy) {
  RunRecord r = sample_record();
  EXPECT_DOUBLE_EQ(tops_per_watt(r).value(), 320.0 / 836);
  r.macs = 0;
  EXPECT_FALSE(tops_per_watt(r).has_value());
}

TEST(Derived, RowOutcomesAreSharesOfAllChannelsBursts) {
  RunRecord r = sample_record();
  r.units.clear();
  EXPECT_FALSE(row_outcomes(r).has_value());
  for (const std::uint64_t n : {1, 3}) {
    UnitRecord channel;
    channel.name = "dram.ch" + std::to_string(n);
    channel.counters = {{"row_hits", 6 * n},
                        {"row_misses", 3 * n},
                        {"row_conflicts", n},
                        {"bytes_transferred", 50 * n}};
    r.units.push_back(channel);
  }
  const RowOutcomes rows = row_outcomes(r).value();
  EXPECT_DOUBLE_EQ(rows.hits, 0.6);
  EXPECT_DOUBLE_EQ(rows.misses, 0.3);
  EXPECT_DOUBLE_EQ(rows.conflicts, 0.1);
  EXPECT_DOUBLE_EQ(rows.bus, 200.0 / (8 * 50));  // 8 B a cycle
}

TEST(Derived, BehindCachesDramMovesWhatItsChannelsCounted) {
  RunRecord r = sample_record();
  r.units.clear();
  r.machine.cached = true;
  EXPECT_FALSE(dram_moved(r).has_value());  // no channel counted
  for (const std::uint64_t n : {1, 2}) {
    UnitRecord channel;
    channel.name = "dram.ch" + std::to_string(n);
    channel.counters = {{"reads", 3 * n}, {"writes", n}, {"bytes_transferred", 256 * n}};
    r.units.push_back(channel);
  }
  const DramMoved moved = dram_moved(r).value();
  EXPECT_EQ(moved.read_bytes, 9 * 64U);
  EXPECT_EQ(moved.write_bytes, 3 * 64U);
  EXPECT_DOUBLE_EQ(moved.bytes_per_s, 768 / 50e-9);
  r.partial = PartialRun{"interrupted", 2, 5, Cycles(100)};
  EXPECT_DOUBLE_EQ(dram_moved(r)->bytes_per_s, 768 / 100e-9);  // of what was played
  r.machine.cached = false;                                    // it moves what it is asked for
  EXPECT_FALSE(dram_moved(r).has_value());
}

TEST(Derived, PowerAndWhatRestsOnEstimates) {
  RunRecord r = sample_record();
  EXPECT_DOUBLE_EQ(watts(r), 836e-12 / 50e-9);
  r.energy.estimated = Picojoules(209.0);
  EXPECT_DOUBLE_EQ(estimated_share(r.energy), 0.25);
  EXPECT_EQ(estimated_share(EnergyRecord{}), 0);
  r.cycles = Cycles(0u);
  EXPECT_EQ(watts(r), 0);
}

}  // namespace
}  // namespace takt
