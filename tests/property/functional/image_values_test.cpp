// SPDX-License-Identifier: Apache-2.0
// Values of random image networks (grouped, depthwise, dilated and deeply padded convolutions,
// slices, concatenations) on random machines, mapped by the mapper or at random: the played program
// computes what the oracle does, bit for bit.
#include <gtest/gtest.h>

#include "models/tpu/tpu_backend.h"
#include "sim/backend/compile.h"
#include "tests/support/random_image_network.h"
#include "tests/support/random_mapping.h"
#include "tests/support/random_network.h"
#include "tests/support/right_values.h"
#include "tests/support/seeds.h"

namespace takt::test {
namespace {

struct Ways {
  std::uint64_t packed = 0, lanes = 0;
};

bool try_values(std::uint64_t seed, DType precision, bool given, Ways& ways) {
  Random random(seed * 32'452'843);
  Machine machine = random_machine(random);
  machine.cores = static_cast<std::uint32_t>(random.between(0, 2) == 0 ? random.between(2, 3) : 1);
  machine.buffers[0].size = Bytes(machine.buffers[0].size.value() * 16);
  const Graph graph = ImageNetworkMaker(random).make();
  FuseOptions fusing;
  fusing.precision = precision;
  const auto regions = fused(graph, fusing);
  const auto backend = make_tpu_backend(machine);
  CompileOptions options;
  for (const Region& region : regions->regions) {
    if (given) options.given[region.name] = random_mapping(random, region, machine);
  }
  const Result<CompiledNetwork> network = compile(regions, *backend, options);
  if (!network.ok()) {
    EXPECT_EQ(exit_code(network.errors()), given ? 3 : 7) << to_string(network.errors());
    return false;
  }
  SCOPED_TRACE(network->mapping_file());
  for (std::size_t r = 0; r < regions->regions.size(); ++r) {
    const RegionMapping& mapping = network->decisions.mappings[r];
    ways.packed += mapping.pack > 1;
    ways.lanes += products_on_lanes(regions->regions[r], mapping);
  }
  expect_right_values(network->program, graph, precision, seed);
  return true;
}

void try_all(std::uint64_t seeds, DType precision, bool given) {
  Ways ways;
  EXPECT_GT(for_seeds(seeds,
                      [&](std::uint64_t seed) { return try_values(seed, precision, given, ways); }),
            seeds / 4);
  EXPECT_GT(ways.packed, seeds / 20 / kSeedStep);
  EXPECT_GT(ways.lanes, seeds / 20 / kSeedStep);
}

TEST(ImageValues, WholeNumbersByAnyMapping) { try_all(200, DType::kInt8, true); }
TEST(ImageValues, WholeNumbersByTheMappersChoice) { try_all(120, DType::kInt8, false); }
TEST(ImageValues, FloatsByAnyMapping) { try_all(60, DType::kBf16, true); }

}  // namespace
}  // namespace takt::test
