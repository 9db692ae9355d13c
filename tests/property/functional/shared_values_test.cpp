// SPDX-License-Identifier: Apache-2.0
// Values of random networks on one to four cores that share a buffer: what cores store there and
// read back, tile by tile, computes what the oracle does.
#include <gtest/gtest.h>

#include "models/tpu/tpu_backend.h"
#include "sim/backend/compile.h"
#include "tests/support/random_image_network.h"
#include "tests/support/random_mapping.h"
#include "tests/support/random_network.h"
#include "tests/support/right_values.h"
#include "tests/support/seeds.h"
#include "tests/support/shared_buffer.h"

namespace takt::test {
namespace {

Graph random_graph(Random& random) {
  if (random.between(0, 1) == 0) return ImageNetworkMaker(random).make();
  NetworkMaker maker(random);
  return random.between(0, 1) == 0 ? maker.conv_chain() : maker.matmul_chain();
}

/// Did the mapper keep anything there?
bool try_values(std::uint64_t seed, DType precision, bool given, bool& kept) {
  Random random(seed * 49'979'687);
  Machine machine = random_machine(random);
  machine.cores = static_cast<std::uint32_t>(random.between(1, 4));
  machine.buffers[0].size = Bytes(machine.buffers[0].size.value() * 16);
  give_shared_buffer(machine, random);
  const Graph graph = random_graph(random);
  FuseOptions fusing;
  fusing.precision = precision;
  const auto regions = fused(graph, fusing);
  const auto backend = make_tpu_backend(machine);
  CompileOptions options;
  for (const Region& region : regions->regions) {
    if (given) options.given[region.name] = random_mapping(random, region, machine);
  }
  const Result<CompiledNetwork> network = compile(regions, *backend, options);
  if (!network.ok()) return false;
  for (const TensorPlacement& place : network->program.tensors) kept |= place.shared;
  expect_right_values(network->program, graph, precision, seed);
  return true;
}

void try_all(std::uint64_t seeds, DType precision, bool given) {
  std::uint64_t kept = 0;
  const std::uint64_t cases = for_seeds(seeds, [&](std::uint64_t seed) {
    bool there = false;
    const bool is_case = try_values(seed, precision, given, there);
    kept += there;
    return is_case;
  });
  EXPECT_GT(cases, seeds / 4);
  EXPECT_GT(kept * kSeedStep, seeds / 8);
}

TEST(SharedValues, WholeNumbersByTheMappersChoice) { try_all(120, DType::kInt8, false); }
TEST(SharedValues, WholeNumbersByAnyMapping) { try_all(120, DType::kInt8, true); }
TEST(SharedValues, FloatsByAnyMapping) { try_all(40, DType::kBf16, true); }

}  // namespace
}  // namespace takt::test
