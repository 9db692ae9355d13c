// SPDX-License-Identifier: Apache-2.0
#include "sim/report/record_builder.h"

#include <gtest/gtest.h>

namespace takt {
namespace {

/// A machine of one 4x2 array, a program of three layers without ops, and what an engine might have
/// counted for them: the second layer ends before the first does.
class RecordBuilder : public ::testing::Test {
 protected:
  RecordBuilder() {
    machine_.name = "m";
    machine_.clock = ClockDomain(1000);
    machine_.matrix.rows = 4;
    machine_.matrix.cols = 2;
    machine_.matrix.rate[0] = {2, 1};
    machine_.vector.lanes = 8;
    machine_.memory.bandwidth_bytes_per_s = 1000;
    program_.machine = &machine_;
    program_.graph = &graph_;
    const std::uint64_t ends[] = {100, 60, 130};
    for (std::uint32_t i = 0; i < 3; ++i) {
      Region region;
      region.name = "layer" + std::to_string(i);
      region.op = "conv";
      graph_.regions.push_back(region);
      ProgramRegion planned;
      planned.source = i;
      planned.name = region.name;
      planned.macs = 10 * (i + 1);
      program_.regions.push_back(std::move(planned));
      RegionResult played;
      played.end = Cycles(ends[i]);
      played.counts.macs_executed = 10 * (i + 1);
      played.counts.dram_read_bytes = 7;
      played.finished = true;
      result_.regions.push_back(played);
    }
    result_.regions[0].ledger.book(Account::kComputeUseful, Cycles(100));
    result_.regions[2].ledger.book(Account::kIdle, Cycles(30));
    result_.regions[2].start = Cycles(50);
    result_.end = Cycles(130);
    UnitResult matrix;
    matrix.name = "core0.matrix";
    matrix.is_matrix = true;
    matrix.matrix = result_.regions[0].ledger;
    matrix.matrix += result_.regions[2].ledger;
    UnitResult dma;
    dma.name = "core0.dma_in";
    dma.ledger.book(UnitAccount::kBusy, Cycles(21));
    dma.ledger.book(UnitAccount::kIdle, Cycles(109));
    UnitResult dram;
    dram.name = "dram.ch0";
    dram.counters = {{"row_hits", 5}};
    result_.units = {matrix, dma, dram};
  }

  RunRecord build() {
    return build_record({{},
                         graph_,
                         program_,
                         result_,
                         [](const ActionCounts& counts, DType, Cycles window) {
                           EnergyRecord e;
                           e.matrix = Picojoules(0.1 * static_cast<double>(counts.macs_executed));
                           e.dram = Picojoules(static_cast<double>(counts.dram_read_bytes +
                                                                   counts.dram_write_bytes));
                           e.leakage = Picojoules(static_cast<double>(window.value()));
                           return e;
                         },
                         [](std::size_t) { return std::vector<MappingField>{}; }});
  }

