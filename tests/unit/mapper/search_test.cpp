// SPDX-License-Identifier: Apache-2.0
#include "sim/mapper/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/support/random_network.h"
#include "tests/support/seeds.h"

namespace takt::test {
namespace {

RegionRoom whole_room(const Region& region, const Machine& machine) {
  RegionRoom room;
  room.operand_resident.resize(region.operands.size());
  room.unified_bytes = machine.buffers[machine.unified.index].size.value();
  if (machine.weights != machine.unified) {
    const Buffer& weights = machine.buffers[machine.weights.index];
    room.weight_bytes = weights.size.value();
    if (weights.slots > 0 && machine.matrix.count == 1) {
      room.weight_slot_bytes = weights.size.value() / weights.slots;
    }
  }
  return room;
}

/// A score of its own for every mapping, unrelated to any estimate.
double odd_score(const RegionMapping& mapping) {
  return static_cast<double>(std::hash<std::string>{}(to_string(mapping)) % 100'003);
}

struct Searched {
  SearchResult result;
  std::vector<std::string> played;
  std::string greedy;  ///< the first candidate that fits
};

Searched searched(const Region& region, const RegionGraph& graph, const Machine& machine,
                  const SearchOptions& options) {
  const RegionRoom room = whole_room(region, machine);
  Searched s;
  s.result = search(region, graph, machine, room, options, [&](const RegionMapping& m) {
    s.played.push_back(to_string(m));
    return odd_score(m);
  });
  for (const RegionMapping& m : candidates(region, machine)) {
    if (!estimate(region, graph, machine, m, room).fits) continue;
    s.greedy = to_string(m);
    break;
  }
  return s;
}

bool try_search(std::uint64_t seed) {
  Random random(seed * 2'750'159);
  const Machine machine = random_machine(random);
  const auto graph = random_regions(random);
  const Region& region = graph->regions[0];
  SearchOptions options;
  options.objective = static_cast<Objective>(random.between(0, 3));
  options.play = random.between(1, 8);
  options.keep = random.between(1, 12);
  const Searched s = searched(region, *graph, machine, options);
  if (s.result.best.empty()) {
    EXPECT_EQ(s.result.fitting, 0u);
    EXPECT_EQ(s.greedy, "");
    EXPECT_FALSE(s.result.last_constraint.empty());
    return false;
  }
  // The best estimates, the start, and the best of two more ways to do groups.
  EXPECT_LE(s.played.size(), options.play + 1 + (region.matrix.g > 1 ? 2 : 0));
  EXPECT_EQ(s.result.best.size(), std::min<std::uint64_t>(options.keep, s.result.fitting));
  // The greedy start is played, and nothing that was is better than the winner.
  EXPECT_THAT(s.played, testing::Contains(s.greedy));
  const Candidate& winner = s.result.best.front();
  EXPECT_TRUE(winner.played);
  EXPECT_EQ(winner.score, odd_score(winner.mapping));
  EXPECT_EQ(winner.why_lost, "");
  for (std::size_t i = 1; i < s.result.best.size(); ++i) {
    const Candidate& c = s.result.best[i];
    EXPECT_THAT(c.why_lost,
                testing::MatchesRegex("same [a-zA-Z -]+, found later|"
                                      "(estimated )?-?[0-9]+\\.[0-9] % more [a-zA-Z -]+"));
    EXPECT_LE(c.played, s.result.best[i - 1].played);
    if (c.played) {
      EXPECT_LE(s.result.best[i - 1].score, c.score);
    }
  }
  for (const Candidate& c : s.result.best) {
    if (c.played) {
      EXPECT_LE(winner.score, c.score);
    }
  }
  const Searched again = searched(region, *graph, machine, options);
  EXPECT_EQ(again.played, s.played);
  for (std::size_t i = 0; i < s.result.best.size(); ++i) {
    EXPECT_EQ(to_string(again.result.best[i].mapping), to_string(s.result.best[i].mapping));
    EXPECT_EQ(again.result.best[i].why_lost, s.result.best[i].why_lost);
  }
  return true;
}

TEST(Search, IsDeterministicAndNeverWorseThanItsStart) {
  constexpr std::uint64_t kSeeds = 150;
  EXPECT_GT(for_seeds(kSeeds, try_search), kSeeds / 2);
}

TEST(Search, PlaysTheBestEstimates) {
  Random random(11);
  Machine machine = random_machine(random);
  machine.buffers[0].size = Bytes(1 << 20);
  const auto graph = random_regions(random);
  const Region& region = graph->regions[0];
  SearchOptions options;
  options.objective = Objective::kDramBytes;
  options.keep = 1000;
  const Searched s = searched(region, *graph, machine, options);
  std::uint64_t least = UINT64_MAX;
  for (const RegionMapping& m : candidates(region, machine)) {
    const MappingEstimate e = estimate(region, *graph, machine, m, whole_room(region, machine));
    if (e.fits) least = std::min(least, e.dram_bytes);
  }
  bool found = false;
  for (const Candidate& c : s.result.best) found |= c.played && c.estimate.dram_bytes == least;
  EXPECT_TRUE(found);
}

TEST(Search, NamesWhatTheSmallestTilesStillNeed) {
  Random random(3);
  Machine machine = random_machine(random);
  machine.buffers.resize(1);
  machine.weights = machine.unified;
  machine.buffers[0].size = Bytes(64);
  const auto graph = random_regions(random);
  const Searched s = searched(graph->regions[0], *graph, machine, {});
  EXPECT_TRUE(s.result.best.empty());
  EXPECT_GT(s.result.tried, 0u);
  EXPECT_THAT(s.result.last_constraint, testing::HasSubstr("'unified' has 64 B left"));
}

/// 3 x 3 on 16 x 16 x 64 -> 16 x 16 x 32, on arrays that take one tap a pass.
struct ByTap {
  Region region;
  RegionGraph graph;
  Machine machine;
  ByTap() {
    Random random(5);
    machine = random_machine(random);
    machine.cores = 1;
    machine.matrix.count = 1;
    machine.matrix.rows = machine.matrix.cols = 16;
    machine.matrix.dataflow = Dataflow::kWeightStationary;
    machine.matrix.weight_buffers = 2;
    machine.matrix.accumulator_rows = 4096;
    machine.matrix.taps_apart = true;
    machine.buffers.resize(1);
    machine.weights = machine.unified;
    machine.buffers[0].size = Bytes(1 << 24);
    machine.memory.bandwidth_bytes_per_s = 1'000'000'000'000'000'000;
    for (const std::int64_t elements : {16 * 16 * 64, 3 * 3 * 64 * 32, 16 * 16 * 32}) {
      StoredTensor tensor;
      tensor.elements = elements;
      graph.tensors.push_back(tensor);
    }
    region.kind = Region::Kind::kMatrix;
    MatrixWork& w = region.matrix;
    w.n = 1, w.p = w.q = w.in_h = w.in_w = 16, w.o = 32, w.r = w.s = 3, w.c = 64;
    w.pad_h = w.pad_w = 1;
    w.input.tensor = TensorId{0}, w.weight.tensor = TensorId{1};
    region.output.tensor = TensorId{2};
  }
  std::uint64_t estimated(std::int64_t channels) const {
    RegionMapping m;
    m.p = m.q = 16, m.o = 32, m.c = channels;
    const MappingEstimate e = estimate(region, graph, machine, m, whole_room(region, machine));
    EXPECT_TRUE(e.fits) << e.why_not;
    return e.cycles;
  }
};

// Rows that a pass leaves empty are lost in each of its taps.
TEST(Search, CutsChannelsIntoWholePassesOfATap) {
  const ByTap by_tap;
  for (const RegionMapping& m : candidates(by_tap.region, by_tap.machine)) {
    EXPECT_EQ(m.c % 16, 0) << to_string(m);
  }
}

// 256 pixels, 9 taps, 2 blocks of outputs: 4 passes of 16 channels, or 8 of 8.
TEST(Estimate, CountsThePassesOfEachTilesTaps) {
  const ByTap by_tap;
  EXPECT_EQ(by_tap.estimated(8) - by_tap.estimated(32), 256u * 9 * 2 * 4);
  EXPECT_EQ(by_tap.estimated(24) - by_tap.estimated(64), 256u * 9 * 2 * 1);
}

}  // namespace
}  // namespace takt::test
