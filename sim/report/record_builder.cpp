// SPDX-License-Identifier: Apache-2.0
#include "sim/report/record_builder.h"

#include <algorithm>

#include "sim/base/math.h"

namespace takt {
namespace {

UnitRecord unit_record(const UnitResult& unit) {
  UnitRecord record;
  record.name = unit.name;
  if (unit.is_matrix) {
    record.busy_cycles =
        unit.matrix[Account::kComputeUseful] + unit.matrix[Account::kComputePadding];
    for (std::size_t i = 0; i < kAccounts; ++i) {
      record.ledger.emplace_back(kAccountNames[i], unit.matrix.cycles[i]);
    }
  } else if (unit.ledger.total() > 0) {
    record.busy_cycles = unit.ledger[UnitAccount::kBusy];
    for (std::size_t i = 0; i < kUnitAccounts; ++i) {
      record.ledger.emplace_back(kUnitAccountNames[i], unit.ledger.cycles[i]);
    }
  }
  for (const UnitCounter& counter : unit.counters) {
    record.counters.emplace_back(counter.name, counter.value);
  }
  return record;
}

std::uint64_t dram_bytes(const ActionCounts& c) { return c.dram_read_bytes + c.dram_write_bytes; }

/// What the DRAM behind caches moved, dealt out to the layers in whole bytes by what they asked of
/// the caches: whose a line was that came or went, nobody counts. Every byte is one layer's.
class DramShares {
 public:
  DramShares(const RecordInputs& in, std::size_t layers) {
    if (!in.program.machine->memory.cache.present()) return;
    for (std::size_t i = 0; i < layers; ++i) asked_ += dram_bytes(in.result.regions[i].counts);
    for (const UnitResult& unit : in.result.units) {
      if (unit.name.rfind("dram.", 0) != 0) continue;
      for (const UnitCounter& counter : unit.counters) {
        if (counter.name != "bytes_transferred") continue;
        moved_ += counter.value;
        known_ = true;
      }
    }
    // Of a run that ended early, what layers that are not in the record asked for is not known.
    const bool finished = in.result.status == EngineResult::Status::kFinished;
    if (!finished) moved_ = std::min(moved_, asked_);
  }

  /// The counts that the next layer's energy is made of: with DRAM's own bytes, where they are
  /// known.
  ActionCounts next(const ActionCounts& counts) {
    if (!known_ || asked_ == 0) return counts;
    ActionCounts out = counts;
    before_ += dram_bytes(counts);
    const auto until = static_cast<std::uint64_t>(static_cast<uint128>(moved_) * before_ / asked_);
    out.dram_read_bytes = until - dealt_;
    out.dram_write_bytes = 0;
    dealt_ = until;
    return out;
  }

