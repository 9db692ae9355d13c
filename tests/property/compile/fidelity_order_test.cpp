// SPDX-License-Identifier: Apache-2.0
// Compiled programs at every fidelity: roofline <= analytic <= transaction, the same where memory
// is ideal, every cycle and every byte accounted for.
#include <gtest/gtest.h>

#include <map>

#include "sim/base/math.h"
#include "tests/support/engine_order.h"
#include "tests/support/seeds.h"

namespace takt::test {
namespace {

constexpr std::uint64_t kSeeds = 80;

/// In front of one channel, with misses that take longer than most else in these networks.
void put_cache(Random& random, Machine& machine) {
  machine.host.enabled = false;
  machine.dma.outstanding = static_cast<std::uint32_t>(random.between(1, 4));
  Memory& memory = machine.memory;
  memory.channels = 1;
  memory.cache.line = Bytes(64);
  memory.cache.ways = static_cast<std::uint32_t>(random.between(1, 8));
  memory.cache.size = Bytes(64 * memory.cache.ways << random.between(2, 10));
  memory.cache.latency = Femtoseconds(random.between(0, 50) * 1'000'000);
  memory.cache.miss = Femtoseconds(random.between(100, 2000) * 1'000'000);
  memory.cache.bandwidth_bytes_per_s = memory.bandwidth_bytes_per_s * random.between(1, 4);
}

std::optional<Compiled> compiled_seed(std::uint64_t seed, bool ideal, bool cached = false) {
  Random random(seed * 104'729);
  Machine machine = random_machine(random);
  machine.memory.ideal = ideal;
  machine.cores = random.between(0, 2) == 0 ? 2 : 1;
  machine.buffers[0].size = Bytes(machine.buffers[0].size.value() * 4);
  if (cached) put_cache(random, machine);
  return compiled(machine, random_regions(random));
}

/// Cycles that no schedule of this program can go below.
std::uint64_t roofline(const Compiled& c, const EngineResult& result) {
  const Machine& m = c.machine();
  std::uint64_t macs = 0;
  for (const RegionResult& region : result.regions) macs += region.counts.macs_executed;
  // One MAC a PE and cycle on random machines.
  const std::uint64_t peak =
      static_cast<std::uint64_t>(m.matrix.rows) * m.matrix.cols * m.matrix.count * m.cores;
  const std::uint64_t memory =
      mul_div_ceil(dram_bytes(result), m.clock.hz(), m.memory.bandwidth_bytes_per_s);
  // The link's directions are independent; a layer's one is at most the total of its own direction.
  std::uint64_t in = 0, out = 0;
  for (const RegionResult& region : result.regions) {
    in += region.counts.host_read_bytes;
    out += region.counts.host_write_bytes;
  }
  const std::uint64_t link =
      m.host.enabled ? mul_div_ceil(std::max(in, out), m.clock.hz(), m.host.payload_bytes_per_s)
                     : 0;
  return std::max({ceil_div(macs, peak), m.memory.ideal ? 0 : memory, link});
}

bool try_ideal(std::uint64_t seed) {
  const auto c = compiled_seed(seed, true);
  if (!c) return false;
  const EngineResult closed_form = analytic(*c), played = transaction(*c);
  EXPECT_EQ(played.status, EngineResult::Status::kFinished);
  EXPECT_LE(roofline(*c, closed_form), closed_form.end.value());
  expect_same(closed_form, played);
  expect_balanced(c->program(), closed_form);
  expect_balanced(c->program(), played);
  return true;
}

bool try_real(std::uint64_t seed) {
  const auto c = compiled_seed(seed, false);
  if (!c) return false;
  const EngineResult closed_form = analytic(*c), played = transaction(*c);
  EXPECT_LE(roofline(*c, closed_form), closed_form.end.value());
  expect_agreement(c->program(), closed_form, played);
  return true;
}

// The closed form counts the misses of weights, each byte once.
bool try_cached(std::uint64_t seed) {
  const auto c = compiled_seed(seed, false, true);
  if (!c) return false;
  Machine hits = c->machine();
  hits.memory.cache.miss = Femtoseconds(0);
  const EngineResult closed_form = analytic(*c), played = transaction(*c);
  expect_order(closed_form, played);
  return analytic(rebuilt(*c, hits)).end < closed_form.end;
}

EngineResult one_by_one(const Compiled& c) {
  return AnalyticEngine(c.backend->timing(), AnalyticEngine::Jumps::kOff)
      .run(c.program(), {})
      .value();
}

// Requests that take time to issue, and a way to the memory beside it.
bool try_intervals(std::uint64_t seed) {
  const auto quick = compiled_seed(seed, false);
  if (!quick) return false;
  Random random(seed * 86'028'121);
  Machine machine = quick->machine();
  machine.dma.latency = Femtoseconds(random.between(0, 200'000'000));
  machine.dma.outstanding = static_cast<std::uint32_t>(random.between(1, 64));
  const Compiled at_once = rebuilt(*quick, machine);
  machine.dma.request_interval = Femtoseconds(random.between(1, 60'000'000));
  const Compiled c = rebuilt(*quick, machine);
  const EngineResult closed_form = analytic(c), played = transaction(c);
  expect_order(closed_form, played);
  expect_same(closed_form, one_by_one(c));
  return analytic(at_once).end < closed_form.end;
}

// Nothing of the device begins before it is launched, and no byte moves before that.
bool try_launch(std::uint64_t seed) {
  Random random(seed * 67'867'967);
  Machine machine = random_machine(random);
  machine.memory.ideal = false;
  machine.host.enabled = false;
  machine.launch = Cycles(0);
  machine.cores = static_cast<std::uint32_t>(random.between(1, 6));
  const auto c = compiled(machine, random_regions(random));
  if (!c) return false;
  machine.launch = Cycles(random.between(1, 100'000));
  const EngineResult before = analytic(*c), after = analytic(rebuilt(*c, machine));
  for (std::size_t r = 0; r < before.regions.size(); ++r) {
    EXPECT_EQ(before.regions[r].end + machine.launch, after.regions[r].end) << "region " << r;
  }
  EXPECT_EQ(before.end + machine.launch, after.end);
  return true;
}

TEST(Fidelities, RequestsAreIssuedAtAnInterval) {
  EXPECT_GT(for_seeds(kSeeds, try_intervals), kSeeds / 4);
}

TEST(Fidelities, LaunchDelaysAllThatTheDeviceDoes) {
  EXPECT_GT(for_seeds(kSeeds, try_launch), kSeeds / 2);
}

TEST(Fidelities, WeightsMissACacheOnce) { EXPECT_GT(for_seeds(kSeeds, try_cached), kSeeds / 4); }

TEST(Fidelities, AgreeOnEverythingWhereMemoryIsIdeal) {
  EXPECT_GT(for_seeds(kSeeds, try_ideal), kSeeds / 2);
}

TEST(Fidelities, RooflineThenAnalyticThenTransaction) {
  EXPECT_GT(for_seeds(kSeeds, try_real), kSeeds / 2);
}

/// What a program's ops say, against what is counted.
bool try_bytes(std::uint64_t seed) {
  const auto c = compiled_seed(seed, true);
  if (!c) return false;
  const EngineResult result = analytic(*c);
  // Bytes that left a memory and bytes that arrived in another, by region and role.
  using Key = std::pair<std::uint32_t, Transfer::Role>;
  std::map<Key, std::uint64_t> left, arrived;
  std::vector<std::uint64_t> moved(result.regions.size()), macs(result.regions.size());
  for (std::uint32_t core = 0; core < c->machine().cores; ++core) {
    CoreStream stream(c->program(), core);
    for (TileOp op; stream.next(op);) {
      if (op.kind == TileOpKind::kMatrix) {
        macs[op.region] += op.matrix.macs();
      }
      if (op.kind != TileOpKind::kLoad && op.kind != TileOpKind::kStore) continue;
      const std::uint64_t bytes = op.transfer.remote.bytes().value();
      const bool dram = op.transfer.space == Space::kDram || !op.transfer.buffer.valid();
      if (dram) moved[op.region] += bytes;
      if (!op.transfer.buffer.valid()) continue;
      left[{op.region, op.transfer.role}] += bytes;
      for (const SramAccess& access : op.accesses) {
        EXPECT_EQ(access.write, op.kind == TileOpKind::kLoad);
        EXPECT_EQ(access.bytes, access.span) << "tiles are dense";
        arrived[{op.region, op.transfer.role}] += access.bytes;
      }
    }
  }
  EXPECT_EQ(left, arrived);
  for (std::size_t r = 0; r < result.regions.size(); ++r) {
    const ActionCounts& counts = result.regions[r].counts;
    EXPECT_EQ(counts.dram_read_bytes + counts.dram_write_bytes, moved[r]) << r;
    EXPECT_EQ(counts.macs_executed, macs[r]) << r;
    EXPECT_EQ(macs[r] + counts.vector_macs, c->program().regions[r].macs) << r;
  }
  return true;
}

TEST(Fidelities, EveryByteAndMacIsCounted) { EXPECT_GT(for_seeds(3 * kSeeds, try_bytes), kSeeds); }

}  // namespace
}  // namespace takt::test
