// SPDX-License-Identifier: Apache-2.0
// Layers in more parts than an op has room for tokens: what one op cannot wait for or give goes to
// syncs, the program is verified, is the same by nest, op by op and read back from its text, and
// its engines are in order.
#include <gtest/gtest.h>

#include <sstream>

#include "sim/machine/machine_spec.h"
#include "sim/program/text.h"
#include "sim/program/verify.h"
#include "sim/workload/workload.h"
#include "tests/support/engine_order.h"
#include "tests/support/random_image_network.h"
#include "tests/support/seeds.h"

namespace takt::test {
namespace {

/// Syncs by the unit that they are on.
struct Syncs {
  std::uint64_t host_in = 0, host_out = 0, cores = 0;
};

std::optional<Compiled> compiled_seed(std::uint64_t seed, bool ideal) {
  Random random(seed * 32'452'843);
  Machine machine = random_machine(random);
  machine.memory.ideal = ideal;
  machine.host.enabled = true;
  machine.cores = static_cast<std::uint32_t>(random.between(17, 40));
  machine.buffers[0].size = Bytes(machine.buffers[0].size.value() * 8);
  return compiled(machine, random.between(0, 2) == 0 ? fused(ImageNetworkMaker(random).make())
                                                     : random_regions(random));
}

Syncs syncs_of(const Program& program) {
  Syncs found;
  for (std::uint32_t core = 0; core < program.machine->cores; ++core) {
    CoreStream stream(program, core);
    for (TileOp op; stream.next(op);) {
      if (op.kind != TileOpKind::kSync) continue;
      const UnitKind kind = program.units[op.unit.index].kind;
      ++(kind == UnitKind::kHostIn    ? found.host_in
         : kind == UnitKind::kHostOut ? found.host_out
                                      : found.cores);
    }
  }
  return found;
}

std::string text_of(const Program& program) {
  std::ostringstream out;
  print(program, out);
  return out.str();
}

void expect_verified(const Program& program) {
  const Verification v = verify(program);
  for (const std::string& finding : v.findings) ADD_FAILURE() << finding;
}

bool try_ideal(std::uint64_t seed, Syncs& programs) {
  const auto c = compiled_seed(seed, true);
  if (!c) return false;
  const Syncs syncs = syncs_of(c->program());
  programs.host_in += syncs.host_in > 0;
  programs.host_out += syncs.host_out > 0;
  programs.cores += syncs.cores > 0;
  expect_verified(c->program());
  const EngineResult jumping = analytic(*c);
  EXPECT_EQ(jumping.status, EngineResult::Status::kFinished)
      << (jumping.blocked.empty() ? "" : jumping.blocked[0]);
  expect_same(jumping, AnalyticEngine(c->backend->timing(), AnalyticEngine::Jumps::kOff)
                           .run(c->program(), {})
                           .value());
  expect_balanced(c->program(), jumping);
  const std::string text = text_of(c->program());
  const Result<Program> read = read_program(text, "p", &c->machine(), c->network.graph.get());
  EXPECT_TRUE(read.ok()) << to_string(read.errors());
  if (read.ok()) {
    EXPECT_EQ(text_of(*read), text);
    EXPECT_TRUE(verify(*read).findings.empty());
  }
  const EngineResult played = transaction(*c);
  expect_same(jumping, played);
  expect_balanced(c->program(), played);
  return true;
}

bool try_real(std::uint64_t seed) {
  const auto c = compiled_seed(seed, false);
  if (!c) return false;
  const EngineResult closed_form = analytic(*c), played = transaction(*c);
  expect_agreement(c->program(), closed_form, played);
  return true;
}

TEST(ManyParts, ProgramsAreRightAndEnginesAgree) {
  constexpr std::uint64_t kSeeds = 40;
  Syncs programs;  // that have any
  EXPECT_GT(for_seeds(kSeeds, [&](std::uint64_t seed) { return try_ideal(seed, programs); }),
            kSeeds / 2);
  EXPECT_GT(programs.cores * kSeedStep, kSeeds / 10);
  if (kSeedStep == 1) {
    EXPECT_GT(programs.host_out, 0u);
  }
}

// It was an internal error: more cores than an op has room for tokens. How many of them work is the
// mapper's choice, so that the host needs no syncs here; random networks above have some.
TEST(ManyParts, MoreCoresThanTokensRunAWholeNetwork) {
  const std::string root = TAKT_SOURCE_DIR;
  MachineOptions options;
  options.roots = {root + "/configs"};
  options.overrides = {"cores=17"};
  const Machine machine = read_machine_config(root + "/configs/npu_128.yaml", options)->machine;
  const Graph graph = read_workload(root + "/workloads/mlp0.yaml", {}).value();
  FuseOptions fusing;
  fusing.precision = machine.default_dtype;
  const auto c = compiled(machine, std::make_shared<const RegionGraph>(*fuse(graph, fusing)));
  ASSERT_TRUE(c.has_value());
  const Syncs syncs = syncs_of(c->program());
  EXPECT_GT(syncs.cores, 0u);
  expect_verified(c->program());
  const EngineResult closed_form = analytic(*c), played = transaction(*c);
  EXPECT_EQ(played.status, EngineResult::Status::kFinished);
  EXPECT_LE(closed_form.end, played.end);
}

TEST(ManyParts, AnalyticThenTransaction) {
  constexpr std::uint64_t kSeeds = 20;
  EXPECT_GT(for_seeds(kSeeds, try_real), kSeeds / 2);
}

TEST(ManyParts, BuildingStopsWhenAsked) {
  const auto c = compiled_seed(1, true);
  ASSERT_TRUE(c);
  const std::vector<TensorUse> uses = tensor_uses(*c->network.graph);
  const auto build = [&](StopFlag stop) {
    Program program;
    ProgramBuilder builder(*c->network.graph, *c->backend, c->network.decisions, uses);
    return builder.build(program, stop);
  };
  std::atomic<bool> stop{false};
  EXPECT_EQ(build(&stop), std::nullopt);
  stop = true;
  EXPECT_THROW(static_cast<void>(build(&stop)), Stopped);
}

}  // namespace
}  // namespace takt::test
