// SPDX-License-Identifier: Apache-2.0
#include "sim/functional/player.h"

#include <cstring>

#include "sim/base/check.h"
#include "sim/functional/pass_operands.h"

namespace takt {
namespace {

constexpr std::size_t kFindingsKept = 20;

bool same(const Range& a, const Range& b) { return a.begin == b.begin && a.count == b.count; }

/// Puts elements of `Size` bytes, in order, to the places of a walk; a run of its innermost loop at
/// a time.
template <std::size_t Size>
void scatter_elements(const OperandWalk& walk, const TensorValues& from,
                      std::vector<std::byte>& to) {
  const std::int64_t count = from.elements();
  const bool runs = !walk.steps.empty();
  const std::int64_t run = runs ? walk.steps[0].extent : 1;
  const std::int64_t stride = runs ? walk.steps[0].stride : 0;
  const std::byte* read = from.bytes();
  for (std::int64_t i = 0; i < count; i += run) {
    std::int64_t place = walk.at(i);
    for (std::int64_t e = 0; e < run; ++e, place += stride, read += Size) {
      std::memcpy(to.data() + static_cast<std::uint64_t>(place) * Size, read, Size);
    }
  }
}

}  // namespace

std::vector<std::byte> stored_bytes(const RegionGraph& regions, TensorId id,
                                    const NetworkValues& values) {
  const StoredTensor& stored = regions.tensors[id.index];
  std::vector<std::byte> bytes(stored.bytes());
  const TensorId tensor = stored.graph_tensor;
  if (!tensor.valid() || values.tensors[tensor.index].empty()) return bytes;
  const View& view = regions.places[tensor.index];
  const TensorValues& from = values.tensors[tensor.index];
  // Of what was copied elsewhere, the place is the copy's; inputs and parameters arrive row-major.
  const bool copied = view.stored != id;
  if (copied && (stored.kind == TensorKind::kActivation || stored.elements != from.elements())) {
    return bytes;
  }
  const OperandWalk walk = copied ? make_walk({from.elements()}, {1}) : walk_of(view);
  const unsigned size = bytes_of(stored.dtype);
  if (from.dtype() == stored.dtype) {  // the same bytes in another order
    switch (size) {
      case 1: scatter_elements<1>(walk, from, bytes); break;
      case 2: scatter_elements<2>(walk, from, bytes); break;
      case 4: scatter_elements<4>(walk, from, bytes); break;
      default: scatter_elements<8>(walk, from, bytes); break;
    }
    return bytes;
  }
  for (std::int64_t i = 0; i < from.elements(); ++i) {
    store_element(stored.dtype, bytes.data() + static_cast<std::uint64_t>(walk.at(i)) * size,
                  from.at(i));
  }
  return bytes;
}

FunctionalPlayer::FunctionalPlayer(const Program& program, Semantics& semantics,
                                   const NetworkValues& given)
    : program_(program),
      semantics_(semantics),
      given_(given),
      stationary_(program.units.size()),
      lane_sums_(program.units.size()),
      values_(*program.graph, semantics, given) {
  const Machine& machine = *program.machine;
  for (const Channel& channel : program.channels) credits_.push_back(channel.initial);
  const RegionGraph& regions = *program.graph;
  dram_.resize(regions.tensors.size());
  host_.resize(regions.tensors.size());
  resident_.resize(regions.tensors.size());
  std::vector<bool> made(regions.tensors.size(), false);
  for (const ProgramRegion& region : program.regions) {
    const TensorId output = regions.regions[region.source].output.tensor;
    if (output.valid()) made[output.index] = true;
  }
  for (std::uint32_t i = 0; i < regions.tensors.size(); ++i) {
    const StoredTensor& stored = regions.tensors[i];
    const bool waits_at_host = stored.kind == TensorKind::kInput && machine.host.enabled;
    // Of a part of a network, what no layer of it makes lies there from the start.
    if (!made[i]) {
      (waits_at_host ? host_ : dram_)[i] = stored_bytes(regions, {i}, given);
    }
    if (dram_[i].empty()) dram_[i].resize(stored.bytes());
    if (stored.is_output) host_[i].resize(stored.bytes());
  }
  if (machine.shared.present()) shared_.resize(machine.shared.memory.size.value());
  for (std::uint32_t core = 0; core < machine.cores; ++core) {
    chips_.emplace_back(machine);
    sums_.emplace_back(machine.matrix.count * machine.matrix.accumulator_rows *
                       machine.matrix.cols);
  }
}

const Region& FunctionalPlayer::region(const TileOp& op) const {
  return program_.graph->regions[program_.regions[op.region].source];
}

void FunctionalPlayer::find(const TileOp& op, const std::string& what) {
  if (findings_.size() >= kFindingsKept) return;
  findings_.push_back(program_.units[op.unit.index].name + ": op " + std::to_string(op.sequence) +
                      " (" + to_string(op.kind) + ", layer '" + program_.regions[op.region].name +
                      "') " + what);
}

void FunctionalPlayer::run(StopFlag stop) {
  stop_ = stop;
  play_by_tokens(program_, *this);
}

bool FunctionalPlayer::ready(const TileOp& op) const {
  for (const Token& token : op.needs) {
    if (credits_[token.channel.index] < token.count) return false;
  }
  return true;
}

void FunctionalPlayer::take(const TileOp& op) {
  check_stop(stop_);
  for (const Token& token : op.needs) credits_[token.channel.index] -= token.count;
  for (const Token& token : op.gives) credits_[token.channel.index] += token.count;
  perform(op);
}

void FunctionalPlayer::perform(const TileOp& op) {
  switch (op.kind) {
    case TileOpKind::kLoad:
    case TileOpKind::kStore: return move(op);
    case TileOpKind::kMatrix: return matrix(op);
    case TileOpKind::kVector:
      return region(op).kind == Region::Kind::kMatrix ? epilogue(op) : rows(op);
    case TileOpKind::kSync: return;
  }
}

void FunctionalPlayer::blocked(const TileOp& op) { find(op, "waits for ever"); }

const std::vector<std::byte>& FunctionalPlayer::result(TensorId stored) const {
  const std::vector<std::byte>& made = resident_[stored.index];
  return made.empty() ? dram_[stored.index] : made;
}

FunctionalPlayer::Far FunctionalPlayer::far(Space space, TensorId tensor) {
  if (space == Space::kShared) return {shared_, 0, "memory"};
  std::vector<std::byte>& bytes = space == Space::kHost ? host_[tensor.index] : dram_[tensor.index];
  return {bytes, program_.tensors[tensor.index].dram_address};
}

std::vector<std::byte> FunctionalPlayer::gather(const TileOp& op, const Far& from) {
  const Transfer& t = op.transfer;
  std::vector<std::byte> out(t.remote.bytes().value());
  if (out.empty()) return out;  // a tile that lies in the padding altogether
  std::byte* to = out.data();
  for_each_row(t.remote, [&](std::uint64_t address) {
    const std::uint64_t at = address - from.base;
    if (at > from.bytes.size() || t.remote.row_bytes > from.bytes.size() - at) {
      find(op, "reads byte " + std::to_string(at) + " of a " + from.what + " of " +
                   std::to_string(from.bytes.size()));
    } else if (t.remote.row_bytes > 0) {
      std::memcpy(to, from.bytes.data() + at, t.remote.row_bytes);
    }
    to += t.remote.row_bytes;
  });
  return out;
}

void FunctionalPlayer::scatter(const TileOp& op, const std::byte* bytes, const Far& to) {
  const Transfer& t = op.transfer;
  for_each_row(t.remote, [&](std::uint64_t address) {
    const std::uint64_t at = address - to.base;
    if (at > to.bytes.size() || t.remote.row_bytes > to.bytes.size() - at) {
      find(op, "writes byte " + std::to_string(at) + " of a " + to.what + " of " +
                   std::to_string(to.bytes.size()));
    } else if (t.remote.row_bytes > 0) {
      std::memcpy(to.bytes.data() + at, bytes, t.remote.row_bytes);
    }
    bytes += t.remote.row_bytes;
  });
}

// The compiler lays parameters out tile by tile: what comes from an address is decided by the first
// load from it, and must be the same ever after.
std::vector<std::byte> FunctionalPlayer::packed_weights(const TileOp& op) {
  const MatrixWork& work = region(op).matrix;
  const WeightView& view = work.weight;
  const Place5& p = op.place;
  const auto [known, first] =
      packed_.try_emplace(op.transfer.remote.address, PackedTile{p.g, p.k, p.c, p.o, p.r, p.s});
  const PackedTile& tile = known->second;
  const Range r = kernel_part(p.r, work.r), s = kernel_part(p.s, work.s);
  if (!first && !(same(tile.g, p.g) && same(tile.k, p.k) && same(tile.c, p.c) &&
                  same(tile.o, p.o) && same(tile.r, p.r) && same(tile.s, p.s))) {
    find(op, "reads other weights from an address than an op before");
  }
  const unsigned size = bytes_of(program_.graph->tensors[view.tensor.index].dtype);
  const std::vector<std::byte>& from = dram_[view.tensor.index];
  std::vector<std::byte> out;
  out.reserve(op.transfer.remote.bytes().value());
  const std::int64_t groups = std::max<std::int64_t>(1, work.g / work.g_outer);
  for (std::int64_t g = p.g.begin; g < p.g.begin + p.g.count; ++g) {
    for (std::int64_t k = p.k.begin; k < p.k.begin + p.k.count; ++k) {
      const std::int64_t tap = k / p.c.count;
      const std::int64_t row =
          view.offset + g / groups * view.stride_g_outer + g % groups * view.stride_g +
          (r.begin + tap / s.count) * view.stride_r + (s.begin + tap % s.count) * view.stride_s +
          (p.c.begin + k % p.c.count) * view.stride_c;
      for (std::int64_t o = p.o.begin; o < p.o.begin + p.o.count; ++o) {
        const auto at = static_cast<std::uint64_t>(row + o * view.stride_o) * size;
        if (at + size > from.size()) {
          find(op, "loads weights outside their tensor");
          return out;
        }
        out.insert(out.end(), from.begin() + static_cast<std::ptrdiff_t>(at),
                   from.begin() + static_cast<std::ptrdiff_t>(at + size));
      }
    }
  }
  if (out.size() != op.transfer.remote.bytes().value()) {
    find(op, "moves " + std::to_string(op.transfer.remote.bytes().value()) +
                 " bytes for a tile of " + std::to_string(out.size()));
  }
  return out;
}

void FunctionalPlayer::move(const TileOp& op) {
  const Transfer& t = op.transfer;
  if (!t.buffer.valid()) return move_to_host(op);
  const bool load = op.kind == TileOpKind::kLoad;
  const Far other = far(t.space, t.tensor);
  ChipMemory& chip = chips_[program_.units[op.unit.index].core];
  const std::uint64_t count = t.remote.bytes().value();
  std::byte* near = chip.bytes(t.buffer, t.address, count);
  if (near == nullptr) return find(op, "leaves the buffer");
  if (!load) {
    scatter(op, near, other);
    // What was made is kept beside: the shared buffer's bytes go to other tensors.
    if (t.space == Space::kShared) {
      scatter(op, near, {dram_[t.tensor.index], program_.tensors[t.tensor.index].address()});
    }
    return;
  }
  const Region& r = region(op);
  if (const Op* table_of = gather_of(op)) return load_by_number(op, *table_of);
  const bool packed = t.role == Transfer::Role::kWeight && t.space == Space::kDram &&
                      r.kind == Region::Kind::kMatrix && r.matrix.weight.packed;
  const std::vector<std::byte> bytes = packed ? packed_weights(op) : gather(op, other);
  if (!bytes.empty()) std::memcpy(near, bytes.data(), std::min<std::size_t>(bytes.size(), count));
  chip.loaded(t.buffer, t.address, t.tensor, t.remote);
}

/// Between host and DRAM or shared buffer, where it is dense.
void FunctionalPlayer::move_to_host(const TileOp& op) {
  const Transfer& t = op.transfer;
  const Far host = far(Space::kHost, t.tensor), device = far(t.near, t.tensor);
  const std::uint64_t at = t.address - device.base, count = t.remote.bytes().value();
  if (at > device.bytes.size() || count > device.bytes.size() - at) {
    return find(op, "leaves its tensor on the device");
  }
  std::byte* const near = device.bytes.data() + at;
  if (op.kind == TileOpKind::kLoad) {
    const std::vector<std::byte> bytes = gather(op, host);
    std::copy(bytes.begin(), bytes.end(), near);
    if (t.near == Space::kShared) dram_[t.tensor.index] = bytes;
  } else {
    scatter(op, near, host);
  }
}

}  // namespace takt
