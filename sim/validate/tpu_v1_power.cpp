// SPDX-License-Identifier: Apache-2.0
// Google's first TPU: power while it works, and what takes its die.
#include <cctype>

#include "sim/base/check.h"
#include "sim/report/derived.h"
#include "sim/validate/json_numbers.h"
#include "sim/validate/suites.h"

namespace takt {
namespace {

constexpr const char* kMachine = "tpu_v1.yaml";
constexpr const char* kWideMachine = "parts/machines/tpu_v1_int16_activations.yaml";
/// The busy power is of no single application: all six of table 1.
constexpr const char* kApplications[] = {"mlp0", "mlp1", "lstm0", "lstm1", "cnn0", "cnn1"};

/// The power at rest is the machine file's own, so a row for what comes on top of it.
double watts_above_rest(const RunRecord& record) {
  constexpr double kPicojoulesAJoule = 1e12;
  const double seconds =
      static_cast<double>(record.cycles.value()) / static_cast<double>(record.machine.clock_hz);
  return watts(record) - record.energy.leakage.value() / kPicojoulesAJoule / seconds;
}

Result<EntryRows> run_power(const EntryInput& input) {
  JsonNumbers numbers(*input.data);
  const double busy = numbers.at({"hw", "busy_W"});
  const double rest = numbers.at({"hw", "idle_W"});
  if (!numbers.errors().empty()) return numbers.errors();
  std::vector<PlannedRow> plan;
  for (const char* application : kApplications) {
    PlannedRow planned;
    planned.row.id = application;
    for (char& c : planned.row.id) {
      c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    planned.row.measured = busy;
    planned.request.workload = std::string(application) + ".yaml";
    // As the counters' entries play them: activations of 16 bits at half the speed.
    const bool wide = planned.request.workload.rfind("lstm", 0) == 0;
    planned.request.arch = wide ? kWideMachine : kMachine;
    planned.request.overrides = {"host.driver_cost=0ns"};  // busy: the host does not make it wait
    plan.push_back(std::move(planned));
  }
  std::vector<double> above;
  EntryRows out = simulate_rows(std::move(plan), input, [&above](const RunRecord& record) {
    above.push_back(watts_above_rest(record));
    return watts(record);
  });
  const std::size_t applications = out.rows.size();
  CHECK(above.size() <= applications) << "a record a row at most";
  std::size_t next = 0;
  for (std::size_t i = 0; i < applications; ++i) {
    ValidationRow row = out.rows[i];
    row.id += ", above rest";
    row.measured = busy - rest;
    row.judged = false;
    if (row.simulated) row.simulated = above.at(next++);
    out.rows.push_back(std::move(row));
  }
  return out;
}

// Figure 2 gives shares of the die, whose size Table 2 gives as less than half of a Haswell's.
Result<EntryRows> run_area(const EntryInput& input) {
  constexpr double kHalf = 0.5, kPercent = 100;
  JsonNumbers numbers(*input.data);
  const double die = kHalf * numbers.at({"table2", "Haswell_E5_2699v3", "mm2"});
  const auto share = [&](const char* what) {
    return die * numbers.at({"hw", "die_area_pct", what}) / kPercent;
  };
  RunRequest request;
  request.arch = kMachine;
  request.workload = "mlp0.yaml";
  const double buffers = share("data_buffers"), compute = share("compute"), io = share("io");
  if (!numbers.errors().empty()) return numbers.errors();
  const Result<Machine> machine = input.machine_of(request);
  if (!machine) return machine.errors();
  EntryRows out;
  if (!machine->area) {
    out.not_run = "the energy table of tpu_v1 has no areas";
    return out;
  }
  const DieArea& area = *machine->area;
  const auto add = [&](const char* id, double measured, double simulated, bool fitted) {
    ValidationRow row;
    row.id = id;
    row.measured = measured;
    row.simulated = simulated;
    row.fitted = fitted && !input.data->given;
    row.command = command_line(request);
    out.rows.push_back(std::move(row));
  };
  add("data buffers, mm2", buffers, area.sram, true);
  add("compute, mm2", compute, area.matrix + area.vector, false);
  add("input and output, mm2", io, area.dram + area.host_link, true);
  // But for `compute` of blocks that were fitted, and of the floor plan's own share of the rest.
  add("die, mm2", die, area.total(), true);
  return out;
}

}  // namespace

EntrySpec tpu_v1_power_entry() {
  EntrySpec entry;
  entry.name = "tpu_v1.power";
  entry.file = "tpu_v1_isca2017.json";
  entry.columns = {"hw", "busy_W", "idle_W"};
  entry.bound.mean_abs_pct = 15;
  entry.run = run_power;
  return entry;
}

EntrySpec tpu_v1_area_entry() {
  EntrySpec entry;
  entry.name = "tpu_v1.area";
  entry.file = "tpu_v1_isca2017.json";
  entry.columns = {"hw", "die_area_pct", "table2", "mm2"};
  entry.run = run_area;
  return entry;
}

}  // namespace takt
