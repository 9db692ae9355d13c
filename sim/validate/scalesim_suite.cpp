// SPDX-License-Identifier: Apache-2.0
// SCALE-Sim's compute cycles: a formula that everyone compares with, not hardware.
#include <algorithm>

#include "sim/validate/csv_table.h"
#include "sim/validate/suites.h"

namespace takt {
namespace {

constexpr const char* kMachine = "parts/scalesim_128.yaml";

/// The machine of a row: its array, in SCALE-Sim's words for dataflows.
void set_array(CsvTable& table, std::size_t i, RunRequest& request) {
  const std::pair<const char*, const char*> words[] = {
      {"ws", "weight_stationary"}, {"os", "output_stationary"}, {"is", "input_stationary"}};
  const std::string word = table.text(i, "dataflow");
  const auto* known = std::find_if(std::begin(words), std::end(words),
                                   [&](const auto& pair) { return word == pair.first; });
  if (known == std::end(words)) {
    table.complain(i, "dataflow", "E-bad-choice", "expected ws, os or is, got '" + word + "'");
    return;
  }
  request.arch = kMachine;
  request.overrides = {"core.matrix.rows=" + std::to_string(table.whole(i, "rows")),
                       "core.matrix.cols=" + std::to_string(table.whole(i, "cols")),
                       std::string("core.matrix.dataflow=") + known->second};
}

std::string array_name(const CsvTable& table, std::size_t i) {
  return table.text(i, "dataflow") + " " + table.text(i, "rows") + "x" + table.text(i, "cols");
}

double total_cycles(const RunRecord& record) { return static_cast<double>(record.cycles.value()); }

using PlanRow = PlannedRow (*)(CsvTable&, std::size_t);

Result<EntryRows> run_rows(const EntryInput& input, PlanRow plan_row) {
  Result<CsvTable> table = CsvTable::parse(input.data->text, input.data->path);
  if (!table) return table.errors();
  std::vector<PlannedRow> plan;
  for (std::size_t i = 0; i < table->rows(); ++i) plan.push_back(plan_row(*table, i));
  if (!table->errors().empty()) return table->errors();
  return simulate_rows(std::move(plan), input, total_cycles);
}

PlannedRow gemm_row(CsvTable& table, std::size_t i) {
  PlannedRow planned;
  set_array(table, i, planned.request);
  const auto extent = [&](const char* name) { return std::to_string(table.whole(i, name)); };
  planned.request.workload = "gemm:m=" + extent("M") + ",n=" + extent("N") + ",k=" + extent("K");
  planned.row.id = array_name(table, i) + " " + planned.request.workload;
  planned.row.measured = static_cast<double>(table.whole(i, "total_cycles"));
  return planned;
}

/// The input that ceil((input - filter + stride) / stride) windows cover: SCALE-Sim rounds the
/// output up, and a last window that hangs over reads zeros.
std::int64_t covered(std::int64_t input, std::int64_t filter, std::int64_t stride) {
  const std::int64_t outputs = (input - filter + 2 * stride - 1) / stride;
  return std::max(input, (outputs - 1) * stride + filter);
}

PlannedRow conv_row(CsvTable& table, std::size_t i) {
  PlannedRow planned;
  set_array(table, i, planned.request);
  const auto extent = [&](const char* name) { return table.whole(i, name); };
  const std::int64_t stride = extent("stride");
  const std::int64_t r = extent("filter_h"), s = extent("filter_w");
  for (const auto& [input, filter] : {std::pair{"ifmap_h", r}, {"ifmap_w", s}}) {
    if (extent(input) < filter) {
      table.complain(i, input, "E-out-of-range", "the filter is larger than the input");
    }
  }
  const auto part = [](const char* key, std::int64_t value) {
    return std::string(key) + "=" + std::to_string(value);
  };
  planned.request.workload =
      "conv:" + part("c", extent("channels")) + part(",h", covered(extent("ifmap_h"), r, stride)) +
      part(",w", covered(extent("ifmap_w"), s, stride)) + part(",k", extent("num_filter")) +
      part(",r", r) + part(",s", s) + part(",stride", stride);
  planned.row.id =
      table.text(i, "network") + " " + table.text(i, "layer") + " " + array_name(table, i);
  planned.row.measured = static_cast<double>(extent("total_cycles"));
  return planned;
}

EntrySpec entry(const char* name, const char* file, std::vector<std::string> columns,
                PlanRow plan_row) {
  EntrySpec spec;
  spec.name = name;
  spec.file = file;
  spec.columns = std::move(columns);
  for (const char* shared : {"dataflow", "rows", "cols", "total_cycles"}) {
    spec.columns.emplace_back(shared);
  }
  spec.bound.max_abs_pct = 0;
  spec.run = [plan_row](const EntryInput& input) { return run_rows(input, plan_row); };
  return spec;
}

}  // namespace

SuiteSpec scalesim_suite() {
  SuiteSpec suite;
  suite.name = "scalesim";
  suite.what = "compute cycles of single layers, three dataflows, on arrays of several sizes";
  suite.measured = "computed by SCALE-Sim (Samajdar et al., ISPASS 2020), a simulator";
  suite.limits = {
      "It is no hardware: it shows that the array's fold timing, on `timing: scalesim`, is the "
      "formula "
      "that is commonly compared with.",
      "Our default, `timing: pipelined`, counts less: the next operand is shifted in while the "
      "array "
      "works, and only the last fold's sums are waited for. SCALE-Sim lets every fold fill and "
      "drain "
      "alone, and prints the number of the last cycle, counted from 0."};
  suite.entries = {entry("scalesim.gemm", "scalesim_gemm_cycles.csv", {"M", "N", "K"}, gemm_row),
                   entry("scalesim.conv", "scalesim_conv_cycles.csv",
                         {"network", "layer", "ifmap_h", "ifmap_w", "filter_h", "filter_w",
                          "channels", "num_filter", "stride"},
                         conv_row)};
  return suite;
}

}  // namespace takt
