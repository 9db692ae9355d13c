// SPDX-License-Identifier: Apache-2.0
// Every compiled program, on random machines and networks: verified, MACs conserved, the nest's
// evaluation equal to its expansion op by op.
#include <gtest/gtest.h>

#include "models/tpu/tpu_backend.h"
#include "sim/backend/compile.h"
#include "sim/engine/analytic.h"
#include "sim/program/verify.h"
#include "tests/support/random_network.h"

namespace takt::test {
namespace {

constexpr std::uint64_t kSeeds = 400;

struct Compiled {
  Machine machine;
  std::shared_ptr<const RegionGraph> graph;
  std::unique_ptr<Backend> backend;
  std::optional<CompiledNetwork> network;
};

Compiled compile_seed(std::uint64_t seed) {
  Random random(seed);
  Compiled c;
  c.machine = random_machine(random);
  c.graph = random_regions(random);
  c.machine.cores =
      static_cast<std::uint32_t>(random.between(0, 3) == 0 ? random.between(2, 3) : 1);
  c.backend = make_tpu_backend(c.machine);
  Result<CompiledNetwork> network = compile(c.graph, *c.backend, CompileOptions{});
  if (network.ok()) {
    c.network = std::move(network).value();
  } else {
    EXPECT_EQ(exit_code(network.errors()), 7) << to_string(network.errors());
  }
  return c;
}

void expect_same(const EngineResult& a, const EngineResult& b) {
  EXPECT_EQ(a.end, b.end);
  ASSERT_EQ(a.regions.size(), b.regions.size());
  for (std::size_t r = 0; r < a.regions.size(); ++r) {
    EXPECT_EQ(a.regions[r].start, b.regions[r].start) << r;
    EXPECT_EQ(a.regions[r].end, b.regions[r].end) << r;
    EXPECT_EQ(a.regions[r].matrix_span_start, b.regions[r].matrix_span_start) << r;
    EXPECT_EQ(a.regions[r].matrix_span_end, b.regions[r].matrix_span_end) << r;
    EXPECT_EQ(a.regions[r].ledger.cycles, b.regions[r].ledger.cycles) << r;
    for (std::size_t w = 0; w < ActionCounts::kWords; ++w) {
      EXPECT_EQ(a.regions[r].counts.words()[w], b.regions[r].counts.words()[w])
          << r << " count " << w;
    }
  }
  for (std::size_t u = 0; u < a.units.size(); ++u) {
    EXPECT_EQ(a.units[u].matrix.cycles, b.units[u].matrix.cycles) << a.units[u].name;
    EXPECT_EQ(a.units[u].ledger.cycles, b.units[u].ledger.cycles) << a.units[u].name;
  }
}

TEST(CompiledProgram, IsVerifiedAndItsNestEqualsItsExpansion) {
  std::uint64_t fitting = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Compiled c = compile_seed(seed);
    if (!c.network) continue;
    ++fitting;
    const Verification v = verify(c.network->program);
    for (const std::string& finding : v.findings) ADD_FAILURE() << finding;
    if (HasFailure()) return;
    AnalyticEngine jumping(c.backend->timing());
    AnalyticEngine plain(c.backend->timing(), AnalyticEngine::Jumps::kOff);
    const EngineResult a = jumping.run(c.network->program, RunLimits{}).value();
    const EngineResult b = plain.run(c.network->program, RunLimits{}).value();
    ASSERT_EQ(a.status, EngineResult::Status::kFinished) << (a.blocked.empty() ? "" : a.blocked[0]);
    expect_same(a, b);
    for (const UnitResult& unit : a.units) {
      EXPECT_EQ(unit.is_matrix ? unit.matrix.total() : unit.ledger.total(), a.end.value())
          << unit.name;
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(fitting, kSeeds / 2);
}

}  // namespace
}  // namespace takt::test
