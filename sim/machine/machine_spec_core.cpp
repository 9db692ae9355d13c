// SPDX-License-Identifier: Apache-2.0
// The core: matrix unit, vector unit, buffers, DMA.
#include <algorithm>

#include "sim/machine/machine_spec_parts.h"

namespace takt::machine_spec {
namespace {

constexpr std::uint64_t kArraySideMax = 65536;

enum class Kind { kSystolic, kRowStationary };

/// What stands for a matrix unit. The others are known words.
Kind read_kind(Reader& matrix) {
  const std::vector<std::string> planned{"tensor_core", "dpu", "simd"};
  const Node* node = matrix.take("kind");
  if (node != nullptr && node->is_scalar() &&
      std::find(planned.begin(), planned.end(), node->text) != planned.end()) {
    Diagnostic d = error_at(*node, matrix.path_of("kind"), "E-unsupported-kind",
                            "matrix units of kind '" + node->text + "' cannot be simulated",
                            "supported: systolic, row_stationary");
    d.kind = ErrorKind::kUnsupported;
    matrix.errors().push_back(d);
    return Kind::kSystolic;
  }
  return matrix.required("kind", Choice<Kind>{{{"systolic", Kind::kSystolic},
                                               {"row_stationary", Kind::kRowStationary}}});
}

void read_rates(Reader& matrix, MatrixUnit& unit) {
  Reader rates = matrix.map("macs_per_pe");
  bool any = false;
  for (std::size_t i = 0; i < unit.rate.size(); ++i) {
    const auto rate = rates.maybe(to_string(static_cast<DType>(i)), Fraction{});
    if (!rate) continue;
    unit.rate[i] = {rate->numerator, rate->denominator};
    any = true;
  }
  rates.finish();
  if (!any && rates.errors().empty()) {
    rates.error_here("E-missing-key", "no data type is supported", "for example {int8: 1}");
  }
}

/// As many as one op's tokens can name.
constexpr std::int64_t kArraysMax = 8;

void read_row_stationary(Reader& matrix, MatrixUnit& unit) {
  unit.dataflow = Dataflow::kRowStationary;
  unit.weight_buffers = 1;  // filters are loaded while no PE works
  const auto words = [](Reader& spec, const char* key, std::uint32_t& into) {
    into = static_cast<std::uint32_t>(spec.required(key, Whole{1, UINT16_MAX}));
  };
  RowStationary& pe = unit.row_stationary;
  Reader pads = matrix.map("scratchpads");
  words(pads, "filter", pe.filter_words);
  words(pads, "input", pe.input_words);
  words(pads, "sum", pe.sum_words);
  pads.finish();
  Reader networks = matrix.map("networks");
  words(networks, "filter", pe.filter_lanes);
  words(networks, "input", pe.input_lanes);
  words(networks, "sum", pe.sum_lanes);
  networks.finish();
  pe.gates_zeros = matrix.optional("zero_gating", Flag{}, false);
}

void read_dataflow(Reader& matrix, MatrixUnit& unit) {
  unit.dataflow = matrix.required(
      "dataflow", Choice<Dataflow>{{{"weight_stationary", Dataflow::kWeightStationary},
                                    {"output_stationary", Dataflow::kOutputStationary},
                                    {"input_stationary", Dataflow::kInputStationary}}});
  unit.weight_buffers =
      static_cast<std::uint32_t>(matrix.optional("weight_buffers", Whole{1, 2}, 2));
  unit.accumulator_rows = matrix.required("accumulators", Whole{1, 1u << 30});
}

void read_timing(Reader& matrix, MatrixUnit& unit) {
  unit.timing =
      matrix.optional("timing",
                      Choice<MatrixUnit::Timing>{{{"pipelined", MatrixUnit::Timing::kPipelined},
                                                  {"scalesim", MatrixUnit::Timing::kScaleSim}}},
                      MatrixUnit::Timing::kPipelined);
  unit.taps_apart =
      matrix.optional("reduction", Choice<bool>{{{"joined", false}, {"by_tap", true}}}, false);
}

/// Commands of few rows; after the rates and the dataflow.
void read_command(Reader& matrix, MatrixUnit& unit) {
  Reader command = matrix.optional_map("command");
  unit.command_rows = static_cast<std::uint32_t>(command.optional("rows", Whole{0, 65536}, 0));
  unit.command_interval = command.optional("interval", CycleCount{}, Cycles(0));
  unit.command_preload = command.optional("preload", CycleCount{}, Cycles(0));
  unit.command_depth = static_cast<std::uint32_t>(command.optional("depth", Whole{0, 65536}, 0));
  command.finish();
  const bool steady = std::all_of(unit.rate.begin(), unit.rate.end(), [](const MacRate& r) {
    return r.numerator == 0 || r.numerator % r.denominator == 0;
  });
  // Other dataflows keep the key, so that a sweep may go over them, and take whole passes.
  if (unit.dataflow != Dataflow::kWeightStationary) {
    unit.command_rows = 0;
    unit.command_interval = Cycles(0);
    unit.command_preload = Cycles(0);
    unit.command_depth = 0;
  }
  const bool plain = unit.timing == MatrixUnit::Timing::kPipelined && steady;
  if (unit.command_rows > 0 && !plain && matrix.errors().empty()) {
    matrix.error("command", "E-conflicting-keys",
                 "commands are of an array that takes a row each cycle: of timing pipelined, "
                 "with whole numbers of macs_per_pe");
  }
}

void read_matrix(Reader& core, MatrixUnit& unit) {
  Reader matrix = core.map("matrix");
  const bool nothing_said = matrix.keys().empty();  // then every key is asked for
  const bool systolic = read_kind(matrix) == Kind::kSystolic;
  if (systolic) {
    unit.count = static_cast<std::uint32_t>(matrix.optional("count", Whole{1, kArraysMax}, 1));
  }
  unit.rows = static_cast<std::uint32_t>(matrix.required("rows", Whole{1, kArraySideMax}));
  unit.cols = static_cast<std::uint32_t>(matrix.required("cols", Whole{1, kArraySideMax}));
  if (systolic) read_dataflow(matrix, unit);
  read_rates(matrix, unit);
  if (systolic) read_timing(matrix, unit);
  if (!systolic || nothing_said) read_row_stationary(matrix, unit);
  if (systolic) read_command(matrix, unit);
  matrix.finish();
}

void read_vector(Reader& core, VectorUnit& unit) {
  Reader vector = core.map("vector");
  unit.lanes = static_cast<std::uint32_t>(vector.required("lanes", Whole{1, 1u << 20}));
  unit.latency = vector.optional("latency", CycleCount{}, Cycles(8));
  unit.row_reduction = vector.optional("row_reduction", CycleCount{}, Cycles(0));
  vector.finish();
}

void read_buffers(Reader& core, Machine& machine) {
  Reader buffers = core.map("buffers");
  Reader unified = buffers.map("unified");
  machine.buffers.push_back(read_buffer(unified, "unified", Slots::kMay));
  machine.unified = machine.weights = BufferId{0};
  if (buffers.has("weights")) {
    Reader weights = buffers.map("weights");
    machine.buffers.push_back(read_buffer(weights, "weights", Slots::kMay));
    machine.weights = BufferId{1};
  } else {
    buffers.take("weights");
  }
  buffers.finish();
}

/// Commands that take rows of a tile piece by piece.
void read_pieces(Reader& spec, Dma& dma) {
  constexpr Size kSize{Zero::kAllowed};
  Reader command = spec.optional_map("command");
  dma.load_piece = command.optional("load", kSize, Bytes(0));
  dma.store_piece = command.optional("store", kSize, Bytes(0));
  dma.product_store_piece = command.optional("product_store", kSize, dma.store_piece);
  command.finish();
}

void read_dma(Reader& core, Dma& dma) {
  Reader spec = core.optional_map("dma");
  dma.engines = static_cast<std::uint32_t>(spec.optional("engines", Whole{1, 2}, 2));
  dma.queue = static_cast<std::uint32_t>(spec.optional("queue", Whole{1, 65536}, 16));
  dma.outstanding = static_cast<std::uint32_t>(spec.optional("outstanding", Whole{1, 65536}, 64));
  dma.burst = spec.optional("burst", PowerOfTwoSize{8, 65536}, Bytes(256));
  dma.weight_engine = spec.optional("weight_engine", Flag{}, false);
  dma.latency = spec.optional("latency", Duration{}, Femtoseconds(0));
  dma.request_interval = spec.optional("request_interval", Duration{}, Femtoseconds(0));
  // Chen et al., JSSC 2017, Section IV-B: runs of 5 bits, words of 64.
  constexpr RunLengthCode kRunLength{64, 5};
  const auto coded =
      spec.maybe("compression", Choice<bool>{{{"none", false}, {"run_length", true}}});
  if (coded.value_or(false)) dma.compression = kRunLength;
  read_pieces(spec, dma);
  spec.finish();
}

/// Sums of a row-stationary array lie in the slots of the output, a byte each at least.
void settle_sums(Machine& machine) {
  constexpr std::uint64_t kRowsMax = 1U << 20U;
  if (machine.matrix.dataflow != Dataflow::kRowStationary) return;
  machine.matrix.accumulator_rows =
      std::min(kRowsMax, machine.buffers[machine.unified.index].size.value());
}

}  // namespace

void read_core(Reader& root, Machine& machine) {
  Reader core = root.map("core");
  read_matrix(core, machine.matrix);
  read_vector(core, machine.vector);
  read_buffers(core, machine);
  read_dma(core, machine.dma);
  machine.sync = core.optional("sync", CycleCount{}, Cycles(0));
  settle_sums(machine);
  core.finish();
}

}  // namespace takt::machine_spec
