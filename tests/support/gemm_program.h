// SPDX-License-Identifier: Apache-2.0
#pragma once
// Chains of GEMMs as whole programs made by hand: real addresses, slots, accumulators, places. Ops
// are a plain list, so that a test can break one thing and see who notices.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/gemm_shape.h"
#include "tests/support/program_builder.h"

namespace takt::test {

class GemmProgram {
 public:
  explicit GemmProgram(const GemmShape& shape) : shape_(shape), machine_(small_machine()) {
    machine_.host.enabled = shape.host;
    header_.units = make_units(machine_);
    make_tensors();
    if (shape.host) host_move(true);
    for (std::size_t layer = 0; layer + 1 < shape.widths.size(); ++layer) make_layer(layer);
    if (shape.host) host_move(false);
  }
  GemmProgram(const GemmProgram&) = delete;

  /// A program of the ops as they are now. This object must outlive it.
  Program build() const {
    Program p;
    p.machine = &machine_;
    p.graph = &graph_;
    p.units = header_.units;
    p.channels = channels;
    p.tensors = header_.tensors;
    for (std::size_t r = 0; r < ops.size(); ++r) {
      ProgramRegion region;
      region.source = static_cast<std::uint32_t>(r);
      region.name = graph_.regions[r].name;
      region.mapping = "by hand";
      region.macs = graph_.regions[r].matrix.macs();
      region.nests.push_back(std::make_unique<FlatNest>(ops[r]));
      p.regions.push_back(std::move(region));
    }
    return p;
  }
  /// The index of the `nth` op of a kind (and role, of transfers) in region 0.
  std::size_t find(TileOpKind kind, std::size_t nth = 0,
                   Transfer::Role role = Transfer::Role::kInput) const {
    for (std::size_t i = 0; i < ops[0].size(); ++i) {
      const TileOp& op = ops[0][i];
      const bool moves = kind == TileOpKind::kLoad;
      if (op.kind != kind || (moves && op.transfer.role != role)) continue;
      if (moves && op.transfer.space == Space::kHost) continue;
      if (nth-- == 0) return i;
    }
    CHECK(false) << "no such op";
    return 0;
  }
  Machine& machine() { return machine_; }
  RegionGraph& graph() { return graph_; }
  std::vector<TensorPlacement>& placements() { return header_.tensors; }

  std::vector<std::vector<TileOp>> ops;  ///< by region
  std::vector<Channel> channels;

 private:
  ChannelId channel(const std::string& name, StallCause cause, std::uint32_t credits = 0) {
    Channel c;
    c.name = name;
    c.cause = cause;
    c.initial = c.final = credits;
    channels.push_back(c);
    return {static_cast<std::uint32_t>(channels.size() - 1)};
  }

  void add_tensor(const std::string& name, std::int64_t rows, std::int64_t cols, TensorKind kind) {
    StoredTensor t;
    t.name = name;
    t.elements = rows * cols;
    t.kind = kind;
    t.graph_tensor = {static_cast<std::uint32_t>(graph_.tensors.size())};
    TensorPlacement place;
    place.dram_address = next_address_;
    place.dram_span = round_up(t.bytes(), 64);
    next_address_ += place.dram_span;
    graph_.places.push_back(
        dense_view({static_cast<std::uint32_t>(graph_.tensors.size())}, {rows, cols}, {0, 1}));
    graph_.tensors.push_back(t);
    header_.tensors.push_back(place);
  }

  /// Activation i is tensor 2i, the weights of layer i tensor 2i + 1.
  void make_tensors() {
    graph_.name = "gemms";
    add_tensor("x0", shape_.m, shape_.widths[0], TensorKind::kInput);
    for (std::size_t i = 1; i < shape_.widths.size(); ++i) {
      const std::string n = std::to_string(i);
      add_tensor("w" + n, shape_.widths[i - 1], shape_.widths[i], TensorKind::kParameter);
      add_tensor("x" + n, shape_.m, shape_.widths[i], TensorKind::kActivation);
    }
    graph_.tensors.back().is_output = true;
  }

  TileOp& add(TileOpKind kind, UnitKind unit) {
    ops.back().emplace_back();
    TileOp& op = ops.back().back();
    op.kind = kind;
    op.unit = header_.unit_of(unit, 0);
    return op;
  }

  void host_move(bool in) {
    if (in) ops.emplace_back();
    const std::size_t tensor = in ? 0 : graph_.tensors.size() - 1;
    TileOp& op = add(in ? TileOpKind::kLoad : TileOpKind::kStore,
                     in ? UnitKind::kHostIn : UnitKind::kHostOut);
    op.transfer.space = Space::kHost;
    op.transfer.role = in ? Transfer::Role::kInput : Transfer::Role::kOutput;
    op.transfer.tensor = {static_cast<std::uint32_t>(tensor)};
    op.transfer.address = op.transfer.remote.address = header_.tensors[tensor].dram_address;
    op.transfer.remote.row_bytes = graph_.tensors[tensor].bytes();
    if (in) {
      edge_ = channel("host.arrived", StallCause::kHost);
      op.gives.push_back({edge_, 1, Phase::kDone});
    } else {
      const ChannelId stored = channel("host.leaves", StallCause::kDependency);
      ops.back()[last_store_].gives.push_back({stored, 1, Phase::kDone});
      ops.back().back().needs.push_back({stored, 1, Phase::kDone});
    }
  }

