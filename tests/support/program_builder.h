// SPDX-License-Identifier: Apache-2.0
#pragma once
// Programs made by hand, op by op, so that engines can be tested without a mapper.

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/engine/tile_timing.h"
#include "sim/program/program.h"

namespace takt::test {

/// A small machine: one `unified` buffer, a 1 GHz clock, 16 B a cycle of DRAM, ideal memory.
inline Machine small_machine(std::uint32_t cores = 1, std::uint32_t dma_engines = 2) {
  Machine m;
  m.name = "small";
  m.clock = ClockDomain(1'000'000'000);
  m.cores = cores;
  m.matrix.rows = m.matrix.cols = 16;
  m.matrix.accumulator_rows = 64;
  for (MacRate& rate : m.matrix.rate) rate = {1, 1};
  m.vector.lanes = 16;
  m.vector.latency = Cycles(5);
  Buffer unified;
  unified.name = "unified";
  unified.size = Bytes(1 << 20);
  unified.banks = 4;
  unified.width = Bytes(16);
  m.buffers = {unified};
  m.unified = m.weights = BufferId{0};
  m.dma.engines = dma_engines;
  m.dma.burst = Bytes(64);
  m.memory.ideal = true;
  m.memory.bandwidth_bytes_per_s = 16'000'000'000;
  m.memory.capacity = Bytes(1 << 30);
  m.memory.interleave = Bytes(64);
  DramTiming& t = m.memory.timing;  // DDR4-2400 17-17-17, 8 Gbit x8 (JESD79-4B), one rank
  t.standard = "ddr4_2400";
  t.clock_hz = 1'200'000'000;
  t.burst_length = 8;
  t.bus_bits = 64;
  t.bank_groups = 4;
  t.banks_per_group = 4;
  t.row_bytes = Bytes(8192);
  t.rows = 65536;
  t.cl = t.rcd = t.rp = 17;
  t.cwl = 12;
  t.ras = 39;
  t.rrd_s = 4;
  t.rrd_l = 6;
  t.faw = 26;
  t.ccd_s = 4;
  t.ccd_l = 6;
  t.wr = 18;
  t.wtr_s = 3;
  t.wtr_l = 9;
  t.rtp = 9;
  t.rfc = 420;
  t.refi = 9360;
  m.host.enabled = true;
  m.host.generation = 3;
  m.host.lanes = 16;
  m.host.max_payload = Bytes(256);
  m.host.read_request = Bytes(512);
  m.host.raw_bytes_per_s = 15'753'846'153;
  m.host.payload_bytes_per_s = 14'000'000'000;
  m.host.latency = Femtoseconds(0);
  m.host.driver_cost = Femtoseconds(0);
  m.hash = "small";
  return m;
}

/// An op being made: ops.back().needs(ready).gives(free, Phase::kIssued).
class OpMaker {
 public:
  explicit OpMaker(TileOp& op) : op_(op) {}
  OpMaker& needs(ChannelId channel, std::uint32_t count = 1) {
    op_.needs.push_back({channel, count, Phase::kDone});
    return *this;
  }
  OpMaker& gives(ChannelId channel, Phase phase = Phase::kDone, std::uint32_t count = 1) {
    op_.gives.push_back({channel, count, phase});
    return *this;
  }
  /// The op moves `bytes` through the unified buffer.
  OpMaker& touches(std::uint64_t address, std::uint64_t bytes, bool write,
                   Transfer::Role role = Transfer::Role::kInput) {
    SramAccess access;
    access.buffer = BufferId{0};
    access.address = address;
    access.bytes = access.span = bytes;
    access.write = write;
    access.role = role;
    op_.accesses.push_back(access);
    return *this;
  }
  TileOp& op() { return op_; }

 private:
  TileOp& op_;
};

class ProgramBuilder {
 public:
  explicit ProgramBuilder(const Machine& machine) : machine_(machine) {
    program_.machine = &machine;
    program_.graph = &graph_;
    program_.units = make_units(machine);
    region("r0");
  }

  ChannelId channel(std::string name, StallCause cause, std::uint32_t initial = 0,
                    std::uint32_t final_count = 0) {
    Channel channel;
    channel.name = std::move(name);
    channel.cause = cause;
    channel.initial = initial;
    channel.final = final_count;
    program_.channels.push_back(channel);
    return ChannelId{static_cast<std::uint32_t>(program_.channels.size() - 1)};
  }
  /// From here on ops belong to a new region.
  void region(std::string name) {
    ops_.emplace_back(machine_.cores);
    names_.push_back(std::move(name));
  }

  OpMaker load(std::uint64_t bytes, std::uint32_t core = 0) {
    return transfer(TileOpKind::kLoad, UnitKind::kDmaIn, Space::kDram, bytes, core);
  }
  OpMaker store(std::uint64_t bytes, std::uint32_t core = 0) {
    return transfer(TileOpKind::kStore, UnitKind::kDmaOut, Space::kDram, bytes, core);
  }
  OpMaker host_in(std::uint64_t bytes) {
    return transfer(TileOpKind::kLoad, UnitKind::kHostIn, Space::kHost, bytes, 0);
  }
  OpMaker host_out(std::uint64_t bytes) {
    return transfer(TileOpKind::kStore, UnitKind::kHostOut, Space::kHost, bytes, 0);
  }
  OpMaker matrix(std::uint32_t m, std::uint32_t n, std::uint32_t k, bool load = true,
                 std::uint32_t core = 0, std::uint32_t which = 0) {
    TileOp& op = add(TileOpKind::kMatrix, program_.matrix_unit(core, which), core);
    op.matrix.m = m;
    op.matrix.n = n;
    op.matrix.k = k;
    op.matrix.load_stationary = load;
    return OpMaker(op);
  }
  OpMaker vector(std::uint64_t lane_ops, std::uint32_t core = 0) {
    TileOp& op = add(TileOpKind::kVector, program_.unit_of(UnitKind::kVector, core), core);
    op.vector.elements = op.vector.lane_ops = lane_ops;
    return OpMaker(op);
  }
  OpMaker sync(UnitKind kind, std::uint32_t core = 0) {
    return OpMaker(add(TileOpKind::kSync, program_.unit_of(kind, core), core));
  }

  /// Forgets the ops made so far; channels stay.
  void clear() {
    for (auto& cores : ops_) {
      for (auto& ops : cores) ops.clear();
    }
  }
  /// The program; the builder and the machine must outlive it.
  Program build() {
    for (std::size_t r = 0; r < ops_.size(); ++r) {
      ProgramRegion region;
      region.name = names_[r];
      for (auto& ops : ops_[r]) {
        std::vector<TileOp> list(ops.begin(), ops.end());
        region.nests.push_back(list.empty() ? nullptr
                                            : std::make_unique<FlatNest>(std::move(list)));
      }
      program_.regions.push_back(std::move(region));
    }
    ops_.clear();
    return std::move(program_);
  }
  const Machine& machine() const { return machine_; }

 private:
  TileOp& add(TileOpKind kind, UnitId unit, std::uint32_t core) {
    ops_.back()[core].emplace_back();
    TileOp& op = ops_.back()[core].back();
    op.kind = kind;
    op.unit = unit;
    return op;
  }
  OpMaker transfer(TileOpKind kind, UnitKind unit, Space space, std::uint64_t bytes,
                   std::uint32_t core) {
    TileOp& op = add(kind, program_.unit_of(unit, core), core);
    op.transfer.space = space;
    op.transfer.remote.address = address_;
    op.transfer.remote.row_bytes = bytes;
    address_ += (bytes + 63) / 64 * 64;
    if (space == Space::kDram) op.transfer.buffer = machine_.unified;
    return OpMaker(op);
  }

  const Machine& machine_;
  RegionGraph graph_;
  Program program_;
  std::vector<std::vector<std::deque<TileOp>>> ops_;  ///< by region and core
  std::vector<std::string> names_;
  std::uint64_t address_ = 0;
};

/// Costs that depend on the op's own numbers only, with every feature a MatrixCost can have.
class FakeTiming : public TileTiming {
 public:
  bool overlap_load = true;
  bool overlap_unload = true;
  bool unloads = false;  ///< as output stationary does
  MatrixCost matrix(const TileOp& op) const override {
    MatrixCost cost;
    const MatrixTile& t = op.matrix;
    cost.load = Cycles(t.load_stationary && !unloads ? t.k : 0);
    cost.issue = Cycles(t.m);
    cost.drain = Cycles(t.n + t.k);
    cost.unload = Cycles(unloads ? t.n : 0);
    cost.useful = Cycles(static_cast<std::uint64_t>(t.m) * t.n * t.k / (64 * 64));
    cost.overlap_load = overlap_load;
    cost.overlap_unload = overlap_unload;
    return cost;
  }
  Cycles vector_busy(const TileOp& op) const override {
    return Cycles(ceil_div(op.vector.lane_ops, 16));
  }
  Cycles vector_latency() const override { return Cycles(5); }
};

}  // namespace takt::test
