// SPDX-License-Identifier: Apache-2.0
// Mappings nobody would choose: whatever fits is a verified program with the right MACs, moves the
// DRAM bytes that the estimate said, and can be printed, read and compiled again.
#include <gtest/gtest.h>

#include "models/tpu/tpu_backend.h"
#include "sim/backend/compile.h"
#include "sim/engine/analytic.h"
#include "sim/program/verify.h"
#include "tests/support/mapping_files.h"
#include "tests/support/random_mapping.h"
#include "tests/support/random_network.h"
#include "tests/support/seeds.h"

namespace takt::test {
namespace {

void expect_required_macs(const Program& program, const EngineResult& result) {
  for (std::size_t r = 0; r < program.regions.size(); ++r) {
    const ActionCounts& counts = result.regions[r].counts;
    EXPECT_EQ(counts.macs_executed + counts.vector_macs, program.regions[r].macs)
        << program.regions[r].name << ": " << program.regions[r].mapping;
  }
}

void expect_estimated_bytes(const CompiledNetwork& network, const EngineResult& result) {
  for (std::size_t r = 0; r < network.graph->regions.size(); ++r) {
    const ActionCounts& counts = result.regions[r].counts;
    EXPECT_EQ(network.searches[r].best.front().estimate.dram_bytes,
              counts.dram_read_bytes + counts.dram_write_bytes)
        << network.graph->regions[r].name << ": " << network.program.regions[r].mapping;
  }
}

/// False: what was drawn does not fit.
bool try_mappings(std::uint64_t seed) {
  Random random(seed * 7919);
  Machine machine = random_machine(random);
  machine.host.enabled = false;  // what crosses the link is no mapping's business
  machine.cores = static_cast<std::uint32_t>(random.between(1, 3));
  machine.buffers[0].size = Bytes(machine.buffers[0].size.value() * 8);
  if (seed % 2 == 0 && machine.matrix.dataflow == Dataflow::kWeightStationary) {
    // Products by steps; rows that are moved piece by piece.
    machine.matrix.command_depth = machine.matrix.rows + 3;
    machine.dma.load_piece = Bytes(24);
    machine.dma.store_piece = machine.dma.product_store_piece = Bytes(5);
  }
  const auto graph = random_regions(random);
  const auto backend = make_tpu_backend(machine);
  CompileOptions options;
  for (const Region& region : graph->regions) {
    options.given[region.name] = random_mapping(random, region, machine);
  }
  const Result<CompiledNetwork> network = compile(graph, *backend, options);
  if (!network.ok()) {
    EXPECT_EQ(exit_code(network.errors()), 3) << to_string(network.errors());
    return false;
  }
  SCOPED_TRACE(network->mapping_file());
  const Verification v = verify(network->program);
  for (const std::string& finding : v.findings) ADD_FAILURE() << finding;
  const EngineResult result =
      AnalyticEngine(backend->timing()).run(network->program, RunLimits{}).value();
  EXPECT_EQ(result.status, EngineResult::Status::kFinished)
      << (result.blocked.empty() ? "" : result.blocked[0]);
  const EngineResult one_by_one = AnalyticEngine(backend->timing(), AnalyticEngine::Jumps::kOff)
                                      .run(network->program, RunLimits{})
                                      .value();
  EXPECT_EQ(one_by_one.end, result.end);
  expect_required_macs(network->program, result);
  expect_estimated_bytes(*network, result);
  expect_reads_back(*network, *backend);
  return true;
}

TEST(GivenMappings, WhateverFitsIsARightProgram) {
  constexpr std::uint64_t kSeeds = 400;
  EXPECT_GT(for_seeds(kSeeds, try_mappings), kSeeds / 5);
}

}  // namespace
}  // namespace takt::test