  void make_region(std::size_t layer) {
    Region region;
    region.kind = Region::Kind::kMatrix;
    region.name = "gemm" + std::to_string(layer);
    region.op = "matmul";
    region.members = {{static_cast<std::uint32_t>(layer)}};
    MatrixWork& w = region.matrix;
    w.p = w.in_h = shape_.m;
    w.c = shape_.widths[layer];
    w.o = shape_.widths[layer + 1];
    w.input.tensor = {static_cast<std::uint32_t>(2 * layer)};
    w.input.stride_h = w.c;
    w.input.stride_c = 1;
    w.weight.tensor = {static_cast<std::uint32_t>(2 * layer + 1)};
    w.weight.stride_c = w.o;
    w.weight.stride_o = 1;
    w.weight.packed = false;
    region.output.tensor = {static_cast<std::uint32_t>(2 * layer + 2)};
    region.output.stride_h = w.o;
    region.output.stride_c = 1;
    graph_.regions.push_back(region);
  }

  static SramAccess access(std::uint64_t address, std::uint64_t bytes, Transfer::Role role,
                           bool write, std::uint64_t pitch) {
    SramAccess a;
    a.buffer = BufferId{0};
    a.address = address;
    a.bytes = a.span = bytes;
    a.role = role;
    a.write = write;
    a.pitch = static_cast<std::uint32_t>(pitch);
    return a;
  }

  /// A piece [rows x cols] of a stored matrix to or from a slot.
  TileOp& move(bool load, TensorId tensor, std::int64_t width, Range rows, Range cols,
               std::uint64_t address, Transfer::Role role) {
    TileOp& op = add(load ? TileOpKind::kLoad : TileOpKind::kStore,
                     load ? UnitKind::kDmaIn : UnitKind::kDmaOut);
    op.transfer.tensor = tensor;
    op.transfer.role = role;
    op.transfer.buffer = BufferId{0};
    op.transfer.address = address;
    op.transfer.remote.address = header_.tensors[tensor.index].dram_address +
                                 static_cast<std::uint64_t>(rows.begin * width + cols.begin);
    op.transfer.remote.row_bytes = static_cast<std::uint64_t>(cols.count);
    op.transfer.remote.dims.back() = {static_cast<std::uint32_t>(rows.count), width};
    op.accesses.push_back(access(address, op.transfer.remote.bytes().value(), role, load, 0));
    return op;
  }

  struct Channels {
    ChannelId weight_ready, weight_free, input_ready, input_free, sums_ready, sums_free,
        output_ready, output_free;
  };

  /// Slots and their credits go round through all layers.
  void make_channels(const std::string& name) {
    c_.weight_ready = channel(name + ".weights.ready", StallCause::kWeights);
    c_.weight_free = channel(name + ".weights.free", StallCause::kOutputs, shape_.weight_slots);
    c_.input_ready = channel(name + ".inputs.ready", StallCause::kInputs);
    c_.input_free = channel(name + ".inputs.free", StallCause::kOutputs, shape_.input_slots);
    c_.sums_ready = channel(name + ".sums.ready", StallCause::kVector);
    c_.sums_free = channel(name + ".sums.free", StallCause::kOutputs, shape_.sum_slots);
    c_.output_ready = channel(name + ".outputs.ready", StallCause::kDependency);
    c_.output_free = channel(name + ".outputs.free", StallCause::kOutputs, shape_.output_slots);
  }

  void make_layer(std::size_t layer) {
    if (layer > 0 || ops.empty()) ops.emplace_back();
    make_region(layer);
    const std::string name = graph_.regions.back().name;
    if (layer == 0) make_channels(name);
    const MatrixWork& w = graph_.regions.back().matrix;
    for (std::int64_t o = 0; o < w.o; o += shape_.tile_n) {
      for (std::int64_t m = 0; m < w.p; m += shape_.tile_m) {
        make_output({m, std::min(shape_.tile_m, w.p - m)}, {o, std::min(shape_.tile_n, w.o - o)});
      }
    }
    if (layer + 2 < shape_.widths.size()) {
      edge_ = channel(name + ".stored", StallCause::kDependency);
      ops.back()[last_store_].gives.push_back({edge_, 1, Phase::kDone});
    }
  }

  std::uint64_t slot(std::uint64_t base, std::uint64_t i, std::uint32_t slots) const {
    return base + i % slots * 1024;
  }

