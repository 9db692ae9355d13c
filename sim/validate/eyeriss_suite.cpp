// SPDX-License-Identifier: Apache-2.0
// The convolutions of a network on the Eyeriss chip, layer by layer.
#include <algorithm>

#include "sim/validate/csv_table.h"
#include "sim/validate/suites.h"

namespace takt {
namespace {

constexpr const char* kMachine = "eyeriss.yaml";
/// Rows that the machine's power at rest was fitted on; see its `sources`.
constexpr const char* kFittedOn[] = {"CONV2", "CONV4"};
/// A row that sums up the rows before it.
constexpr const char* kSum = "Total";
constexpr std::int64_t kExtentMax = std::int64_t{1} << 31;
constexpr double kPercent = 100, kMillion = 1e6, kMilli = 1e3, kPicojoulesAMillijoule = 1e9;

/// A layer that the chip's authors published their mapping of. Whatever network a row is of, a
/// layer of this shape is mapped so.
struct PublishedMapping {
  std::int64_t batch, channels, height, filters, kernel, stride, groups;
  const char* file;
};
constexpr PublishedMapping kPublished[] = {
    {4, 3, 227, 96, 11, 4, 1, "parts/mappings/eyeriss_alexnet_conv1.yaml"},
    {4, 48, 31, 256, 5, 1, 2, "parts/mappings/eyeriss_alexnet_conv2.yaml"},
    {4, 256, 15, 384, 3, 1, 1, "parts/mappings/eyeriss_alexnet_conv3.yaml"},
    {4, 192, 15, 384, 3, 1, 2, "parts/mappings/eyeriss_alexnet_conv4.yaml"},
    {4, 192, 15, 256, 3, 1, 2, "parts/mappings/eyeriss_alexnet_conv5.yaml"}};

/// Null: the layer is another.
const char* published_mapping(CsvTable& table, std::size_t i) {
  for (const PublishedMapping& layer : kPublished) {
    if (table.whole(i, "batch") == layer.batch && table.whole(i, "C_per_group") == layer.channels &&
        table.whole(i, "H_padded") == layer.height && table.whole(i, "K") == layer.filters &&
        table.whole(i, "R") == layer.kernel && table.whole(i, "stride") == layer.stride &&
        table.whole(i, "groups") == layer.groups) {
      return layer.file;
    }
  }
  return nullptr;
}

/// The share of zeros in a row's inputs.
std::uint32_t zeros_in(CsvTable& table, std::size_t i) {
  constexpr double kAPercent = 1e4;
  return static_cast<std::uint32_t>(table.number(i, "zero_ifmap_pct", 0, kPercent) * kAPercent +
                                    0.5);
}

/// The layer of a row. H_padded counts the padding, which lies in no memory: convolutions of stride
/// 1 keep the size of their inputs, others have none.
RunRequest request_of(CsvTable& table, std::size_t i) {
  const auto extent = [&](const char* name) { return table.whole(i, name, 1, kExtentMax); };
  const std::int64_t groups = extent("groups"), kernel = extent("R"), stride = extent("stride");
  const std::int64_t pad = stride == 1 ? (kernel - 1) / 2 : 0;
  const auto n = [](std::int64_t value) { return std::to_string(value); };
  RunRequest request;
  request.arch = kMachine;
  request.workload = "conv:n=" + n(extent("batch")) + ",c=" + n(extent("C_per_group") * groups) +
                     ",h=" + n(extent("H_padded") - 2 * pad) + ",k=" + n(extent("K")) +
                     ",r=" + n(kernel) + ",stride=" + n(stride) + ",pad=" + n(pad) +
                     ",groups=" + n(groups);
  if (const char* file = published_mapping(table, i)) {
    request.mapping = file;
  } else {
    request.objective = "edp";
  }
  // What a layer writes is what the next one reads; of the last nothing is known but its own input.
  const bool followed = i + 1 < table.rows() && table.text(i + 1, "layer") != kSum &&
                        table.text(i + 1, "network") == table.text(i, "network");
  request.zeros = {{"conv.input", zeros_in(table, i)},
                   {"conv.output", zeros_in(table, followed ? i + 1 : i)}};
  return request;
}

/// What is compared: a figure of a row of the table, and of a record.
struct Figure {
  std::function<double(CsvTable&, std::size_t)> measured;
  std::function<double(const RunRecord&)> simulated;
  bool rests_on_power = false;
};

double milliseconds(const RunRecord& record) {
  return static_cast<double>(record.cycles.value()) * kMilli /
         static_cast<double>(record.machine.clock_hz);
}

Figure latency() {
  return {[](CsvTable& t, std::size_t i) { return t.number(i, "total_latency_ms"); }, milliseconds};
}

/// Of the chip: the power was measured without the DRAM's.
Figure energy() {
  return {[](CsvTable& t, std::size_t i) {
            return t.number(i, "power_mW") * t.number(i, "total_latency_ms") / kMilli;
          },
          [](const RunRecord& record) {
            const EnergyRecord& e = record.energy;
            return (e.total() - e.dram - e.host_link).value() / kPicojoulesAMillijoule;
          },
          true};
}

Figure dram_bytes() {
  return {[](CsvTable& t, std::size_t i) { return t.number(i, "dram_access_MB"); },
          [](const RunRecord& record) {
            const ActionCounts& counts = record.counts;
            return static_cast<double>(counts.dram_read_bytes + counts.dram_write_bytes) / kMillion;
          }};
}

Result<EntryRows> run_rows(const EntryInput& input, const Figure& figure) {
  Result<CsvTable> read = CsvTable::parse(input.data->text, input.data->path);
  if (!read) return read.errors();
  CsvTable& table = *read;
  std::vector<PlannedRow> plan;
  std::vector<ValidationRow> sums;  // by the number of rows before each
  std::vector<std::size_t> sums_at;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    PlannedRow planned;
    const std::string layer = table.text(i, "layer");
    planned.row.id = table.text(i, "network") + " " + layer;
    planned.row.measured = figure.measured(table, i);
    if (layer == kSum) {
      sums.push_back(std::move(planned.row));
      sums_at.push_back(plan.size());
      continue;
    }
    planned.row.fitted =
        figure.rests_on_power && std::count(std::begin(kFittedOn), std::end(kFittedOn), layer) > 0;
    planned.request = request_of(table, i);
    plan.push_back(std::move(planned));
  }
  if (!table.errors().empty()) return table.errors();
  EntryRows out = simulate_rows(std::move(plan), input, figure.simulated);
  for (std::size_t s = sums.size(); s-- > 0;) {
    ValidationRow& sum = sums[s];
    double total = 0;
    for (std::size_t i = s > 0 ? sums_at[s - 1] : 0; i < sums_at[s]; ++i) {
      const ValidationRow& part = out.rows[i];
      if (!part.simulated) sum.problem = part.id + ": " + part.problem;
      total += part.simulated.value_or(0);
    }
    if (sum.problem.empty()) sum.simulated = total;
    sum.judged = false;  // it says nothing that the rows above do not
    sum.command = "the sum of the rows above";
    out.rows.insert(out.rows.begin() + static_cast<std::ptrdiff_t>(sums_at[s]), std::move(sum));
  }
  return out;
}

EntrySpec entry_of(const char* name, double mean_abs_pct, const Figure& figure,
                   std::vector<std::string> columns) {
  EntrySpec entry;
  entry.name = name;
  entry.file = "eyeriss_alexnet_measured.csv";
  entry.columns = {"network", "batch", "layer",  "C_per_group", "H_padded",
                   "K",       "R",     "stride", "groups",      "zero_ifmap_pct"};
  entry.columns.insert(entry.columns.end(), columns.begin(), columns.end());
  entry.bound.mean_abs_pct = mean_abs_pct;
  entry.run = [figure](const EntryInput& input) { return run_rows(input, figure); };
  return entry;
}

}  // namespace

