// SPDX-License-Identifier: Apache-2.0
// Programs of row-stationary machines: verified, multiply-accumulates and bytes conserved, the nest
// equal to its expansion, analytic <= transaction and equal where memory is ideal.
#include <gtest/gtest.h>

#include "sim/base/math.h"
#include "sim/mapper/mapping_check.h"
#include "sim/program/verify.h"
#include "tests/support/engine_order.h"
#include "tests/support/row_machine.h"
#include "tests/support/seeds.h"

namespace takt::test {
namespace {

constexpr std::uint64_t kSeeds = 60;

std::optional<Compiled> compiled_seed(std::uint64_t seed, bool ideal) {
  Random random(seed * 15'485'863);
  Machine machine = random_row_machine(random);
  machine.memory.ideal = ideal;
  machine.cores = random.between(0, 3) == 0 ? 2 : 1;
  return compiled(machine, with_zeros(*random_regions(random), random));
}

/// Of what the arrays do; kernels that no pass holds are the vector unit's.
std::uint64_t cycles_at_peak(const Compiled& c) {
  std::uint64_t macs = 0;
  for (std::uint32_t core = 0; core < c.machine().cores; ++core) {
    CoreStream stream(c.program(), core);
    for (TileOp op; stream.next(op);) macs += op.kind == TileOpKind::kMatrix ? op.matrix.macs() : 0;
  }
  const MatrixUnit& array = c.machine().matrix;
  return ceil_div(macs, std::uint64_t{array.rows} * array.cols * c.machine().cores);
}

/// What the ops say, against what is counted and what the mapper foresaw.
void expect_conserved(const Compiled& c, const EngineResult& result) {
  const RegionGraph& graph = *c.program().graph;
  std::vector<std::uint64_t> macs(graph.regions.size()), moved(graph.regions.size());
  for (std::uint32_t core = 0; core < c.machine().cores; ++core) {
    CoreStream stream(c.program(), core);
    for (TileOp op; stream.next(op);) {
      if (op.kind == TileOpKind::kMatrix) macs[op.region] += op.matrix.macs();
      if (op.kind == TileOpKind::kVector) macs[op.region] += op.vector.macs;
      if (op.kind != TileOpKind::kLoad && op.kind != TileOpKind::kStore) continue;
      EXPECT_LE(op.transfer.moved(), op.transfer.remote.bytes());
      const bool dram = op.transfer.space == Space::kDram || !op.transfer.buffer.valid();
      if (dram) moved[op.region] += op.transfer.moved().value();
    }
  }
  for (std::size_t r = 0; r < result.regions.size(); ++r) {
    const ActionCounts& counts = result.regions[r].counts;
    const Region& region = graph.regions[c.program().regions[r].source];
    EXPECT_EQ(counts.dram_read_bytes + counts.dram_write_bytes, moved[r]) << r;
    if (region.kind != Region::Kind::kMatrix) continue;
    EXPECT_EQ(macs[r], region.matrix.macs()) << r;
    if (counts.vector_macs > 0) {
      EXPECT_EQ(counts.vector_macs, macs[r]) << r;
      continue;
    }
    EXPECT_LE(counts.macs_executed, macs[r]) << r;
    const std::uint32_t zeros = graph.tensors[region.matrix.input.tensor.index].zero_ppm;
    const double left = static_cast<double>(macs[r]) * (1e6 - zeros) / 1e6;
    EXPECT_NEAR(static_cast<double>(counts.macs_executed), left,
                static_cast<double>(counts.tile_ops))
        << r;
  }
}

bool try_ideal(std::uint64_t seed) {
  const auto c = compiled_seed(seed, true);
  if (!c) return false;
  const Verification verification = verify(c->program());
  for (const std::string& finding : verification.findings) ADD_FAILURE() << finding;
  if (testing::Test::HasFailure()) return true;
  const EngineResult jumping = analytic(*c);
  AnalyticEngine one_by_one(c->backend->timing(), AnalyticEngine::Jumps::kOff);
  expect_same(jumping, one_by_one.run(c->program(), RunLimits{}).value());
  expect_same(jumping, transaction(*c));
  expect_balanced(c->program(), jumping);
  expect_conserved(*c, jumping);
  EXPECT_LE(cycles_at_peak(*c), jumping.end.value());
  return true;
}

bool try_real(std::uint64_t seed) {
  const auto c = compiled_seed(seed, false);
  if (!c) return false;
  const EngineResult closed_form = analytic(*c), played = transaction(*c);
  EXPECT_LE(cycles_at_peak(*c), closed_form.end.value());
  expect_agreement(c->program(), closed_form, played);
  return true;
}

TEST(RowStationary, ProgramsAreRightAndEnginesAgreeWhereMemoryIsIdeal) {
  EXPECT_GT(for_seeds(kSeeds, try_ideal), kSeeds / 2);
}

TEST(RowStationary, AnalyticThenTransaction) { EXPECT_GT(for_seeds(kSeeds, try_real), kSeeds / 2); }

// A network without zeros, so that nothing is compressed: the estimate's bytes are the program's.
TEST(RowStationary, TheMapperForeseesEveryByte) {
  const auto property = [](std::uint64_t seed) {
    Random random(seed * 32'452'843);
    Machine machine = random_row_machine(random);
    machine.host.enabled = false;  // what crosses the link is no mapping's business
    const auto c = compiled(machine, random_regions(random));
    if (!c) return false;
    const EngineResult result = analytic(*c);
    for (std::size_t r = 0; r < result.regions.size(); ++r) {
      const ActionCounts& counts = result.regions[r].counts;
      EXPECT_EQ(c->network.searches[r].best.front().estimate.dram_bytes,
                counts.dram_read_bytes + counts.dram_write_bytes)
          << c->program().regions[r].mapping;
    }
    return true;
  };
  EXPECT_GT(for_seeds(kSeeds, property), kSeeds / 2);
}

}  // namespace
}  // namespace takt::test
