// SPDX-License-Identifier: Apache-2.0
#include "sim/app/relief.h"

#include <algorithm>

#include "sim/app/backends.h"
#include "sim/engine/analytic.h"

namespace takt {
namespace {

constexpr std::uint64_t kGainMin = 1;  ///< hundredths: less is no bottleneck
constexpr std::uint64_t kGainTie = 2;  ///< hundredths: gains this close are bottlenecks together

constexpr std::array<Resource, 4> kResources{{
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
    {"host", "a host link twice as fast",
     [](Machine& m) {
       m.host.raw_bytes_per_s *= 2;
       m.host.payload_bytes_per_s *= 2;
     }},
}};

/// The program's machine is another one while this lives.
class OtherMachine {
 public:
  OtherMachine(Program& program, const Machine& machine)
      : program_(program), before_(program.machine) {
    program_.machine = &machine;
  }
  ~OtherMachine() { program_.machine = before_; }
  OtherMachine(const OtherMachine&) = delete;
  OtherMachine& operator=(const OtherMachine&) = delete;

 private:
  Program& program_;
  const Machine* before_;
};

/// Window of layer `index`, and the end, with the program played on `machine`.
std::pair<Cycles, Cycles> played_on(Program& program, const Machine& machine, std::size_t index) {
  const OtherMachine swap(program, machine);
  const std::unique_ptr<Backend> backend = make_backend(machine);
  AnalyticEngine engine(backend->timing());
  const Result<EngineResult> result = engine.run(program, RunLimits{});
  CHECK(result.ok() && result->status == EngineResult::Status::kFinished)
      << "a program that played once does not play on a faster machine";
  Cycles before{};
  for (std::size_t i = 0; i < index; ++i) before = std::max(before, result->regions[i].end);
  const Cycles end = result->regions.at(index).end;
  return {end > before ? end - before : Cycles(0), result->end};
}

}  // namespace

std::vector<Resource> resources_of(const Machine& machine) {
  std::vector<Resource> all;
  for (const Resource& r : kResources) {
    if (r.name == "host" && !machine.host.enabled) continue;
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

ReliefReport measure_relief(PreparedRun& prepared, std::size_t index) {
  Program& program = prepared.network.program;
  const Machine base = *program.machine;
  ReliefReport report;
  std::tie(report.layer, report.total) = played_on(program, base, index);
  for (const Resource& resource : resources_of(base)) {
    Machine faster = base;
    resource.speed_up(faster);
    Relief relief{resource, {}, {}};
    std::tie(relief.layer, relief.total) = played_on(program, faster, index);
    report.reliefs.push_back(relief);
  }
  return report;
}

}  // namespace takt