 private:
  std::uint64_t asked_ = 0, moved_ = 0;
  bool known_ = false;                    ///< DRAM channels were played
  std::uint64_t before_ = 0, dealt_ = 0;  ///< of asked_ and moved_, by layers so far
};

LayerRecord layer_record(const RecordInputs& in, std::size_t index, Cycles last_end,
                         DramShares& dram) {
  const ProgramRegion& planned = in.program.regions[index];
  const Region& region = in.graph.regions.at(planned.source);
  const RegionResult& played = in.result.regions[index];
  LayerRecord layer;
  layer.index = static_cast<std::uint32_t>(index);
  layer.name = planned.name;
  layer.op = region.op;
  layer.fused = region.fused;
  layer.shape = region.shape;
  layer.dtype = region.dtype;
  layer.mapping = in.mapping(index);
  layer.cycles = played.end > last_end ? played.end - last_end : Cycles(0);
  layer.start = played.start;
  layer.end = played.end;
  layer.matrix_busy = played.matrix_span_end - played.matrix_span_start;
  layer.macs = planned.macs;
  layer.counts = played.counts;
  layer.ledger = played.ledger;
  layer.energy = in.energy(dram.next(played.counts), region.dtype, layer.cycles);
  return layer;
}

/// Layers run in order, so what is finished is a front part.
std::size_t finished_front(const EngineResult& result) {
  std::size_t n = 0;
  while (n < result.regions.size() && result.regions[n].finished) ++n;
  return n;
}

std::string reason_of(EngineResult::Status status) {
  switch (status) {
    case EngineResult::Status::kCycleLimit: return "cycle_limit";
    case EngineResult::Status::kDeadlock: return "deadlock";
    case EngineResult::Status::kInterrupted: return "interrupted";
    case EngineResult::Status::kFinished: break;
  }
  return "";
}

void check_sums(const RunRecord& record, const RecordInputs& in) {
  const std::uint64_t units = record.machine.matrix_units;
  CHECK(record.ledger.total() == record.cycles.value() * units)
      << "the layers' ledgers hold " << record.ledger.total() << " cycles, the run "
      << record.cycles << " on each of " << units << " matrix units";
  for (const LayerRecord& layer : record.layers) {
    CHECK(layer.ledger.total() == layer.cycles.value() * units)
        << "layer '" << layer.name << "': its ledger holds " << layer.ledger.total()
        << " cycles, its window " << layer.cycles;
  }
  for (const UnitResult& unit : in.result.units) {
    if (!unit.is_matrix) continue;
    CHECK(unit.matrix.total() == in.result.end.value())
        << unit.name << ": its ledger holds " << unit.matrix.total() << " cycles of "
        << in.result.end;
  }
  if (record.partial) return;
  CHECK(in.result.end == record.cycles)
      << "the run ends at " << in.result.end << ", its last layer at " << record.cycles;
  MatrixLedger sum;
  for (const UnitResult& unit : in.result.units) {
    if (unit.is_matrix) sum += unit.matrix;
  }
  CHECK(sum.cycles == record.ledger.cycles) << "layers and units disagree about the ledger";
}

}  // namespace

MachineFacts machine_facts(const Machine& machine) {
  MachineFacts facts;
  facts.clock_hz = machine.clock.hz();
  facts.cores = machine.cores;
  facts.matrix_units = machine.cores * machine.matrix.count;
  const std::uint64_t pes = static_cast<std::uint64_t>(machine.matrix.rows) * machine.matrix.cols *
                            machine.matrix.count * machine.cores;
  for (std::size_t i = 0; i < facts.peak.size(); ++i) {
    const MacRate rate = machine.matrix.rate[i];
    facts.peak[i] = {pes * rate.numerator, rate.denominator};
  }
  facts.vector_lanes = static_cast<std::uint64_t>(machine.vector.lanes) * machine.cores;
  facts.dram_bytes_per_s = machine.memory.bandwidth_bytes_per_s;
  facts.memory_bytes_per_s = fastest_bytes_per_s(machine.memory);
  facts.cached = machine.memory.cache.present();
  if (machine.memory.ideal) facts.ideal_dram_pipes = machine.cores;
  if (machine.host.enabled) facts.host_bytes_per_s = machine.host.payload_bytes_per_s;
  facts.area = machine.area;
  return facts;
}

RunRecord build_record(const RecordInputs& in) {
  CHECK(in.result.regions.size() == in.program.regions.size()) << "one result a region";
  RunRecord record;
  record.identity = in.identity;
  record.machine = machine_facts(*in.program.machine);
  const bool finished = in.result.status == EngineResult::Status::kFinished;
  const std::size_t layers = finished_front(in.result);
  CHECK(!finished || layers == in.result.regions.size()) << "a finished run with unfinished layers";
  if (!finished) {
    record.partial =
        PartialRun{reason_of(in.result.status), layers, in.result.regions.size(), in.result.end};
  }
  DramShares dram(in, layers);
  for (std::size_t i = 0; i < layers; ++i) {
    record.layers.push_back(layer_record(in, i, record.cycles, dram));
    const LayerRecord& layer = record.layers.back();
    record.cycles = std::max(record.cycles, layer.end);
    record.macs += layer.macs;
    record.ledger += layer.ledger;
    record.counts += layer.counts;
    record.energy += layer.energy;
  }
  for (const UnitResult& unit : in.result.units) record.units.push_back(unit_record(unit));
  check_sums(record, in);
  return record;
}

}  // namespace takt
