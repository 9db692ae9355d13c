// SPDX-License-Identifier: Apache-2.0
#pragma once
// A random network compiled for a random machine, and its runs.

#include <gtest/gtest.h>

#include "models/common/chip/transaction_engine.h"
#include "models/tpu/tpu_backend.h"
#include "sim/backend/compile.h"
#include "sim/backend/program_builder.h"
#include "sim/engine/analytic.h"
#include "sim/kernel/child_process.h"
#include "sim/kernel/result_codec.h"
#include "tests/support/random_network.h"

namespace takt::test {

struct Compiled {
  std::unique_ptr<Backend> backend;
  CompiledNetwork network;
  const Program& program() const { return network.program; }
  const Machine& machine() const { return backend->machine(); }
};

/// Nothing if a layer does not fit; other errors fail the test.
inline std::optional<Compiled> compiled(const Machine& machine,
                                        std::shared_ptr<const RegionGraph> graph,
                                        const CompileOptions& options = {}) {
  Compiled c;
  c.backend = make_tpu_backend(machine);
  Result<CompiledNetwork> network = compile(std::move(graph), *c.backend, options);
  if (!network.ok()) {
    EXPECT_EQ(exit_code(network.errors()), 7) << to_string(network.errors());
    return std::nullopt;
  }
  c.network = std::move(network).value();
  return c;
}

/// The same decisions on another machine.
inline Compiled rebuilt(const Compiled& from, const Machine& machine) {
  Compiled c;
  c.backend = make_tpu_backend(machine);
  c.network.graph = from.network.graph;
  c.network.decisions = from.network.decisions;
  const std::vector<TensorUse> uses = tensor_uses(*c.network.graph);
  ProgramBuilder builder(*c.network.graph, *c.backend, c.network.decisions, uses);
  const auto failed = builder.build(c.network.program);
  CHECK(!failed) << "region " << *failed << " fits no longer";
  return c;
}

inline EngineResult analytic(const Compiled& c) {
  return AnalyticEngine(c.backend->timing()).run(c.program(), {}).value();
}

/// In a process of its own.
inline EngineResult transaction(const Compiled& c) {
  return decode_engine_result(run_in_child_or_throw([&] {
    const auto engine = make_transaction_engine(c.machine(), c.backend->timing());
    return encode(engine->run(c.program(), {}).value());
  }));
}

/// What moved between DRAM and the chip.
inline std::uint64_t dram_bytes(const EngineResult& result) {
  std::uint64_t bytes = 0;
  for (const RegionResult& region : result.regions) {
    bytes += region.counts.dram_read_bytes + region.counts.dram_write_bytes;
  }
  return bytes;
}

inline void expect_same(const EngineResult& a, const EngineResult& b) {
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
  // Memories and links are units of `transaction` only.
  ASSERT_LE(a.units.size(), b.units.size());
  for (std::size_t u = 0; u < a.units.size(); ++u) {
    EXPECT_EQ(a.units[u].name, b.units[u].name);
    EXPECT_EQ(a.units[u].matrix.cycles, b.units[u].matrix.cycles) << a.units[u].name;
    EXPECT_EQ(a.units[u].ledger.cycles, b.units[u].ledger.cycles) << a.units[u].name;
  }
}

/// Every cycle of every unit is in one account, and the windows of the layers share them out.
inline void expect_balanced(const Program& program, const EngineResult& result) {
  std::uint64_t windows = 0, matrix = 0;
  ASSERT_GE(result.units.size(), program.units.size());
  for (std::size_t u = 0; u < program.units.size(); ++u) {
    const UnitResult& unit = result.units[u];
    EXPECT_EQ(unit.name, program.units[u].name);
    EXPECT_EQ(unit.is_matrix ? unit.matrix.total() : unit.ledger.total(), result.end.value())
        << unit.name;
    if (unit.is_matrix) matrix += unit.matrix.total();
  }
  for (const RegionResult& region : result.regions) windows += region.ledger.total();
  EXPECT_EQ(windows, matrix);
}

}  // namespace takt::test
