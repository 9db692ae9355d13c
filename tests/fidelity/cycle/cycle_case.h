// SPDX-License-Identifier: Apache-2.0
#pragma once
// A compiled layer or network, and its run at fidelity `cycle` with the values compared.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/common/chip/cycle_engine.h"
#include "models/tpu/tpu_backend.h"
#include "sim/backend/compile.h"
#include "sim/ir/fuse.h"
#include "sim/machine/machine_spec.h"
#include "sim/reference/compare.h"
#include "sim/reference/oracle.h"
#include "sim/workload/workload.h"
#include "tests/support/played.h"

namespace takt::test {

/// A program with all it points to.
struct Case {
  Machine machine;
  Graph graph;
  DType precision = DType::kInt8;
  std::unique_ptr<Backend> backend;
  std::optional<CompiledNetwork> network;
  std::string why_not;  ///< why there is no network

  Case(const std::string& arch, const std::vector<std::string>& overrides,
       const std::string& workload, DType dtype)
      : precision(dtype) {
    MachineOptions options;
    options.overrides = overrides;
    options.roots = {TAKT_SOURCE_DIR "/configs"};
    Result<Machine> read = read_machine(TAKT_SOURCE_DIR "/configs/" + arch, options);
    Result<Graph> graph_read = read_workload(workload, {});
    if (!read || !graph_read) {
      why_not = to_string(read.ok() ? graph_read.errors() : read.errors());
      return;
    }
    machine = std::move(*read);
    graph = std::move(*graph_read);
    FuseOptions fusing;
    fusing.precision = precision;
    Result<RegionGraph> regions = fuse(graph, fusing);
    if (!regions) {
      why_not = to_string(regions.errors());
      return;
    }
    backend = make_tpu_backend(machine);
    auto compiled = compile(std::make_shared<const RegionGraph>(std::move(*regions)), *backend, {});
    if (compiled) {
      network = std::move(*compiled);
    } else {
      why_not = exit_code(compiled.errors()) == 7 ? "infeasible" : to_string(compiled.errors());
    }
  }
  const Program& program() const { return network->program; }
};

/// A run in this process, which must not have simulated before.
struct CycleRun {
  EngineResult result;
  std::string problem;  ///< the first wrong value or refusal

  CycleRun(const Case& tried, const TileTiming& timing, const WaveOptions* waves = nullptr,
           const RunLimits& limits = {}) {
    const Program& program = tried.program();
    Semantics semantics(tried.graph, tried.precision);
    OracleOptions seeded;
    seeded.seed = 1;
    const Result<NetworkValues> expected = Oracle(semantics, seeded).run();
    if (!expected) {
      problem = to_string(expected.errors());
      return;
    }
    FunctionalPlayer player(program, semantics, *expected);
    Result<EngineResult> run =
        make_cycle_engine(*program.machine, timing, player, waves)->run(program, limits);
    if (!run) {
      problem = to_string(run.errors());
      return;
    }
    result = std::move(*run);
    if (result.status == EngineResult::Status::kFinished) compare(program, *expected, player);
  }

 private:
  void compare(const Program& program, const NetworkValues& expected, FunctionalPlayer& player) {
    const ValueCheck check = compare_values(
        *program.graph, expected,
        [&](TensorId id) -> const std::vector<std::byte>& { return player.result(id); });
    if (check.compared == 0) problem = "nothing was compared";
    if (!check.findings.empty()) problem = check.findings.front();
    if (!player.findings().empty()) problem = player.findings().front();
  }
};

}  // namespace takt::test
