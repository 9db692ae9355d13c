// SPDX-License-Identifier: Apache-2.0
#pragma once
// What was decided, written to a mapping file and read again, makes the same program.

#include "sim/program/program.h"
#include "tests/support/compiled.h"

namespace takt::test {

/// Tensors, residents among them, lie where they lay.
inline void expect_same_places(const Program& a, const Program& b) {
  ASSERT_EQ(a.tensors.size(), b.tensors.size());
  for (std::size_t t = 0; t < a.tensors.size(); ++t) {
    EXPECT_EQ(a.tensors[t].dram_address, b.tensors[t].dram_address) << t;
    EXPECT_EQ(a.tensors[t].resident, b.tensors[t].resident) << t;
    EXPECT_EQ(a.tensors[t].shared, b.tensors[t].shared) << t;
    EXPECT_EQ(a.tensors[t].buffer_address, b.tensors[t].buffer_address) << t;
  }
}

/// `at_batch` and `batch` are what `network` was compiled from. Without a batch to be run in parts
/// they are the graph itself.
inline void expect_reads_back(const CompiledNetwork& network, const Backend& backend,
                              std::int64_t batch, const NetworkAtBatch& at_batch) {
  const std::string text = network.mapping_file();
  SCOPED_TRACE(text);
  const Result<MappingFile> file = read_mappings_text(text, "m.yaml");
  ASSERT_TRUE(file.ok()) << to_string(file.errors());
  CompileOptions options;
  options.given = file->layers;
  options.plan = file->network;
  const Result<CompiledNetwork> again = compile_batched(batch, at_batch, backend, options);
  ASSERT_TRUE(again.ok()) << to_string(again.errors());
  EXPECT_EQ(again->mapping_file(), text);
  EXPECT_EQ(again->decisions.resident, network.decisions.resident);
  EXPECT_EQ(again->decisions.shared, network.decisions.shared);
  EXPECT_EQ(again->decisions.packed, network.decisions.packed);
  EXPECT_EQ(again->decisions.passes, network.decisions.passes);
  EXPECT_EQ(again->score, network.score);
  expect_same_places(again->program, network.program);
  AnalyticEngine engine(backend.timing());
  expect_same(engine.run(again->program, {}).value(), engine.run(network.program, {}).value());
}

inline void expect_reads_back(const CompiledNetwork& network, const Backend& backend) {
  expect_reads_back(
      network, backend, network.graph->batch,
      [&](std::int64_t) -> Result<std::shared_ptr<const RegionGraph>> { return network.graph; });
}

}  // namespace takt::test
