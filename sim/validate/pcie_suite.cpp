// SPDX-License-Identifier: Apache-2.0
// Payload bandwidth of the host link: a copy through the device, played packet by packet, against
// pcie-bench's model.
#include <cctype>
#include <cstdlib>

#include "sim/machine/machine_spec.h"
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

/// "~550", "11.5-12.9", "up to 70": the first number, or the middle of a range; nothing if it
/// holds none.
std::optional<double> middle_of(const std::string& text) {
  const std::size_t at = text.find_first_of("0123456789");
  if (at == std::string::npos) return std::nullopt;
  char* end = nullptr;
  const double first = std::strtod(text.c_str() + at, &end);
  const char* behind = end + 1;
  if (*end != '-' || std::isdigit(static_cast<unsigned char>(*behind)) == 0) return first;
  return (first + std::strtod(behind, nullptr)) / 2;
}

/// The number behind a word such as "gen3" or "x16".
std::string number_behind(const std::string& text, const std::string& word) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const std::size_t begin = at + word.size(), end = text.find_first_not_of("0123456789", begin);
    if (end != begin && begin < text.size()) return text.substr(begin, end - begin);
  }
  return "";
}

bool has(const std::string& text, const char* word) { return text.find(word) != std::string::npos; }

/// What of the model answers a published line about real links.
enum class LinkQuestion { kNone, kLineRate, kHostToDevice, kSmallCopy };

LinkQuestion question_of(const std::string& what) {
  if (has(what, "physical layer rate")) return LinkQuestion::kLineRate;
  if (has(what, "pinned H2D")) return LinkQuestion::kHostToDevice;
  if (has(what, "small-transfer latency")) return LinkQuestion::kSmallCopy;
  return LinkQuestion::kNone;
}

/// In the unit of the line: Gb/s, GB/s or us.
Result<double> answer(LinkQuestion question, RunRequest& request, const EntryInput& input) {
  constexpr double kBitsAByte = 8, kMicro = 1e6;
  if (question == LinkQuestion::kLineRate) {
    const Result<Machine> machine = input.machine_of(request);
    if (!machine) return machine.errors();
    const HostLink& host = machine->host;
    const PcieRate rate = pcie_rate(host.generation, host.lanes, host.max_payload.value());
    return static_cast<double>(rate.line_bytes_per_s) * kBitsAByte / kGiga;
  }
  if (question == LinkQuestion::kSmallCopy) {
    constexpr std::int64_t kSmall = 64;
    request.dims = {{"bytes", kSmall}, {"row", kSmall}};
    request.overrides.emplace_back("host.driver_cost=5us");  // as the machines have it
  }
  const Result<RunRecord> record = input.evaluate(request);
  if (!record) return record.errors();
  if (question == LinkQuestion::kHostToDevice) {
    return bandwidth(*record, "host.in", record->counts.host_read_bytes) / kGiga;
  }
  constexpr double kTransfers = 2;  // in and out
  return static_cast<double>(record->cycles.value()) /
         static_cast<double>(record->machine.clock_hz) * kMicro / kTransfers;
}

// Published lines about real links. What was read at its source and is one number is judged; what
// is recalled, or a range, is a lead and is shown beside it; what the model has no word for says
// so.
Result<EntryRows> run_measured(const EntryInput& input) {
  Result<CsvTable> read = CsvTable::parse(input.data->text, input.data->path);
  if (!read) return read.errors();
  CsvTable& table = *read;
  EntryRows out;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const std::string what = table.text(i, "what"), value = table.text(i, "value");
    const std::optional<double> measured = middle_of(value);
    ValidationRow row;
    row.id = what + ": " + value + " " + table.text(i, "unit");
    row.measured = measured.value_or(0);
    const std::string generation = number_behind(what, "gen"), lanes = number_behind(what, "x");
    RunRequest request =
        link(generation.empty() ? "3" : generation, lanes.empty() ? "16" : lanes, "256");
    const LinkQuestion question = question_of(what);
    const bool recalled = table.text(i, "provenance").rfind("recalled", 0) == 0;
    row.judged = question != LinkQuestion::kNone && !recalled && !has(value, "-");
    if (question == LinkQuestion::kNone || !measured) {
      row.refused = true;
      row.problem = "not modelled";
    } else {
      const Result<double> found = answer(question, request, input);
      if (found) {
        row.simulated = *found;
      } else {
        row.problem = found.errors().front().message;
      }
      row.command = command_line(request);
    }
    out.rows.push_back(std::move(row));
    input.progress(i + 1, table.rows());
  }
  if (!table.errors().empty()) return table.errors();
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
      "link "
      "take more.",
      "Small transfers are set by latency and the driver's cost: both are estimates, shown beside "
      "what is remembered of measurements and not judged."};
  EntrySpec entry;
  entry.name = "pcie";
  entry.file = "pcie_model_bandwidth.csv";
  entry.columns = {"gen", "lanes", "max_payload_B", "write_GBps_at_MPS",
                   "read_completion_GBps_at_MPS"};
  entry.bound.max_abs_pct = 1;
  entry.run = run_model;
  EntrySpec measured;
  measured.name = "pcie.measured";
  measured.file = "pcie_measured.csv";
  measured.columns = {"what", "value", "unit", "provenance"};
  measured.bound.max_abs_pct = 1;
  measured.run = run_measured;
  suite.entries = {entry, measured};
  return suite;
}

}  // namespace takt