  Machine machine_;
  RegionGraph graph_;
  Program program_;
  EngineResult result_;
};

TEST_F(RecordBuilder, WindowsAreBetweenLargestEndsAndSumToTheTotal) {
  const RunRecord r = build();
  EXPECT_EQ(r.layers[0].cycles, Cycles(100));
  EXPECT_EQ(r.layers[1].cycles, Cycles(0));  // ended inside the first one's window
  EXPECT_EQ(r.layers[2].cycles, Cycles(30));
  EXPECT_EQ(r.cycles, Cycles(130));
  EXPECT_EQ(r.layers[2].start, Cycles(50));
  EXPECT_EQ(r.layers[2].end, Cycles(130));
}

TEST_F(RecordBuilder, CountsAndEnergiesAdd) {
  const RunRecord r = build();
  EXPECT_EQ(r.macs, 60U);
  EXPECT_EQ(r.counts.dram_read_bytes, 21U);
  EXPECT_DOUBLE_EQ(r.energy.leakage.value(), 130);
  EXPECT_DOUBLE_EQ(r.energy.matrix.value(), 6.0);
}

TEST_F(RecordBuilder, DramBehindCachesIsBilledForWhatItMoved) {
  result_.regions[1].counts.dram_write_bytes = 5;  // asked for: 7, 12 and 7
  result_.units[2].counters.push_back({"bytes_transferred", 10});
  const RunRecord direct = build();
  EXPECT_DOUBLE_EQ(direct.energy.dram.value(), 26);
  machine_.memory.cache.size = Bytes(64);
  const RunRecord r = build();
  EXPECT_EQ(r.counts.dram_read_bytes, 21U);  // still what was asked for
  EXPECT_EQ(r.counts.dram_write_bytes, 5U);
  const double shares[] = {2, 5, 3};  // 10 * 7 / 26, 10 * 19 / 26 - 2, the rest
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_DOUBLE_EQ(r.layers[i].energy.dram.value(), shares[i]) << i;
  EXPECT_DOUBLE_EQ(r.energy.dram.value(), 10);
  EXPECT_DOUBLE_EQ(r.energy.matrix.value(), direct.energy.matrix.value());
}

TEST_F(RecordBuilder, BehindCachesAnUnfinishedRunIsNotBilledForLayersThatItLacks) {
  machine_.memory.cache.size = Bytes(64);
  result_.units[2].counters.push_back({"bytes_transferred", 100});
  EXPECT_DOUBLE_EQ(build().energy.dram.value(), 100);  // whole lines: more than was asked for
  result_.status = EngineResult::Status::kInterrupted;
  result_.regions[2].finished = false;
  EXPECT_DOUBLE_EQ(build().energy.dram.value(), 14);
}

TEST_F(RecordBuilder, WithoutCountersDramIsBilledForWhatWasAskedOfTheCaches) {
  machine_.memory.cache.size = Bytes(64);
  EXPECT_DOUBLE_EQ(build().energy.dram.value(), 21);
}

TEST_F(RecordBuilder, UnitsHaveBusyCyclesOrCounters) {
  const RunRecord r = build();
  ASSERT_EQ(r.units.size(), 3U);
  EXPECT_EQ(r.units[0].busy_cycles, 100U);
  EXPECT_EQ(r.units[1].busy_cycles, 21U);
  EXPECT_FALSE(r.units[2].busy_cycles.has_value());
  EXPECT_TRUE(r.units[2].ledger.empty());
  EXPECT_EQ(r.units[2].counters.at(0).second, 5U);
}

TEST_F(RecordBuilder, AnUnfinishedRunKeepsTheLayersThatAre) {
  result_.status = EngineResult::Status::kInterrupted;
  result_.regions[2].finished = false;
  const RunRecord r = build();
  ASSERT_TRUE(r.partial.has_value());
  EXPECT_EQ(r.partial->reason, "interrupted");
  EXPECT_EQ(r.partial->layers_finished, 2U);
  EXPECT_EQ(r.partial->layers, 3U);
  EXPECT_EQ(r.layers.size(), 2U);
  EXPECT_EQ(r.cycles, Cycles(100));
}

TEST_F(RecordBuilder, UnitsOfAnUnfinishedRunHoldWhatWasPlayed) {
  result_.status = EngineResult::Status::kCycleLimit;
  result_.regions[2].finished = false;
  const RunRecord r = build();
  EXPECT_EQ(r.partial->end, Cycles(130));
  ASSERT_EQ(r.units.size(), 3U);
  for (const UnitRecord& unit : r.units) {
    std::uint64_t cycles = 0;
    for (const auto& [account, booked] : unit.ledger) cycles += booked;
    EXPECT_EQ(cycles, unit.ledger.empty() ? 0U : 130U) << unit.name;
  }
  EXPECT_EQ(r.units[2].counters.at(0).second, 5U);
  result_.units[0].matrix.book(Account::kIdle, Cycles(1));
  EXPECT_THROW(build(), InternalError);
}

TEST_F(RecordBuilder, ALedgerThatDoesNotSumIsOurMistake) {
  result_.regions[2].ledger.book(Account::kIdle, Cycles(1));
  EXPECT_THROW(build(), InternalError);
}

TEST_F(RecordBuilder, CyclesBehindTheLastLayerAreOurMistake) {
  result_.end = Cycles(131);
  EXPECT_THROW(build(), InternalError);
}

TEST_F(RecordBuilder, PeakRatesCountEveryArray) {
  machine_.cores = 3;
  machine_.matrix.count = 2;
  machine_.matrix.rate[1] = {1, 4};
  const MachineFacts facts = machine_facts(machine_);
  EXPECT_EQ(facts.matrix_units, 6U);
  EXPECT_EQ(facts.peak[0].macs, 4U * 2 * 6 * 2);
  EXPECT_EQ(facts.peak[1].macs, 4U * 2 * 6);
  EXPECT_EQ(facts.peak[1].cycles, 4U);
  EXPECT_EQ(facts.vector_lanes, 24U);
}

}  // namespace
}  // namespace takt
