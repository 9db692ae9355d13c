// SPDX-License-Identifier: Apache-2.0
#include "sim/program/verify.h"

#include <algorithm>
#include <optional>

#include "sim/program/verify_memory.h"
#include "sim/program/verify_order.h"
#include "sim/program/verify_tensors.h"

namespace takt {
namespace {

constexpr std::size_t kFindingsKept = 50;

std::string range_text(ByteRange range) {
  return "[" + std::to_string(range.begin) + ", " + std::to_string(range.end) + ")";
}

}  // namespace

struct Verifier::State {
  State(const Program& p, StopFlag stop_flag)
      : program(p), stop(stop_flag), order(p), tensors(p, found), macs(p.regions.size(), 0) {
    const std::size_t cores = p.machine == nullptr ? 1 : p.machine->cores;
    const std::size_t kinds = p.machine == nullptr ? 0 : p.machine->buffers.size();
    buffers.resize(cores * kinds);
    accumulators.resize(cores);
    in_lanes.resize(p.units.size());
    flush();
  }

  void find(std::string text) {
    if (result.findings.size() < kFindingsKept) {
      result.findings.push_back(std::move(text));
    } else {
      ++result.more;
    }
  }
  void flush() {
    for (std::string& text : found) find(std::move(text));
    found.clear();
  }
  void report(const TileOp& op, const AccessFault& fault, const std::string& memory);
  Phase read_phase(const TileOp& op, const SramAccess& access, bool stationary) const;
  bool is_stationary(const TileOp& op, const SramAccess& access) const;
  void access(const TileOp& op, const SramAccess& access);
  void transfer(const TileOp& op);
  void sums(const TileOp& op);
  void lane_sums(const TileOp& op);

