// SPDX-License-Identifier: Apache-2.0
// Grouped convolutions, slices, concatenations and deep padding, mapped by the mapper or at random
// (one group a pass, several side by side, the vector unit): every program is verified, does the
// required MACs, moves the bytes that were estimated, is the same by nest and op by op, reads back
// from its mapping file, and its engines are in order.
#include <gtest/gtest.h>

#include "sim/base/math.h"
#include "sim/program/verify.h"
#include "tests/support/compiled.h"
#include "tests/support/mapping_files.h"
#include "tests/support/random_image_network.h"
#include "tests/support/random_mapping.h"
#include "tests/support/seeds.h"

namespace takt::test {
namespace {

/// How often each way to do a grouped product came up.
struct Ways {
  std::uint64_t packed = 0, lanes = 0;
};

std::optional<Compiled> compiled_seed(std::uint64_t seed, bool given, bool ideal, Ways& ways) {
  Random random(seed * 15'485'863);
  Machine machine = random_machine(random);
  machine.memory.ideal = ideal;
  machine.cores = static_cast<std::uint32_t>(random.between(0, 2) == 0 ? random.between(2, 3) : 1);
  machine.buffers[0].size = Bytes(machine.buffers[0].size.value() * 8);
  if (random.between(0, 3) == 0) machine.matrix.rate.fill({2, 1});
  if (given) machine.host.enabled = false;  // what crosses the link is no mapping's business
  const auto graph = fused(ImageNetworkMaker(random).make());
  CompileOptions options;
  for (const Region& region : graph->regions) {
    if (given) options.given[region.name] = random_mapping(random, region, machine);
  }
  Compiled c;
  c.backend = make_tpu_backend(machine);
  Result<CompiledNetwork> network = compile(graph, *c.backend, options);
  if (!network.ok()) {
    EXPECT_EQ(exit_code(network.errors()), given ? 3 : 7) << to_string(network.errors());
    return std::nullopt;
  }
  c.network = std::move(network).value();
  for (std::size_t r = 0; r < graph->regions.size(); ++r) {
    ways.packed += c.network.decisions.mappings[r].pack > 1;
    ways.lanes += products_on_lanes(graph->regions[r], c.network.decisions.mappings[r]);
  }
  return c;
}

void expect_conserved(const Compiled& c, const EngineResult& result) {
  const std::vector<Region>& regions = c.network.graph->regions;
  for (std::size_t r = 0; r < regions.size(); ++r) {
    const ActionCounts& counts = result.regions[r].counts;
    const RegionMapping& mapping = c.network.decisions.mappings[r];
    const std::uint64_t macs = c.program().regions[r].macs;
    const bool lanes = products_on_lanes(regions[r], mapping);
    EXPECT_EQ(counts.macs_executed, lanes ? 0 : macs) << to_string(mapping);
    EXPECT_EQ(counts.vector_macs, lanes ? macs : 0) << to_string(mapping);
    EXPECT_LE(counts.vector_macs, counts.vector_lane_ops);
  }
}

/// Useful cycles are those of PEs that hold data: as many as there are MACs, but for less than a
/// cycle an op that rounding takes.
void expect_useful_is_macs(const Compiled& c, const EngineResult& result) {
  const MatrixUnit& array = c.machine().matrix;
  if (array.rate[0].numerator != 1) return;  // a PE of two rows that holds one is in use
  std::uint64_t useful = 0, macs = 0, ops = 0;
  for (const RegionResult& region : result.regions) {
    useful += region.ledger[Account::kComputeUseful];
    macs += region.counts.macs_executed;
    ops += region.counts.tile_ops;
  }
  const std::uint64_t pes = std::uint64_t{array.rows} * array.cols;
  EXPECT_LE(useful * pes, macs);
  EXPECT_GE((useful + ops) * pes, macs);
}

bool try_mapped(std::uint64_t seed, bool given, Ways& ways) {
  const auto c = compiled_seed(seed, given, true, ways);
  if (!c) return false;
  SCOPED_TRACE(c->network.mapping_file());
  const Verification v = verify(c->program());
  for (const std::string& finding : v.findings) ADD_FAILURE() << finding;
  const EngineResult jumping = analytic(*c);
  const EngineResult plain = AnalyticEngine(c->backend->timing(), AnalyticEngine::Jumps::kOff)
                                 .run(c->program(), {})
                                 .value();
  EXPECT_EQ(jumping.status, EngineResult::Status::kFinished)
      << (jumping.blocked.empty() ? "" : jumping.blocked[0]);
  expect_same(jumping, plain);
  expect_conserved(*c, jumping);
  expect_useful_is_macs(*c, jumping);
  expect_balanced(c->program(), jumping);
  expect_reads_back(c->network, *c->backend);
  for (std::size_t r = 0; given && r < jumping.regions.size(); ++r) {
    const ActionCounts& counts = jumping.regions[r].counts;
    EXPECT_EQ(c->network.searches[r].best.front().estimate.dram_bytes,
              counts.dram_read_bytes + counts.dram_write_bytes)
        << c->program().regions[r].mapping;
  }
  return true;
}

TEST(ImageNetworks, AnyFittingMappingIsARightProgram) {
  constexpr std::uint64_t kSeeds = 400;
  Ways ways;
  EXPECT_GT(for_seeds(kSeeds, [&](std::uint64_t seed) { return try_mapped(seed, true, ways); }),
            kSeeds / 5);
  EXPECT_GT(ways.packed, 20u);
  EXPECT_GT(ways.lanes, 20u);
}

TEST(ImageNetworks, TheMappersChoiceIsARightProgram) {
  constexpr std::uint64_t kSeeds = 150;
  Ways ways;
  EXPECT_GT(for_seeds(kSeeds, [&](std::uint64_t seed) { return try_mapped(seed, false, ways); }),
            kSeeds / 2);
  EXPECT_GT(ways.packed, 5u);
  EXPECT_GT(ways.lanes, 5u);
}

/// Cycles that no schedule of the work can go below: arrays and lanes each at their peak.
std::uint64_t roofline(const Compiled& c, const EngineResult& result) {
  const Machine& m = c.machine();
  std::uint64_t macs = 0, lane_ops = 0;
  for (const RegionResult& region : result.regions) {
    macs += region.counts.macs_executed;
    lane_ops += region.counts.vector_lane_ops;
  }
  const std::uint64_t peak = static_cast<std::uint64_t>(m.matrix.rows) * m.matrix.cols *
                             m.matrix.count * m.cores * m.matrix.rate[0].numerator;
  const std::uint64_t memory = m.memory.ideal ? 0
                                              : mul_div_ceil(dram_bytes(result), m.clock.hz(),
                                                             m.memory.bandwidth_bytes_per_s);
  return std::max(
      {ceil_div(macs, peak), memory, ceil_div(lane_ops, std::uint64_t{m.vector.lanes} * m.cores)});
}

bool try_engines(std::uint64_t seed, Ways& ways) {
  const bool given = seed % 2 == 0, ideal = seed % 3 == 0;
  const auto c = compiled_seed(seed, given, ideal, ways);
  if (!c) return false;
  SCOPED_TRACE(c->network.mapping_file());
  const EngineResult closed_form = analytic(*c), played = transaction(*c);
  EXPECT_EQ(played.status, EngineResult::Status::kFinished);
  EXPECT_LE(roofline(*c, closed_form), closed_form.end.value());
  EXPECT_LE(closed_form.end, played.end);
  if (ideal) expect_same(closed_form, played);
  expect_balanced(c->program(), played);
  expect_conserved(*c, played);
  return true;
}

TEST(ImageNetworks, RooflineThenAnalyticThenTransaction) {
  constexpr std::uint64_t kSeeds = 120;
  Ways ways;
  EXPECT_GT(for_seeds(kSeeds, [&](std::uint64_t seed) { return try_engines(seed, ways); }),
            kSeeds / 4);
  EXPECT_GT(ways.packed, 5u);
  EXPECT_GT(ways.lanes, 5u);
}

}  // namespace
}  // namespace takt::test