SuiteSpec eyeriss_suite() {
  constexpr double kLatency = 5, kEnergy = 10, kDramBytes = 10;
  SuiteSpec suite;
  suite.name = "eyeriss";
  suite.what =
      "AlexNet's convolutions on the Eyeriss chip at batch 4: milliseconds, millijoules of the "
      "chip "
      "without DRAM, and MB of DRAM traffic with run-length compressed activations";
  suite.measured = "Chen et al., JSSC 52(1), 2017: power, latency and traffic by layer, 65 nm chip";
  suite.fitted = {
      "`static_power` of configs/eyeriss.yaml (clock network, control and leakage), on "
      "the energy of CONV2 and CONV4 (least squares of the errors in percent)"};
  suite.limits = {
      "Five layers; their sum is shown and not judged. The zeros in a layer's output are taken to "
      "be those that the next layer reads, the last layer's to be those of its input; pooling "
      "between two layers changes them.",
      "The mappings are those of the chip's authors (configs/parts/mappings/eyeriss_alexnet_conv1 "
      "to 5; part of their table is cited from memory). With our mapper's choice for the least "
      "energy-delay product (`--objective edp` instead of `--mapping`) latencies are 6.6 % off on "
      "average, most of them too short; rows of other shapes, given by `--data`, are played so.",
      "CONV4 and CONV5 differ in the number of filters alone, 384 and 256, and have the same "
      "mapping; the chip takes 1.75 times as long for the one as for the other (1.6 times without "
      "what it waits for DRAM), our model, in which passes are alike, 1.5 times. Either's error "
      "could only shrink at the cost of the other's.",
      "Configuring the chip for a layer, less than 0.1 ms by the paper, is not simulated."};
  suite.entries = {entry_of("eyeriss.latency", kLatency, latency(), {"total_latency_ms"}),
                   entry_of("eyeriss.energy", kEnergy, energy(), {"power_mW", "total_latency_ms"}),
                   entry_of("eyeriss.dram_bytes", kDramBytes, dram_bytes(), {"dram_access_MB"})};
  return suite;
}

}  // namespace takt
