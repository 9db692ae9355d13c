// SPDX-License-Identifier: Apache-2.0
#include "sim/report/timeline.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>

namespace takt {
namespace {

using Json = nlohmann::json;

TEST(BandwidthTrack, KeepsEveryByteWhenSpansMerge) {
  BandwidthTrack track;
  std::uint64_t moved = 0;
  for (std::uint64_t i = 0; i < 100; ++i) {
    track.add(Cycles(i * 10'000), Cycles(i * 10'000 + 7'777), 1000 + i);
    moved += 1000 + i;
  }
  EXPECT_LE(track.bytes().size(), BandwidthTrack::kSpansMax);
  EXPECT_NEAR(std::accumulate(track.bytes().begin(), track.bytes().end(), 0.0),
              static_cast<double>(moved), 1e-3);
  EXPECT_GT(track.span_cycles() * BandwidthTrack::kSpansMax, 990'000U);
}

TEST(BandwidthTrack, AMomentIsStillATransfer) {
  BandwidthTrack track;
  track.add(Cycles(5), Cycles(5), 12);
  EXPECT_DOUBLE_EQ(track.bytes().at(0), 12);
}

class Timeline : public ::testing::Test {
 protected:
  Timeline() {
    machine_.name = "m \"x\"";
    machine_.clock = ClockDomain(1'000'000'000);
    program_.machine = &machine_;
    program_.graph = &graph_;
    program_.units = {{"core0.dma_in", UnitKind::kDmaIn, 0},
                      {"core0.matrix", UnitKind::kMatrix, 0}};
    ProgramRegion region;
    region.name = "conv1";
    program_.regions.push_back(std::move(region));
  }
  Json finish(TimelineWriter& writer) {
    writer.finish();
    return Json::parse(out_.str());
  }

  Machine machine_;
  RegionGraph graph_;
  Program program_;
  std::ostringstream out_;
};

TEST_F(Timeline, ARowAUnitAndASliceAnOp) {
  TimelineWriter writer(program_, out_);
  TileOp op;
  op.kind = TileOpKind::kMatrix;
  op.unit = UnitId{1};
  op.matrix.m = 3;
  writer.span(op, Cycles(1500), Cycles(4000));
  const Json events = finish(writer)["traceEvents"];
  std::vector<std::string> rows;
  Json slice;
  for (const Json& e : events) {
    if (e["name"] == "thread_name") rows.push_back(e["args"]["name"]);
    if (e["ph"] == "X") slice = e;
  }
  EXPECT_EQ(rows, (std::vector<std::string>{"core0.dma_in", "core0.matrix"}));
  EXPECT_EQ(slice["tid"], 1);
  EXPECT_DOUBLE_EQ(slice["ts"].get<double>(), 1.5);  // microseconds at 1 GHz
  EXPECT_DOUBLE_EQ(slice["dur"].get<double>(), 2.5);
  EXPECT_EQ(slice["name"], "conv1 matrix");
  EXPECT_EQ(slice["args"]["m"], 3);
}

TEST_F(Timeline, BandwidthAndEngineCountersAreCounters) {
  TimelineWriter writer(program_, out_);
  TileOp op;
  op.kind = TileOpKind::kLoad;
  op.unit = UnitId{0};
  op.transfer.buffer = BufferId{0};
  op.transfer.remote.row_bytes = 640;
  writer.span(op, Cycles(0), Cycles(64));
  writer.counter("core0.unified", Cycles(10), 42);
  double peak = 0;
  std::uint64_t filled = 0;
  const Json events = finish(writer)["traceEvents"];
  for (const Json& e : events) {
    if (e["ph"] != "C") continue;
    if (e["name"] == "DRAM bandwidth") peak = std::max(peak, e["args"]["GB/s"].get<double>());
    if (e["name"] == "core0.unified") filled = e["args"]["value"];
  }
  EXPECT_DOUBLE_EQ(peak, 10);  // 640 B in 64 ns
  EXPECT_EQ(filled, 42U);
}

TEST_F(Timeline, ABufferHasACounterOfItsFill) {
  machine_.buffers.push_back({});
  machine_.buffers[0].name = "unified";
  TimelineWriter writer(program_, out_);
  TileOp load;
  load.kind = TileOpKind::kLoad;
  load.unit = UnitId{0};
  load.transfer.buffer = BufferId{0};
  load.transfer.remote.row_bytes = 2048;
  SramAccess access;
  access.buffer = BufferId{0};
  access.bytes = access.span = 2048;
  access.write = true;
  load.accesses.push_back(access);
  writer.span(load, Cycles(0), Cycles(64));
  TileOp use;
  use.kind = TileOpKind::kMatrix;
  use.unit = UnitId{1};
  access.write = false;
  use.accesses.push_back(access);
  writer.span(use, Cycles(64), Cycles(160));
  std::vector<double> fill;
  const Json events = finish(writer)["traceEvents"];
  for (const Json& e : events) {
    if (e["name"] == "core0.unified fill") fill.push_back(e["args"]["KiB"]);
  }
  // Two spans of 64 cycles full, the third to the half, and nothing behind.
  EXPECT_EQ(fill, (std::vector<double>{2, 2, 1, 0}));
}

TEST_F(Timeline, AnEmptyRunIsStillValid) {
  TimelineWriter writer(program_, out_);
  EXPECT_TRUE(finish(writer)["traceEvents"].is_array());
}

}  // namespace
}  // namespace takt
