// SPDX-License-Identifier: Apache-2.0
// Compiled programs of random networks on random machines, on all engines: with ideal memory one
// result, with real memories never below `analytic`.
#include <gtest/gtest.h>

#include "models/tpu/tpu_backend.h"
#include "sim/backend/compile.h"
#include "sim/engine/analytic.h"
#include "tests/support/engine_results.h"
#include "tests/support/played.h"
#include "tests/support/random_network.h"
#include "tests/support/seeds.h"

namespace takt::test {
namespace {

constexpr std::uint64_t kSeeds = 120;

class CompiledNetworks : public testing::TestWithParam<bool> {};

TEST_P(CompiledNetworks, AnalyticAndTransactionAgree) {
  const bool ideal = GetParam();
  std::uint64_t slower = 0;
  const std::uint64_t cases = for_seeds(kSeeds, [&](std::uint64_t seed) {
    Random random(seed);
    Machine machine = random_machine(random);
    machine.memory.ideal = ideal;
    const auto graph = random_regions(random);
    const std::unique_ptr<Backend> backend = make_tpu_backend(machine);
    const auto network = compile(graph, *backend, CompileOptions{});
    if (!network) return false;  // the machine is too small
    const Program& program = network->program;
    const TransactionRun run = play_transaction(program, backend->timing());
    EXPECT_EQ(run.result.status, EngineResult::Status::kFinished)
        << (run.result.blocked.empty() ? "" : run.result.blocked[0]);
    expect_balanced(program, run.result);
    const EngineResult analytic = AnalyticEngine(backend->timing()).run(program, {}).value();
    if (ideal) {
      expect_same(analytic, run.result);
      const Played oracle = ReferencePlayer(program, backend->timing()).play();
      EXPECT_EQ(first_difference(program, oracle, run.played), "");
    } else {
      expect_not_below(analytic, run.result);
      slower += analytic.end < run.result.end;
    }
    return true;
  });
  EXPECT_GT(cases, kSeeds / 2);
  EXPECT_EQ(slower > 0, !ideal);
}

INSTANTIATE_TEST_SUITE_P(Memory, CompiledNetworks, testing::Bool(), [](const auto& tested) {
  return tested.param ? std::string("ideal") : std::string("real");
});

}  // namespace
}  // namespace takt::test
