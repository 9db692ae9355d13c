// SPDX-License-Identifier: Apache-2.0
// The core: matrix unit, vector unit, buffers, DMA.
#include <algorithm>

#include "sim/machine/machine_spec_parts.h"

namespace takt::machine_spec {
namespace {

constexpr std::uint64_t kArraySideMax = 65536;

/// What stands for a matrix unit. Only systolic arrays can be simulated; the others are known
/// words.
void read_kind(Reader& matrix) {
  const std::vector<std::string> planned{"row_stationary", "tensor_core", "dpu", "simd"};
  const Node* node = matrix.take("kind");
  if (node != nullptr && node->is_scalar() &&
      std::find(planned.begin(), planned.end(), node->text) != planned.end()) {
    Diagnostic d = error_at(*node, matrix.path_of("kind"), "E-unsupported-kind",
                            "matrix units of kind '" + node->text + "' cannot be simulated",
                            "supported: systolic");
    d.kind = ErrorKind::kUnsupported;
    matrix.errors().push_back(d);
    return;
  }
  enum class Kind { kSystolic };
  matrix.required("kind", Choice<Kind>{{{"systolic", Kind::kSystolic}}});
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

void read_matrix(Reader& core, MatrixUnit& unit) {
  Reader matrix = core.map("matrix");
  read_kind(matrix);
  unit.count = static_cast<std::uint32_t>(matrix.optional("count", Whole{1, kArraysMax}, 1));
  unit.rows = static_cast<std::uint32_t>(matrix.required("rows", Whole{1, kArraySideMax}));
  unit.cols = static_cast<std::uint32_t>(matrix.required("cols", Whole{1, kArraySideMax}));
  unit.dataflow = matrix.required(
      "dataflow", Choice<Dataflow>{{{"weight_stationary", Dataflow::kWeightStationary},
                                    {"output_stationary", Dataflow::kOutputStationary},
                                    {"input_stationary", Dataflow::kInputStationary}}});
  unit.weight_buffers =
      static_cast<std::uint32_t>(matrix.optional("weight_buffers", Whole{1, 2}, 2));
  unit.accumulator_rows = matrix.required("accumulators", Whole{1, 1u << 30});
  read_rates(matrix, unit);
  unit.timing =
      matrix.optional("timing",
                      Choice<MatrixUnit::Timing>{{{"pipelined", MatrixUnit::Timing::kPipelined},
                                                  {"scalesim", MatrixUnit::Timing::kScaleSim}}},
                      MatrixUnit::Timing::kPipelined);
  unit.taps_apart =
      matrix.optional("reduction", Choice<bool>{{{"joined", false}, {"by_tap", true}}}, false);
  matrix.finish();
}

void read_vector(Reader& core, VectorUnit& unit) {
  Reader vector = core.map("vector");
  unit.lanes = static_cast<std::uint32_t>(vector.required("lanes", Whole{1, 1u << 20}));
  unit.latency = vector.optional("latency", CycleCount{}, Cycles(8));
  unit.row_reduction = vector.optional("row_reduction", CycleCount{}, Cycles(0));
  vector.finish();
}

struct Ports {
  std::uint32_t read, write;
  bool shared;
  friend bool operator==(const Ports& a, const Ports& b) {
    return a.read == b.read && a.write == b.write && a.shared == b.shared;
  }
};

Choice<Ports> port_names() {
  return {{{"1RW", {1, 1, true}},
           {"2RW", {2, 2, true}},
           {"1R1W", {1, 1, false}},
           {"2R1W", {2, 1, false}},
           {"2R2W", {2, 2, false}}}};
}

Buffer read_buffer(Reader& spec, std::string name) {
  Buffer buffer;
  buffer.name = std::move(name);
  const std::size_t errors_before = spec.errors().size();
  buffer.size = spec.required("size", Size{});
  buffer.banks = static_cast<std::uint32_t>(spec.optional("banks", Whole{1, 65536}, 1));
  buffer.width = spec.required("width", PowerOfTwoSize{1, 65536});
  const Ports ports = spec.optional("ports", port_names(), Ports{1, 1, true});
  buffer.read_ports = ports.read;
  buffer.write_ports = ports.write;
  buffer.shared_port = ports.shared;
  buffer.slots = static_cast<std::uint32_t>(spec.optional("slots", Whole{0, 65536}, 0));
  spec.finish();
  if (spec.broken() || spec.errors().size() != errors_before) return buffer;
  const std::uint64_t row = buffer.banks * buffer.width.value();
  if (buffer.size.value() % row != 0) {
    spec.error("size", "E-buffer-shape",
               "must be a multiple of banks x width = " + std::to_string(row) + " B");
  }
  if (buffer.slots > 0 && buffer.size.value() % buffer.slots != 0) {
    spec.error("slots", "E-buffer-shape", "must divide the size into equal tiles");
  }
  return buffer;
}

void read_buffers(Reader& core, Machine& machine) {
  Reader buffers = core.map("buffers");
  Reader unified = buffers.map("unified");
  machine.buffers.push_back(read_buffer(unified, "unified"));
  machine.unified = machine.weights = BufferId{0};
  if (buffers.has("weights")) {
    Reader weights = buffers.map("weights");
    machine.buffers.push_back(read_buffer(weights, "weights"));
    machine.weights = BufferId{1};
  } else {
    buffers.take("weights");
  }
  buffers.finish();
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
  spec.finish();
}

}  // namespace

void read_core(Reader& root, Machine& machine) {
  Reader core = root.map("core");
  read_matrix(core, machine.matrix);
  read_vector(core, machine.vector);
  read_buffers(core, machine);
  read_dma(core, machine.dma);
  machine.sync = core.optional("sync", CycleCount{}, Cycles(0));
  core.finish();
}

}  // namespace takt::machine_spec