  const Program& program;
  StopFlag stop;
  std::vector<std::string> found;
  Verification result;
  TokenOrder order;
  TensorChecks tensors;
  std::vector<MemoryMap> buffers;       ///< core x Machine::buffers
  std::vector<MemoryMap> accumulators;  ///< by core, in rows
  std::vector<std::uint64_t> macs;      ///< by region
  /// Sums that wait in the lanes of a core's vector unit, with the op that left them.
  struct LaneSums {
    std::uint32_t region = 0;
    Place5 place;
  };
  std::vector<std::optional<LaneSums>> in_lanes;  ///< by unit
};

void Verifier::State::report(const TileOp& op, const AccessFault& fault,
                             const std::string& memory) {
  const std::string where = range_text(fault.where) + " of " + memory;
  const std::string other = moment_text(program, fault.other);
  const std::string self = op_text(program, op);
  switch (fault.kind) {
    case AccessFault::Kind::kNone: return;
    case AccessFault::Kind::kNeverWritten:
      return find(self + " reads " + where + ", which nobody has written");
    case AccessFault::Kind::kReadTooEarly:
      return find(self + " reads " + where + ", but no token says that " + other +
                  " has written it");
    case AccessFault::Kind::kOverwritesWriter:
      return find(self + " writes " + where + ", but no token says that " + other +
                  " has finished writing there");
    case AccessFault::Kind::kOverwritesReader:
      return find(self + " overwrites " + where + ", but no token says that " + other +
                  " has read it");
    case AccessFault::Kind::kNotComplete:
      return find(self + " reads " + where + ", where " + other + " left a partial sum");
    case AccessFault::Kind::kLost:
      return find(self + " overwrites " + where + ", results of " + other +
                  " that nobody has read");
  }
}

bool Verifier::State::is_stationary(const TileOp& op, const SramAccess& access) const {
  if (op.kind != TileOpKind::kMatrix || !op.matrix.load_stationary) return false;
  switch (program.machine->matrix.dataflow) {
    case Dataflow::kWeightStationary:
    case Dataflow::kRowStationary: return access.role == Transfer::Role::kWeight;
    case Dataflow::kInputStationary: return access.role == Transfer::Role::kInput;
    case Dataflow::kOutputStationary: return false;
  }
  return false;
}

Phase Verifier::State::read_phase(const TileOp& op, const SramAccess& access,
                                  bool stationary) const {
  if (stationary) return Phase::kStationaryLoaded;
  // A row-stationary array takes inputs row by row, and gives their room back from the first on.
  const bool rows = op.kind == TileOpKind::kMatrix && op.matrix.rows.kernel_rows > 0;
  if (rows && access.role == Transfer::Role::kInput) return Phase::kStationaryLoaded;
  return op.kind == TileOpKind::kMatrix || op.kind == TileOpKind::kVector ? Phase::kIssued
                                                                          : Phase::kDone;
}

void Verifier::State::access(const TileOp& op, const SramAccess& access) {
  const Machine& machine = *program.machine;
  const Buffer& buffer = machine.buffers[access.buffer.index];
  const std::uint32_t core = program.units[op.unit.index].core;
  const ByteRange range{access.address, access.address + access.span};
  const std::string memory = "core" + std::to_string(core) + "." + buffer.name;
  if (range.end < range.begin || range.end > buffer.size.value()) {
    return find(op_text(program, op) + (access.write ? " writes " : " reads ") + range_text(range) +
                " of " + memory + ", which has " + std::to_string(buffer.size.value()) + " bytes");
  }
  if (access.span == 0) return;
  MemoryMap& map = buffers[core * machine.buffers.size() + access.buffer.index];
  if (access.write) {
    const AccessFault fault = map.write(order, range, order.moment(op, Phase::kDone));
    if (fault.kind != AccessFault::Kind::kNone) report(op, fault, memory);
    return;
  }
  const bool stationary = is_stationary(op, access);
  const Phase phase = read_phase(op, access, stationary);
  const AccessFault fault = map.read(order, range, order.moment(op, phase), stationary);
  if (fault.kind != AccessFault::Kind::kNone) report(op, fault, memory);
}

void Verifier::State::transfer(const TileOp& op) {
  tensors.transfer(order, op, found);
  const Transfer& t = op.transfer;
  if (!t.buffer.valid()) return;
  // The on-chip end must be among the accesses: they are what engines and energy count.
  const std::uint64_t bytes = t.remote.bytes().value();
  const bool writes = op.kind == TileOpKind::kLoad;
  for (const SramAccess& a : op.accesses) {
    if (a.buffer == t.buffer && a.write == writes && a.address <= t.address &&
        t.address + bytes <= a.address + a.span) {
      return;
    }
  }
  find(op_text(program, op) + " moves " + range_text({t.address, t.address + bytes}) + " of " +
       program.machine->buffers[t.buffer.index].name + " but has no such access");
}

void Verifier::State::sums(const TileOp& op) {
  if (op.accumulator_rows == 0) return;
  const MatrixUnit& matrix = program.machine->matrix;
  const Unit& unit = program.units[op.unit.index];
  ByteRange own{0, matrix.accumulator_rows * matrix.count};
  if (op.kind == TileOpKind::kMatrix) {
    const std::uint64_t which = op.unit.index - program.unit_of(UnitKind::kMatrix, unit.core).index;
    own = {which * matrix.accumulator_rows, (which + 1) * matrix.accumulator_rows};
  }
  const ByteRange rows{op.accumulator, op.accumulator + op.accumulator_rows};
  const std::string memory = "the accumulator rows of core" + std::to_string(unit.core);
  if (rows.begin < own.begin || rows.end > own.end) {
    return find(op_text(program, op) + " uses " + range_text(rows) + " of " + memory +
                ", but has " + range_text(own));
  }
  MemoryMap& map = accumulators[unit.core];
  AccessFault fault;
  if (op.kind == TileOpKind::kVector) {
    fault = map.read(order, rows, order.moment(op, Phase::kIssued), false, true);
  } else {
    if (op.matrix.accumulate) {
      fault = map.read(order, rows, order.moment(op, Phase::kDone), false);
    }
    if (fault.kind == AccessFault::Kind::kNone) {
      fault = map.write(order, rows, order.moment(op, Phase::kDone), op.matrix.last_k, true);
    }
  }
  if (fault.kind != AccessFault::Kind::kNone) report(op, fault, memory);
}

/// Products that write no result leave their sums in the lanes, one in each, for the unit's next
/// op.
void Verifier::State::lane_sums(const TileOp& op) {
  std::optional<LaneSums>& held = in_lanes[op.unit.index];
  const Place5& at = op.place;
  if (held) {
    const Place5& of = held->place;
    const auto same = [](const Range& a, const Range& b) {
      return a.begin == b.begin && a.count == b.count;
    };
    const bool goes_on = op.vector.macs > 0 && held->region == op.region && same(of.g, at.g) &&
                         same(of.n, at.n) && same(of.p, at.p) && same(of.q, at.q) &&
                         same(of.o, at.o) && same(of.flat, at.flat);
    if (!goes_on) {
      find(op_text(program, op) + " loses partial sums of layer '" +
           program.regions[held->region].name + "' in the lanes");
    }
  }
  held.reset();
  if (op.vector.macs == 0) return;
  for (const SramAccess& access : op.accesses) {
    if (access.write) return;
  }
  const std::int64_t sums = at.g.count * at.flat.count * at.o.count;
  if (sums > static_cast<std::int64_t>(program.machine->vector.lanes)) {
    find(op_text(program, op) + " leaves " + std::to_string(sums) + " partial sums in " +
         std::to_string(program.machine->vector.lanes) + " lanes");
  }
  held = LaneSums{op.region, at};
}

Verifier::Verifier(const Program& program, StopFlag stop)
    : state_(std::make_unique<State>(program, stop)) {}
Verifier::~Verifier() = default;

const Token* Verifier::missing(const TileOp& op) const { return state_->order.missing(op); }

void Verifier::take(const TileOp& op) {
  State& s = *state_;
  check_stop(s.stop);
  ++s.result.ops;
  if (const Token* token = s.order.missing(op)) {
    s.find(op_text(s.program, op) + " takes " + std::to_string(token->count) + " of '" +
           s.program.channels[token->channel.index].name + "', which has only " +
           std::to_string(s.order.credits(token->channel)));
  }
  s.order.start(op);
  switch (op.kind) {
    case TileOpKind::kLoad:
    case TileOpKind::kStore: s.transfer(op); break;
    case TileOpKind::kMatrix:
      s.macs[op.region] += op.matrix.macs();
      s.sums(op);
      break;
    case TileOpKind::kVector:
      s.macs[op.region] += op.vector.macs;
      s.sums(op);
      s.lane_sums(op);
      s.tensors.vector_writes(s.order, op, s.found);
      break;
    case TileOpKind::kSync: break;
  }
  // Reads first: an op may overwrite in place what it has read.
  for (const SramAccess& access : op.accesses) {
    if (!access.write) s.access(op, access);
  }
  for (const SramAccess& access : op.accesses) {
    if (access.write) s.access(op, access);
  }
  s.order.end(op);
  s.flush();
}

void Verifier::blocked(const TileOp& op) {
  State& s = *state_;
  const Token* token = s.order.missing(op);
  if (token == nullptr) return;
  s.find("circle of waits: " + op_text(s.program, op) + " waits for " +
         std::to_string(token->count) + " of '" + s.program.channels[token->channel.index].name +
         "', " + std::to_string(s.order.credits(token->channel)) + " there");
}

Verification Verifier::finish() {
  State& s = *state_;
  for (std::uint32_t i = 0; i < s.program.channels.size(); ++i) {
    const Channel& channel = s.program.channels[i];
    const std::uint64_t left = s.order.credits({i});
    if (left == channel.final) continue;
    s.find("channel '" + channel.name + "' ends with " + std::to_string(left) +
           " credits instead of " + std::to_string(channel.final));
  }
  for (std::size_t unit = 0; unit < s.in_lanes.size(); ++unit) {
    if (!s.in_lanes[unit]) continue;
    s.find("partial sums of layer '" + s.program.regions[s.in_lanes[unit]->region].name +
           "' are left in the lanes of " + s.program.units[unit].name);
  }
  for (std::size_t i = 0; i < s.program.regions.size(); ++i) {
    if (s.macs[i] == s.program.regions[i].macs) continue;
    s.find("layer '" + s.program.regions[i].name + "' does " + std::to_string(s.macs[i]) +
           " MACs instead of " + std::to_string(s.program.regions[i].macs));
  }
  if (s.program.graph != nullptr) s.tensors.finish(s.found);
  s.flush();
  return std::move(s.result);
}

Verification verify(const Program& program, StopFlag stop) {
  Verifier verifier(program, stop);
  play_by_tokens(program, verifier);
  return verifier.finish();
}

}  // namespace takt
