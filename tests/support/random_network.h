// SPDX-License-Identifier: Apache-2.0
#pragma once
// Random machines and small random networks, by seed: what properties are tried on.

#include <memory>
#include <string>

#include "sim/ir/fuse.h"
#include "sim/machine/machine.h"
#include "tests/support/random_graph.h"

namespace takt::test {

inline Machine random_machine(Random& random) {
  Machine m;
  m.name = "random";
  m.clock = ClockDomain(1'000'000'000);
  const std::uint32_t sides[] = {4, 8, 16, 32};
  m.matrix.rows = sides[random.between(0, 3)];
  m.matrix.cols = sides[random.between(0, 3)];
  m.matrix.dataflow = static_cast<Dataflow>(random.between(0, 2));
  m.matrix.weight_buffers = static_cast<std::uint32_t>(random.between(1, 2));
  m.matrix.accumulator_rows = 64U << random.between(0, 5);
  m.matrix.count = random.between(0, 3) == 0 ? static_cast<std::uint32_t>(random.between(2, 4)) : 1;
  m.matrix.rate.fill({1, 1});
  m.vector.lanes = static_cast<std::uint32_t>(4U << random.between(0, 4));
  m.vector.latency = Cycles(random.between(0, 10));
  Buffer unified;
  unified.name = "unified";
  unified.size = Bytes(4096ULL << random.between(0, 7));
  unified.banks = 8;
  unified.width = Bytes(64);
  m.buffers.push_back(unified);
  m.unified = m.weights = BufferId{0};
  if (random.between(0, 2) == 0) {
    Buffer fifo;
    fifo.name = "weights";
    fifo.slots = 4 * m.matrix.count;
    fifo.size = Bytes(static_cast<std::uint64_t>(m.matrix.rows) * m.matrix.cols * 4 * fifo.slots);
    fifo.width = Bytes(64);
    m.buffers.push_back(fifo);
    m.weights = BufferId{1};
  }
  m.dma.engines = static_cast<std::uint32_t>(random.between(1, 2));
  m.dma.burst = Bytes(64);
  m.memory.ideal = true;
  m.memory.timing.clock_hz = 800'000'000;
  m.memory.timing.standard = "DDR3";
  m.memory.timing.row_bytes = Bytes(1024);
  m.memory.timing.rows = 65536;
  m.memory.timing.cl = m.memory.timing.cwl = m.memory.timing.rcd = m.memory.timing.rp = 11;
  m.memory.timing.ras = 28, m.memory.timing.rrd_s = m.memory.timing.rrd_l = 5,
  m.memory.timing.faw = 24;
  m.memory.timing.ccd_s = m.memory.timing.ccd_l = 4, m.memory.timing.wr = 12;
  m.memory.timing.wtr_s = m.memory.timing.wtr_l = 6, m.memory.timing.rtp = 6,
  m.memory.timing.rfc = 208;
  m.memory.timing.refi = 6240;
  m.memory.channels = 1;
  m.memory.bandwidth_bytes_per_s = 1'000'000'000ULL << random.between(0, 3);
  m.memory.interleave = Bytes(256);
  m.memory.capacity = Bytes(1ULL << 32);
  m.host.enabled = random.between(0, 1) == 1;
  m.host.max_payload = Bytes(256);
  m.host.read_request = Bytes(512);
  m.host.raw_bytes_per_s = 4'000'000'000;
  m.host.payload_bytes_per_s = 3'600'000'000;
  // Rarer things, by what is there already: no further draw moves what older seeds give.
  m.dma.weight_engine = m.matrix.cols == 8;
  m.matrix.taps_apart = m.matrix.rows == 16 && m.vector.lanes > 8;
  m.launch = Cycles(m.matrix.rows == 32 ? 50 : 0);
  m.sync = Cycles(m.matrix.cols == 16 ? 70 : 0);
  return m;
}

/// A chain of convolutions, pools, elementwise ops and residual adds, or of matmuls, softmax,
/// norms.
class NetworkMaker : RandomGraph {
 public:
  explicit NetworkMaker(Random& random) : RandomGraph(random) {}

  Graph conv_chain() {
    graph_.name = "random_conv";
    const std::int64_t size = pick(3, 14);
    TensorId x = tensor("x", {pick(1, 3), pick(1, 20), size, size}, TensorKind::kInput);
    const std::int64_t length = pick(1, 4);
    for (std::int64_t i = 0; i < length; ++i) x = conv_block(x, i);
    graph_.tensor(x).is_output = true;
    return infer();
  }

  Graph matmul_chain() {
    graph_.name = "random_matmul";
    TensorId x = tensor("x", {pick(1, 3), pick(1, 40), pick(1, 40)}, TensorKind::kInput);
    const std::int64_t length = pick(1, 4);
    for (std::int64_t i = 0; i < length; ++i) x = matmul_block(x, i);
    graph_.tensor(x).is_output = true;
    return infer();
  }

 private:
  std::int64_t pick(std::uint64_t low, std::uint64_t high) {
    return static_cast<std::int64_t>(random_.between(low, high));
  }
  TensorId conv_block(TensorId x, std::int64_t i) {
    const std::string name = "l" + std::to_string(i);
    const Shape in = graph_.tensor(x).shape;
    WindowAttrs w;
    w.kernel[0] = w.kernel[1] = std::min<std::int64_t>(pick(1, 3), in[2]);
    w.stride[0] = w.stride[1] = pick(1, 2);
    for (auto* pad : {w.pad_begin, w.pad_end}) pad[0] = pad[1] = w.kernel[0] / 2;
    if (pick(0, 5) == 0) {
      return op(OpKind::kMaxPool, {x}, w, name + ".pool");
    }
    std::int64_t outs = pick(1, 40);
    if (in[1] % 2 == 0 && pick(0, 3) == 0) {
      w.groups = 2;
      outs += outs % 2;
    }
    if (pick(0, 2) == 0) w.stride[0] = w.stride[1] = 1, outs = in[1], w.groups = 1;
    const TensorId weights = tensor(name + ".w", {outs, in[1] / w.groups, w.kernel[0], w.kernel[1]},
                                    TensorKind::kParameter);
    const TensorId bias = tensor(name + ".b", {outs}, TensorKind::kParameter);
    TensorId y = op(OpKind::kConv, {x, weights, bias}, w, name);
    if (graph_.tensor(y).shape == in && pick(0, 1) == 0) {
      y = op(OpKind::kBinary, {y, x}, BinaryAttrs{BinaryKind::kAdd}, name + ".add");
    }
    return op(OpKind::kUnary, {y}, UnaryAttrs{UnaryKind::kRelu, 0, 0}, name + ".relu");
  }
  TensorId matmul_block(TensorId x, std::int64_t i) {
    const std::string name = "l" + std::to_string(i);
    const Shape in = graph_.tensor(x).shape;
    const std::int64_t choice = pick(0, 4);
    if (choice == 0) {
      AxesAttrs axes;
      axes.axes = {2};
      return op(OpKind::kSoftmax, {x}, axes, name + ".softmax");
    }
    if (choice == 1) {  // x · x^T, both made by the network
      MatMulAttrs m;
      m.transpose_b = true;
      return op(OpKind::kMatMul, {x, x}, m, name + ".scores");
    }
    const TensorId weights = tensor(name + ".w", {in[2], pick(1, 60)}, TensorKind::kParameter);
    const TensorId y = op(OpKind::kMatMul, {x, weights}, MatMulAttrs{}, name);
    return op(OpKind::kUnary, {y}, UnaryAttrs{UnaryKind::kGelu, 0, 0}, name + ".gelu");
  }
  Graph infer() {
    check();
    return std::move(graph_);
  }
};

inline std::shared_ptr<const RegionGraph> random_regions(Random& random) {
  NetworkMaker maker(random);
  const Graph graph = random.between(0, 1) == 0 ? maker.conv_chain() : maker.matmul_chain();
  Result<RegionGraph> regions = fuse(graph, FuseOptions{});
  CHECK(regions.ok()) << to_string(regions.errors());
  return std::make_shared<const RegionGraph>(std::move(regions).value());
}

}  // namespace takt::test
