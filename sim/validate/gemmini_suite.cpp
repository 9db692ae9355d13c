// SPDX-License-Identifier: Apache-2.0
// Single layers on Gemmini's RTL, with DRAM: with given mappings and with its own software's
// tiling.
#include <algorithm>
#include <array>

#include "sim/mapper/mapping.h"
#include "sim/validate/csv_table.h"
#include "sim/validate/suites.h"

namespace takt {
namespace {

constexpr const char* kMachine = "gemmini_16x16.yaml";
constexpr const char* kMapping = "mapping_timeloop";
constexpr double kPeakMacs = 256;  ///< a cycle: 16 x 16
constexpr double kBusBytes = 16;   ///< a cycle
constexpr std::int64_t kExtentMax = std::int64_t{1} << 31;

/// Parameters are fitted on every third layer, the third first, in the order in which the file
/// first has them.
constexpr std::size_t kFittedEvery = 3, kFittedFirst = 2;

/// P counts columns and Q rows of the output; R and S are the kernel's columns and rows.
struct Layer {
  std::int64_t n = 1, c = 1, k = 1, p = 1, q = 1, r = 1, s = 1, stride = 1;
  /// A row of outputs, each of one input: a matrix product.
  bool product() const { return q == 1 && r == 1 && s == 1 && stride == 1; }
  /// The file does not tell paddings. Networks keep the size of an image but for the stride: half a
  /// kernel on each side, which makes P x Q of a square kernel of odd width. `conv:` has one
  /// padding for both axes; with other kernels the inputs are just those that the outputs need.
  bool keeps_size() const { return r == s && r % 2 == 1; }
  std::int64_t pad() const { return keeps_size() ? r / 2 : 0; }
  std::int64_t height() const { return keeps_size() ? q * stride : (q - 1) * stride + s; }
  std::int64_t width() const { return keeps_size() ? p * stride : (p - 1) * stride + r; }
  double macs() const { return 1.0 * n * c * k * p * q * r * s; }
  /// Operands and results once; of the inputs those that any output needs.
  double bytes() const {
    const std::int64_t step_h = std::min(stride, s), step_w = std::min(stride, r);
    const std::int64_t rows = std::min(height(), (q - 1) * step_h + s - pad());
    const std::int64_t columns = std::min(width(), (p - 1) * step_w + r - pad());
    return 1.0 * n * c * rows * columns + 1.0 * c * k * r * s + 1.0 * n * k * p * q;
  }
  std::array<std::int64_t, 8> key() const { return {n, c, k, p, q, r, s, stride}; }
};

Layer layer_of(CsvTable& table, std::size_t i) {
  const auto extent = [&](const char* name) { return table.whole(i, name, 1, kExtentMax); };
  return {extent("N"), extent("C"), extent("K"), extent("P"),
          extent("Q"), extent("R"), extent("S"), extent("stride")};
}

std::string workload_of(const Layer& l) {
  const auto n = [](std::int64_t value) { return std::to_string(value); };
  if (l.product()) return "gemm:m=" + n(l.n * l.p) + ",n=" + n(l.k) + ",k=" + n(l.c);
  return "conv:n=" + n(l.n) + ",c=" + n(l.c) + ",h=" + n(l.height()) + ",w=" + n(l.width()) +
         ",k=" + n(l.k) + ",r=" + n(l.s) + ",s=" + n(l.r) + ",stride=" + n(l.stride) +
         ",pad=" + n(l.pad());
}

/// Every row of the file, played with the mapping of its own column or with Gemmini's tiler.
Result<EntryRows> run_layers(const EntryInput& input, const char* measured, bool mapped) {
  Result<CsvTable> read = CsvTable::parse(input.data->text, input.data->path);
  if (!read) return read.errors();
  CsvTable& table = *read;
  std::vector<PlannedRow> plan;
  std::vector<std::array<std::int64_t, 8>> layers;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const Layer layer = layer_of(table, i);
    const auto known = std::find(layers.begin(), layers.end(), layer.key());
    const auto which = static_cast<std::size_t>(known - layers.begin());
    if (known == layers.end()) layers.push_back(layer.key());
    PlannedRow planned;
    planned.request.arch = kMachine;
    planned.request.workload = workload_of(layer);
    if (mapped) {
      planned.request.mapping = kMappingInPlace + table.text(i, kMapping);
      // The measuring program runs the layer with Gemmini's tiler first, on the same arrays.
      planned.request.overrides = {"memory.cache.start=warm", "memory.cache.inner.start=warm"};
    } else {
      planned.request.overrides = {"mapper.kind=gemmini"};
    }
    planned.row.id = table.text(i, "workload") + " " + planned.request.workload + " (" +
                     table.text(i, "scratchpad_bytes") + ")";
    planned.row.measured = table.number(i, measured);
    planned.row.floor = std::max(layer.macs() / kPeakMacs, layer.bytes() / kBusBytes);
    planned.row.fitted = !input.data->given && which % kFittedEvery == kFittedFirst;
    plan.push_back(std::move(planned));
  }
  if (!table.errors().empty()) return table.errors();
  return simulate_rows(std::move(plan), input, [](const RunRecord& record) {
    return static_cast<double>(record.cycles.value());
  });
}

EntrySpec entry_of(const char* name, const char* measured, bool mapped) {
  EntrySpec entry;
  entry.name = name;
  entry.file = "gemmini_rtl_cycles.csv";
  entry.columns = {"workload", "scratchpad_bytes", "N", "C", "K", "P", "Q", "R", "S", "stride"};
  if (mapped) entry.columns.push_back(kMapping);
  entry.columns.push_back(measured);
  entry.bound.median_abs_pct = 8;
  entry.bound.mean_abs_pct = 12;
  entry.run = [measured, mapped](const EntryInput& input) {
    return run_layers(input, measured, mapped);
  };
  return entry;
}

}  // namespace