  void make_output(Range rows, Range cols) {
    const Region& region = graph_.regions.back();
    const MatrixWork& w = region.matrix;
    for (std::int64_t k = 0; k < w.c; k += shape_.tile_k) {
      make_pass(rows, cols, {k, std::min(shape_.tile_k, w.c - k)});
    }
    const std::uint64_t out = slot(64 << 10, outputs_, shape_.output_slots);
    const auto bytes = static_cast<std::uint64_t>(rows.count * cols.count);
    TileOp& vector = add(TileOpKind::kVector, UnitKind::kVector);
    vector.vector.elements = vector.vector.lane_ops = bytes;
    vector.needs.push_back({c_.sums_ready, 1, Phase::kDone});
    vector.needs.push_back({c_.output_free, 1, Phase::kDone});
    vector.gives.push_back({c_.sums_free, 1, Phase::kIssued});
    vector.gives.push_back({c_.output_ready, 1, Phase::kDone});
    vector.accesses.push_back(
        access(out, bytes, Transfer::Role::kOutput, true, static_cast<std::uint64_t>(cols.count)));
    vector.accumulator = outputs_ % shape_.sum_slots * 32;
    vector.accumulator_rows = static_cast<std::uint64_t>(rows.count);
    vector.place = {{0, 1}, {0, 1}, rows, {0, 1}, cols, {}, {}, {}, {}, {0, rows.count}};
    TileOp& store =
        move(false, region.output.tensor, w.o, rows, cols, out, Transfer::Role::kOutput);
    store.needs.push_back({c_.output_ready, 1, Phase::kDone});
    store.gives.push_back({c_.output_free, 1, Phase::kDone});
    last_store_ = ops.back().size() - 1;
    ++outputs_;
  }

  void make_pass(Range rows, Range cols, Range k) {
    const MatrixWork& w = graph_.regions.back().matrix;
    const std::uint64_t weights = slot(0, passes_, shape_.weight_slots);
    const std::uint64_t inputs = slot(32 << 10, passes_, shape_.input_slots);
    TileOp& wl = move(true, w.weight.tensor, w.o, k, cols, weights, Transfer::Role::kWeight);
    wl.place = {{0, 1}, {}, {}, {}, cols, {0, k.count}, k, {}, {}, {}};
    wl.needs.push_back({c_.weight_free, 1, Phase::kDone});
    wl.gives.push_back({c_.weight_ready, 1, Phase::kDone});
    TileOp& il = move(true, w.input.tensor, w.c, rows, k, inputs, Transfer::Role::kInput);
    il.place = {{0, 1}, {0, 1}, rows, {0, 1}, {}, {}, k, {}, {}, {}};
    il.needs.push_back({c_.input_free, 1, Phase::kDone});
    if (edge_.valid()) il.needs.push_back({edge_, 1, Phase::kDone});
    edge_ = ChannelId{};
    il.gives.push_back({c_.input_ready, 1, Phase::kDone});
    TileOp& op = add(TileOpKind::kMatrix, UnitKind::kMatrix);
    op.matrix.m = static_cast<std::uint32_t>(rows.count);
    op.matrix.n = static_cast<std::uint32_t>(cols.count);
    op.matrix.k = static_cast<std::uint32_t>(k.count);
    op.matrix.accumulate = k.begin > 0;
    op.matrix.last_k = k.begin + k.count == w.c;
    op.needs.push_back({c_.weight_ready, 1, Phase::kDone});
    op.needs.push_back({c_.input_ready, 1, Phase::kDone});
    op.gives.push_back({c_.weight_free, 1, Phase::kStationaryLoaded});
    op.gives.push_back({c_.input_free, 1, Phase::kIssued});
    if (!op.matrix.accumulate) op.needs.push_back({c_.sums_free, 1, Phase::kDone});
    if (op.matrix.last_k) op.gives.push_back({c_.sums_ready, 1, Phase::kDone});
    const auto bytes = [](Range a, Range b) {
      return static_cast<std::uint64_t>(a.count * b.count);
    };
    op.accesses.push_back(access(inputs, bytes(rows, k), Transfer::Role::kInput, false, 0));
    op.accesses.push_back(access(weights, bytes(k, cols), Transfer::Role::kWeight, false,
                                 static_cast<std::uint64_t>(cols.count)));
    op.accumulator = outputs_ % shape_.sum_slots * 32;
    op.accumulator_rows = static_cast<std::uint64_t>(rows.count);
    op.place = {{0, 1}, {0, 1}, rows, {0, 1}, cols, {0, k.count}, k, {}, {}, {0, rows.count}};
    ++passes_;
  }

  GemmShape shape_;
  Machine machine_;
  RegionGraph graph_;
  Program header_;  ///< units and placements
  std::uint64_t next_address_ = 0;
  std::uint64_t passes_ = 0, outputs_ = 0;
  std::size_t last_store_ = 0;
  Channels c_;
  ChannelId edge_;  ///< token that the next input load waits for: its tensor is there
};

}  // namespace takt::test
