// SPDX-License-Identifier: Apache-2.0
#pragma once
// A record small enough to know every number of: two layers on one 4x4 array at 1 GHz.

#include "sim/stats/record.h"

namespace takt {

/// Layer "a": 160 MACs int8 in 20 of 40 cycles; layer "b": a vector layer of 10 cycles. DRAM 8 B a
/// cycle, host 2 B a cycle.
inline RunRecord sample_record() {
  RunRecord r;
  r.identity = {"0.1.0", "abc", "small", "h1",       {{"core.matrix.rows", "4"}},
                "net",   "h2",  2,       "analytic", 7};
  r.machine.clock_hz = 1'000'000'000;
  r.machine.matrix_units = 1;
  r.machine.peak[static_cast<std::size_t>(DType::kInt8)] = {16, 1};
  r.machine.peak[static_cast<std::size_t>(DType::kFp16)] = {16, 2};
  r.machine.vector_lanes = 4;
  r.machine.dram_bytes_per_s = r.machine.memory_bytes_per_s = 8'000'000'000;
  r.machine.host_bytes_per_s = 2'000'000'000;

  LayerRecord a;
  a.name = "a";
  a.op = "matmul";
  a.fused = {"relu"};
  a.shape = {{"m", 8}, {"n", 5}, {"k", 4}};
  a.mapping = {
      {"tile.p", std::int64_t{8}}, {"tile.o", std::int64_t{5}}, {"outer", std::string("pixels")}};
  a.cycles = a.end = Cycles(40);
  a.matrix_busy = Cycles(20);
  a.macs = a.counts.macs_executed = 160;
  a.counts.dram_read_bytes = 60;
  a.counts.dram_write_bytes = 20;
  a.counts.host_read_bytes = 10;
  a.counts.host_write_bytes = 4;
  a.ledger.book(Account::kComputeUseful, Cycles(10));
  a.ledger.book(Account::kComputePadding, Cycles(10));
  a.ledger.book(Account::kStallInputs, Cycles(20));
  a.energy.matrix = Picojoules(32.0);
  a.energy.dram = Picojoules(800.0);

  LayerRecord b;
  b.index = 1;
  b.name = "b";
  b.op = "softmax";
  b.start = Cycles(35);
  b.end = Cycles(50);
  b.cycles = Cycles(10);
  b.counts.vector_lane_ops = 40;
  b.ledger.book(Account::kVectorOnly, Cycles(10));
  b.energy.vector = Picojoules(4.0);

  r.layers = {a, b};
  r.cycles = Cycles(50);
  r.macs = 160;
  for (const LayerRecord& layer : r.layers) {
    r.counts += layer.counts;
    r.ledger += layer.ledger;
    r.energy += layer.energy;
  }
  r.units.push_back({"core0.matrix", {{"compute_useful", 10}, {"idle", 40}}, 10, {}});
  r.units.push_back({"dram.ch0", {}, std::nullopt, {{"row_hits", 3}}});
  return r;
}

}  // namespace takt
