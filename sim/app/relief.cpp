// SPDX-License-Identifier: Apache-2.0
#include "sim/app/relief.h"

#include <algorithm>

#include "sim/app/backends.h"
#include "sim/backend/program_builder.h"
#include "sim/base/stop.h"
#include "sim/kernel/result_codec.h"

namespace takt {
namespace {

constexpr std::uint64_t kGainMin = 1;  ///< hundredths: less is no bottleneck
constexpr std::uint64_t kGainTie = 2;  ///< hundredths: gains this close are bottlenecks together

constexpr std::array<Resource, 9> kResources{{
    {"matrix", "twice the MACs a cycle in every PE",
     [](Machine& m) {
       for (MacRate& rate : m.matrix.rate) rate.numerator *= 2;
     }},
    {"vector", "twice the lanes", [](Machine& m) { m.vector.lanes *= 2; }},
    {"dram", "a DRAM twice as fast",
     [](Machine& m) {
       m.memory.bandwidth_bytes_per_s *= 2;
       m.memory.timing.clock_hz *= 2;
     }},
    {"cache", "the caches before the DRAM twice as fast",
     [](Machine& m) {
       for (Cache* cache : {&m.memory.cache, &m.memory.inner_cache}) {
         cache->bandwidth_bytes_per_s *= 2;
         cache->latency = Femtoseconds(cache->latency.value() / 2);
         cache->miss = Femtoseconds(cache->miss.value() / 2);
       }
     }},
    {"requests", "twice the requests to memory in flight",
     [](Machine& m) { m.dma.outstanding *= 2; }},
    {"shared", "a shared buffer twice as fast",
     [](Machine& m) {
       m.shared.memory.width = Bytes(m.shared.memory.width.value() * 2);
       m.shared.link = Bytes(m.shared.link.value() * 2);
     }},
    {"host", "a host link twice as fast",
     [](Machine& m) {
       m.host.raw_bytes_per_s *= 2;
       m.host.payload_bytes_per_s *= 2;
     }},
    {"sync", "layers synchronised in half the time",
     [](Machine& m) { m.sync = Cycles(m.sync.value() / 2); }},
    {"launch", "the device started in half the time",
     [](Machine& m) { m.launch = Cycles(m.launch.value() / 2); }},
}};

/// Every layer's window.
std::vector<Cycles> windows_of(const EngineResult& result) {
  std::vector<Cycles> windows;
  Cycles last{};
  for (const RegionResult& region : result.regions) {
    windows.push_back(region.end > last ? region.end - last : Cycles(0));
    last = std::max(last, region.end);
  }
  return windows;
}

/// With the same decisions on `machine`. The program is lowered anew: an array that does more MACs
/// a cycle takes more of the reduction in a pass. Absent if the larger passes do not fit, or if
/// `stop` was set.
std::optional<EngineResult> played_on(const CompiledNetwork& network, const Machine& machine,
                                      Fidelity fidelity, const std::atomic<bool>* stop) {
  const std::unique_ptr<Backend> backend = make_backend(machine);
  const std::vector<TensorUse> uses = tensor_uses(*network.graph);
  Program program;
  ProgramBuilder builder(*network.graph, *backend, network.decisions, uses);
  try {
    if (builder.build(program, stop)) return std::nullopt;
  } catch (const Stopped&) {
    return std::nullopt;
  }
  const std::unique_ptr<Engine> engine =
      make_engine(fidelity, backend->machine(), backend->timing());
  RunLimits limits;
  limits.stop = stop;
  Result<EngineResult> result = fidelity == Fidelity::kAnalytic
                                    ? engine->run(program, limits)
                                    : run_engine_in_child(*engine, program, limits);
  if (stop != nullptr && *stop) return std::nullopt;
  CHECK(result.ok() && result->status == EngineResult::Status::kFinished)
      << "a program that plays does not play on a faster machine";
  return std::move(*result);
}

}  // namespace

std::vector<Resource> resources_of(const Machine& machine) {
  std::vector<Resource> all;
  for (const Resource& r : kResources) {
    if (r.name == "host" && !machine.host.enabled) continue;
    if (r.name == "cache" && !machine.memory.cache.present()) continue;
    if (r.name == "requests" && machine.memory.ideal) continue;
    if (r.name == "shared" && !machine.shared.present()) continue;
    if (r.name == "sync" && machine.sync.value() == 0) continue;
    if (r.name == "launch" && machine.launch.value() == 0) continue;
    all.push_back(r);
  }
  return all;
}

std::vector<std::string> ReliefReport::bottlenecks() const {
  std::vector<Relief> sorted = reliefs;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Relief& a, const Relief& b) { return a.layer < b.layer; });
  // Gains are compared in hundredths of the layer's cycles, as whole numbers.
  const auto saved = [this](const Relief& r) {
    return r.layer < layer ? (layer - r.layer).value() * 100 : 0;
  };
  std::vector<std::string> names;
  for (const Relief& r : sorted) {
    if (saved(r) < kGainMin * layer.value() || saved(r) == 0) break;
    if (saved(r) + kGainTie * layer.value() < saved(sorted.front())) break;
    names.emplace_back(r.resource.name);
  }
  return names;
}

std::string bottleneck_text(const ReliefReport& report) {
  std::string text;
  for (const std::string& name : report.bottlenecks()) text += (text.empty() ? "" : " and ") + name;
  return text.empty() ? "-" : text;
}

std::vector<ReliefReport> measure_relief(const PreparedRun& prepared, Fidelity fidelity,
                                         const std::atomic<bool>* stop) {
  const CompiledNetwork& network = prepared.network;
  const Machine& base = prepared.inputs.machine.machine;
  const std::optional<EngineResult> unchanged = played_on(network, base, fidelity, stop);
  if (stop != nullptr && *stop) return {};
  CHECK(unchanged.has_value()) << "a program that was built once cannot be built again";
  std::vector<ReliefReport> reports;
  for (const Cycles window : windows_of(*unchanged)) {
    reports.push_back({window, unchanged->end, {}});
  }
  for (const Resource& resource : resources_of(base)) {
    Machine faster = base;
    resource.speed_up(faster);
    const std::optional<EngineResult> played = played_on(network, faster, fidelity, stop);
    if (stop != nullptr && *stop) return {};
    if (!played) continue;
    const std::vector<Cycles> windows = windows_of(*played);
    for (std::size_t i = 0; i < reports.size(); ++i) {
      reports[i].reliefs.push_back({resource, windows[i], played->end});
    }
  }
  return reports;
}

}  // namespace takt