SuiteSpec gemmini_suite() {
  SuiteSpec suite;
  suite.name = "gemmini";
  suite.what = "cycles of single layers on Gemmini 16x16, by given mappings and by its own tiler";
  suite.measured =
      "DOSA (Hong et al., MICRO 2023; ucb-bar/dosa): RTL on FireSim, ResNet-50 and BERT layers, "
      "with DDR3 behind two caches";
  suite.fitted = {
      "`core.matrix.command.interval`, `core.dma.latency` and `mapper.step` of "
      "configs/gemmini_16x16.yaml, on both columns of every third layer (the third, the sixth …) "
      "in the order in which the file first has them: the least sum of both mean errors of those "
      "rows. `memory.cache.inner.miss` is an estimate (30 ns): with 90 ns that sum would be half "
      "a point less, and that of the other rows four points more."};
  suite.limits = {
      "The same layer and tiling was measured three times, up to 1.5 apart: 4 % is the least "
      "mean error that any model can have on `gemmini.auto`.",
      "Of a mapping the loops over DRAM are played as written; those of the levels below give "
      "the tile, within which the hardware has an order of its own.",
      "The measuring program (ucb-bar/gemmini-rocc-tests, `conv_tilings.c`, `matmul_tilings.c`) "
      "runs a layer with Gemmini's tiler, then at once with the given mapping on the same "
      "arrays: `gemmini.mapping` begins with warm caches. `gemmini.auto` begins with cold ones, "
      "though the arrays are shared with layers measured before, and what those have left is not "
      "known.",
      "By given mappings, 1x1 layers of stride 2 and those of 7x7 pixels come out up to 43 % too "
      "fast: the RTL takes nearly the sum of what their weights take to come and their products, "
      "ours the longer of the two (`takt explain`: compute_useful and compute_padding are nearly "
      "all of it). Single commands of 7 to 14 rows take a cycle or so more on the RTL as well.",
      "With Gemmini's own tiling 1x1 layers of stride 2 come out up to 34 % too fast, and their "
      "three measurements of one tiling lie up to 1.5 apart; those of 512 input channels come "
      "out up to 28 % too slow, whose inputs the layer before may have left in the caches."};
  suite.entries = {entry_of("gemmini.mapping", "rtl_cycles_mapping", true),
                   entry_of("gemmini.auto", "rtl_cycles_gemmini_auto", false)};
  return suite;
}

}  // namespace takt
