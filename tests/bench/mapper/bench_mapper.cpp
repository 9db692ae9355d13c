// SPDX-License-Identifier: Apache-2.0
// Host time of mapping a network and of evaluating a mapped one: `layers` and `networks` are
// evaluations a second on one core, `ops` the tile ops of one evaluation if none were jumped over.
#include <benchmark/benchmark.h>

#include <map>

#include "models/tpu/tpu_backend.h"
#include "sim/backend/compile.h"
#include "sim/engine/analytic.h"
#include "sim/ir/fuse.h"
#include "sim/machine/machine_spec.h"
#include "sim/workload/workload.h"

namespace takt {
namespace {

std::string share(const std::string& path) { return std::string(TAKT_SOURCE_DIR) + "/" + path; }

struct Case {
  std::unique_ptr<Backend> backend;
  std::shared_ptr<const RegionGraph> graph;
};

Case read_case(const std::string& network, const std::string& machine_name) {
  MachineOptions options;
  options.roots = {share("configs")};
  const MachineConfig config =
      read_machine_config(share("configs/" + machine_name + ".yaml"), options).value();
  Case c;
  c.backend = make_tpu_backend(config.machine);
  const Graph graph = read_workload(share("workloads/" + network + ".yaml"), {}).value();
  FuseOptions fusing;
  fusing.precision = config.machine.default_dtype;
  c.graph = std::make_shared<const RegionGraph>(fuse(graph, fusing).value());
  return c;
}

void map_network(benchmark::State& state, const std::string& network, const std::string& machine) {
  const Case c = read_case(network, machine);
  for (auto _ : state) {
    benchmark::DoNotOptimize(compile(c.graph, *c.backend, CompileOptions{}));
  }
}

void evaluate(benchmark::State& state, const std::string& network, const std::string& machine) {
  const Case c = read_case(network, machine);
  const CompiledNetwork compiled = compile(c.graph, *c.backend, CompileOptions{}).value();
  AnalyticEngine engine(c.backend->timing());
  std::uint64_t ops = 0;
  for (auto _ : state) {
    const EngineResult result = engine.run(compiled.program, RunLimits{}).value();
    ops = 0;
    for (const RegionResult& region : result.regions) ops += region.counts.tile_ops;
  }
  using benchmark::Counter;
  state.counters["ops"] = static_cast<double>(ops);
  state.counters["networks"] = Counter(1, Counter::kIsIterationInvariantRate);
  state.counters["layers"] = Counter(static_cast<double>(compiled.program.regions.size()),
                                     Counter::kIsIterationInvariantRate);
}

void register_all() {
  for (const auto& [network, machine] : {std::pair<const char*, const char*>{"resnet50", "npu_128"},
                                         {"resnet50", "edge_npu"},
                                         {"resnet18", "tpu_v1"},
                                         {"bert_base", "npu_128"}}) {
    const std::string name = std::string(network) + "/" + machine;
    benchmark::RegisterBenchmark(("evaluate/" + name).c_str(), evaluate, network, machine)
        ->Unit(benchmark::kMillisecond);
    benchmark::RegisterBenchmark(("map/" + name).c_str(), map_network, network, machine)
        ->Unit(benchmark::kMillisecond);
  }
}

}  // namespace
}  // namespace takt

int main(int argc, char** argv) {
  takt::register_all();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
