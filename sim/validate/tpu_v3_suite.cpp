// SPDX-License-Identifier: Apache-2.0
// Single operators on one core of a TPU v3.
#include <algorithm>

#include "sim/validate/csv_table.h"
#include "sim/validate/suites.h"

namespace takt {
namespace {

constexpr const char* kMachine = "tpu_v3_core.yaml";
/// Rows that parameters of the machine were fitted on; see its `sources`.
constexpr const char* kFittedOn[] = {"gemm_256x256x256", "layernorm_2048x768"};

/// The numbers between the x's of "conv_64x56x56x64x64x3x1x1"; none if the name is another.
std::vector<std::int64_t> extents_of(const std::string& name, const std::string& kind) {
  std::vector<std::int64_t> extents;
  if (name.rfind(kind + "_", 0) != 0) return {};
  std::size_t at = kind.size() + 1;
  while (at <= name.size()) {
    const std::size_t end = std::min(name.find('x', at), name.size());
    const std::string part = name.substr(at, end - at);
    const bool good = !part.empty() && part.size() < 10 &&
                      part.find_first_not_of("0123456789") == std::string::npos;
    if (!good) return {};
    extents.push_back(std::stoll(part));
    at = end + 1;
  }
  return extents;
}

/// False if the name is none of the three kinds.
bool set_workload(const std::string& name, RunRequest& request) {
  const auto n = [](std::int64_t value) { return std::to_string(value); };
  if (const auto e = extents_of(name, "gemm"); e.size() == 3) {
    request.workload = "gemm:m=" + n(e[0]) + ",k=" + n(e[1]) + ",n=" + n(e[2]);
  } else if (const auto c = extents_of(name, "conv"); c.size() == 8) {
    request.workload = "conv:n=" + n(c[0]) + ",h=" + n(c[1]) + ",w=" + n(c[2]) + ",c=" + n(c[3]) +
                       ",k=" + n(c[4]) + ",r=" + n(c[5]) + ",stride=" + n(c[6]) + ",pad=" + n(c[7]);
  } else if (const auto l = extents_of(name, "layernorm"); l.size() == 2) {
    request.workload = "parts/layer_norm.yaml";
    request.dims = {{"rows", l[0]}, {"features", l[1]}};
  } else {
    return false;
  }
  return true;
}

Result<EntryRows> run_rows(const EntryInput& input) {
  Result<CsvTable> read = CsvTable::parse(input.data->text, input.data->path);
  if (!read) return read.errors();
  CsvTable& table = *read;
  std::vector<PlannedRow> plan;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    PlannedRow planned;
    planned.row.id = table.text(i, "workload");
    planned.row.measured = table.number(i, "tpuv3_measured_cycles_940MHz");
    planned.row.fitted = std::count(std::begin(kFittedOn), std::end(kFittedOn), planned.row.id) > 0;
    planned.request.arch = kMachine;
    planned.request.overrides = {"host.enabled=false"};
    if (!set_workload(planned.row.id, planned.request)) {
      table.complain(i, "workload", "E-bad-choice",
                     "expected gemm_MxKxN, conv_NxHxWxCxKxRxSTRIDExPAD or layernorm_ROWSxFEATURES");
    }
    plan.push_back(std::move(planned));
  }
  if (!table.errors().empty()) return table.errors();
  return simulate_rows(std::move(plan), input, [](const RunRecord& record) {
    return static_cast<double>(record.cycles.value());
  });
}

}  // namespace

SuiteSpec tpu_v3_suite() {
  SuiteSpec suite;
  suite.name = "tpu_v3";
  suite.what = "cycles of single operators on one core of a TPU v3, operands in its HBM";
  suite.measured = "published with PyTorchSim (MICRO 2025), on a TPU v3";
  suite.fitted = {"`launch` of configs/tpu_v3_core.yaml, on gemm_256x256x256",
                  "`core.vector.row_reduction` of the same, on layernorm_2048x768"};
  suite.limits = {
      "Eleven rows of three operators. What the compiler made of them (tiles, prefetch, layout) is "
      "not published; ours come from our mapper.",
      "The convolution of 64 channels has no spare time left here: of 906,141 cycles the arrays "
      "work in 903,168, on a quarter of their PEs, and its bytes take 105,000. Measured are 1.65 "
      "times as many. Memory cannot be it: channels padded to 128 lanes would double the bytes, "
      "and "
      "with half the bandwidth (`--set 'memory.bandwidth=230.3 GB/s'`) it takes as long as before. "
      "A row of inputs and one tap of the kernel take 0.83 cycles as measured, 0.54 in the next "
      "convolution, of 128 channels and otherwise alike, where they take 0.51 here; what the "
      "compiler does otherwise with 64 channels is not published."};
  EntrySpec entry;
  entry.name = "tpu_v3";
  entry.file = "tpu_v3_measured_cycles.csv";
  entry.columns = {"workload", "tpuv3_measured_cycles_940MHz"};
  entry.bound.mean_abs_pct = 10;
  entry.run = run_rows;
  suite.entries = {entry};
  return suite;
}

}  // namespace takt
