// SPDX-License-Identifier: Apache-2.0
// Payload bandwidth of the host link: a copy through the device, played packet by packet, against
// pcie-bench's model.
#include "sim/validate/csv_table.h"
#include "sim/validate/suites.h"

namespace takt {
namespace {

constexpr const char* kMachine = "parts/pcie_probe.yaml";
/// Long enough that the latency of the first packet is below a thousandth.
constexpr std::int64_t kBytes = std::int64_t{64} << 20;

std::uint64_t account(const UnitRecord& unit, const std::string& name) {
  for (const auto& [key, cycles] : unit.ledger) {
    if (key == name) return cycles;
  }
  return 0;
}

/// Bytes a second of one direction, over the time in which it moved them.
double bandwidth(const RunRecord& record, const std::string& unit, std::uint64_t bytes) {
  for (const UnitRecord& row : record.units) {
    if (row.name != unit) continue;
    const auto cycles = static_cast<double>(account(row, "busy") + account(row, "wait_bank"));
    if (cycles == 0) break;
    return static_cast<double>(bytes) * static_cast<double>(record.machine.clock_hz) / cycles;
  }
  return 0;
}

RunRequest link(const std::string& generation, const std::string& lanes,
                const std::string& payload) {
  RunRequest request;
  request.arch = kMachine;
  request.workload = "parts/copy.yaml";
  request.dims = {{"bytes", kBytes}};
  request.overrides = {"host.generation=" + generation, "host.lanes=" + lanes,
                       "host.max_payload=" + payload + "B"};
  return request;
}

/// What follows `prefix` in a cell, "gen3" or "x16".
std::string behind(CsvTable& table, std::size_t i, const char* column, const std::string& prefix) {
  const std::string cell = table.text(i, column);
  const bool good = cell.size() > prefix.size() && cell.rfind(prefix, 0) == 0 &&
                    cell.find_first_not_of("0123456789", prefix.size()) == std::string::npos;
  if (!good) {
    table.complain(i, column, "E-bad-choice",
                   "expected " + prefix + " and a number, got '" + cell + "'");
    return "1";
  }
  return cell.substr(prefix.size());
}

struct PlannedLink {
  std::string id;
  RunRequest request;
  double write = 0, read = 0;  ///< as measured, bytes a second
};

constexpr double kGiga = 1e9;

Result<EntryRows> run_model(const EntryInput& input) {
  Result<CsvTable> read = CsvTable::parse(input.data->text, input.data->path);
  if (!read) return read.errors();
  CsvTable& table = *read;
  std::vector<PlannedLink> plan;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const std::string payload = std::to_string(table.whole(i, "max_payload_B"));
    PlannedLink planned;
    planned.id = table.text(i, "gen") + " " + table.text(i, "lanes") + " " + payload + " B";
    planned.request = link(behind(table, i, "gen", "gen"), behind(table, i, "lanes", "x"), payload);
    planned.write = table.number(i, "write_GBps_at_MPS") * kGiga;
    planned.read = table.number(i, "read_completion_GBps_at_MPS") * kGiga;
    plan.push_back(std::move(planned));
  }
  if (!table.errors().empty()) return table.errors();
  EntryRows out;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    ValidationRow write, host_read;
    write.id = plan[i].id + " writes";
    host_read.id = plan[i].id + " reads";
    write.measured = plan[i].write;
    host_read.measured = plan[i].read;
    write.command = host_read.command = command_line(plan[i].request);
    const Result<RunRecord> record = input.evaluate(plan[i].request);
    if (record) {
      write.simulated = bandwidth(*record, "host.out", record->counts.host_write_bytes);
      host_read.simulated = bandwidth(*record, "host.in", record->counts.host_read_bytes);
    } else {
      write.problem = host_read.problem = record.errors().front().message;
    }
    out.rows.push_back(std::move(write));
    out.rows.push_back(std::move(host_read));
    input.progress(i + 1, plan.size());
  }
  return out;
}

}  // namespace

SuiteSpec pcie_suite() {
  SuiteSpec suite;
  suite.name = "pcie";
  suite.what = "payload bandwidth of PCI Express links, bytes a second, each direction";
  suite.measured =
      "computed by the model of pcie-bench (Neugebauer et al., SIGCOMM 2018), which its authors "
      "compared with hardware";
  suite.limits = {
      "It is a model of packets, not hardware: a host bridge, an IOMMU or a slow memory behind the "
      "link take more.",
      "Small transfers are set by latency and the driver's cost: both are estimates, and nothing "
      "measured is here to judge them by."};
  EntrySpec entry;
  entry.name = "pcie";
  entry.file = "pcie_model_bandwidth.csv";
  entry.columns = {"gen", "lanes", "max_payload_B", "write_GBps_at_MPS",
                   "read_completion_GBps_at_MPS"};
  entry.bound.max_abs_pct = 1;
  entry.run = run_model;
  suite.entries = {entry};
  return suite;
}

}  // namespace takt
