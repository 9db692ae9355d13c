// SPDX-License-Identifier: Apache-2.0
// Single layers on Gemmini's RTL, with DRAM.
#include <algorithm>

#include "sim/validate/csv_table.h"
#include "sim/validate/suites.h"

namespace takt {
namespace {

constexpr const char* kMachine = "gemmini_16x16.yaml";
constexpr double kPeakMacs = 256;  ///< a cycle: 16 x 16
constexpr double kBusBytes = 16;   ///< a cycle

struct Layer {
  std::int64_t n = 1, c = 1, k = 1, p = 1, q = 1, r = 1, s = 1, stride = 1;
  bool product() const { return p * q == 1 || q == 1; }
  double macs() const { return 1.0 * n * c * k * p * q * r * s; }
  /// Operands and results once; of the inputs those that any output needs.
  double bytes() const {
    const std::int64_t step_h = std::min(stride, r), step_w = std::min(stride, s);
    return 1.0 * n * c * (q * step_h + r - step_h) * (p * step_w + s - step_w) +
           1.0 * c * k * r * s + 1.0 * n * k * p * q;
  }
};

/// P counts columns and Q rows of the output; R and S are the kernel's columns and rows.
Layer layer_of(CsvTable& table, std::size_t i) {
  const auto extent = [&](const char* name) { return table.whole(i, name); };
  return {extent("N"), extent("C"), extent("K"), extent("P"),
          extent("Q"), extent("R"), extent("S"), extent("stride")};
}

std::string workload_of(const Layer& l) {
  const auto n = [](std::int64_t value) { return std::to_string(value); };
  if (l.product()) return "gemm:m=" + n(l.n * l.p) + ",n=" + n(l.k) + ",k=" + n(l.c);
  return "conv:n=" + n(l.n) + ",c=" + n(l.c) + ",h=" + n(l.q * l.stride) +
         ",w=" + n(l.p * l.stride) + ",k=" + n(l.k) + ",r=" + n(l.s) + ",s=" + n(l.r) +
         ",stride=" + n(l.stride) + ",pad=" + n(l.r / 2);
}

Result<EntryRows> run_auto(const EntryInput& input) {
  Result<CsvTable> read = CsvTable::parse(input.data->text, input.data->path);
  if (!read) return read.errors();
  CsvTable& table = *read;
  std::vector<PlannedRow> plan;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const Layer layer = layer_of(table, i);
    PlannedRow planned;
    planned.request.arch = kMachine;
    planned.request.overrides = {"mapper.kind=gemmini"};
    planned.request.workload = workload_of(layer);
    planned.row.id = table.text(i, "workload") + " " + planned.request.workload + " (" +
                     table.text(i, "scratchpad_bytes") + ")";
    planned.row.measured = table.number(i, "rtl_cycles_gemmini_auto");
    planned.row.floor = std::max(layer.macs() / kPeakMacs, layer.bytes() / kBusBytes);
    plan.push_back(std::move(planned));
  }
  if (!table.errors().empty()) return table.errors();
  return simulate_rows(std::move(plan), input, [](const RunRecord& record) {
    return static_cast<double>(record.cycles.value());
  });
}

}  // namespace

SuiteSpec gemmini_suite() {
  SuiteSpec suite;
  suite.name = "gemmini";
  suite.what = "cycles of single layers on Gemmini 16x16 with the tiling of its own software";
  suite.measured =
      "DOSA (Hong et al., MICRO 2023; ucb-bar/dosa): RTL on FireSim, ResNet-50 and BERT layers, "
      "with DDR3 behind two caches";
  suite.limits = {
      "The same layer and tiling was measured three times, up to 1.5 apart: 4 % is the least mean "
      "error "
      "that any model can have.",
      "The column of given mappings is not compared: mappings that cut a kernel or keep the "
      "reduction "
      "outside cannot be played."};
  suite.misses = {
      "What is loaded again comes out of two caches on Gemmini and out of DRAM here: 1x1 layers "
      "with a stride "
      "of 2, whose inputs are loaded once for every 16 outputs, come out too slow.",
      "What is loaded for the first time takes longer there, 16 to 38 cycles a line of 64 B by the "
      "differences between layers that share an input, and some 10 here: layers of many channels "
      "and few "
      "pixels come out too fast.",
      "Weights lie packed by tile here, and as rows of 16 to 160 B there: their requests are too "
      "few."};
  EntrySpec entry;
  entry.name = "gemmini.auto";
  entry.file = "gemmini_rtl_cycles.csv";
  entry.columns = {"workload", "scratchpad_bytes",       "N", "C", "K", "P", "Q", "R", "S",
                   "stride",   "rtl_cycles_gemmini_auto"};
  entry.bound.median_abs_pct = 8;
  entry.bound.mean_abs_pct = 12;
  entry.run = run_auto;
  suite.entries = {entry};
  return suite;
}

}  // namespace takt
