// SPDX-License-Identifier: Apache-2.0
#include "sim/program/verify_tensors.h"

#include <algorithm>

namespace takt {
namespace {

std::string bytes_text(std::uint64_t begin, std::uint64_t end) {
  return "bytes [" + std::to_string(begin) + ", " + std::to_string(end) + ")";
}

}  // namespace

TensorChecks::TensorChecks(const Program& program, Report& at_start) : program_(program) {
  for (const Unit& unit : program.units) has_host_ |= unit.kind == UnitKind::kHostOut;
  for (const ProgramRegion& region : program.regions) has_passes_ |= region.pass > 0;
  if (program.graph == nullptr) return;
  const RegionGraph& graph = *program.graph;
  std::vector<std::array<std::uint64_t, 3>> placed;  // begin, end, tensor
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
    const StoredTensor& tensor = graph.tensors[i];
    State state;
    state.dram = state.chip = state.host = Coverage(tensor.bytes());
    state.from_host = has_host_ && tensor.kind == TensorKind::kInput;
    tensors_.push_back(std::move(state));
    if (i < program.tensors.size() && program.tensors[i].in_dram && tensor.bytes() > 0) {
      const TensorPlacement& at = program.tensors[i];
      placed.push_back(
          {at.dram_address, at.dram_address + std::max(tensor.bytes(), at.dram_span), i});
    }
  }
  for (const ProgramRegion& region : program.regions) {
    if (region.source >= graph.regions.size()) continue;
    const TensorId output = graph.regions[region.source].output.tensor;
    if (output.valid()) tensors_[output.index].is_result = true;
  }
  find_same_places();
  std::sort(placed.begin(), placed.end());
  for (std::size_t i = 1; i < placed.size(); ++i) {
    if (placed[i][0] >= placed[i - 1][1]) continue;
    at_start.push_back(name({static_cast<std::uint32_t>(placed[i - 1][2])}) + " and " +
                       name({static_cast<std::uint32_t>(placed[i][2])}) + " overlap in DRAM, " +
                       bytes_text(placed[i][0], std::min(placed[i][1], placed[i - 1][1])));
  }
}

void TensorChecks::find_same_places() {
  std::vector<std::array<std::uint64_t, 3>> shared;  // begin, end, tensor
  for (std::size_t i = 0; i < tensors_.size() && i < program_.tensors.size(); ++i) {
    const TensorPlacement& at = program_.tensors[i];
    if (!at.shared) continue;
    shared.push_back({at.address(), at.address() + tensors_[i].dram.total(), i});
  }
  std::sort(shared.begin(), shared.end());
  for (std::size_t i = 0; i < shared.size(); ++i) {
    for (std::size_t j = i + 1; j < shared.size() && shared[j][0] < shared[i][1]; ++j) {
      const auto a = static_cast<std::uint32_t>(shared[i][2]);
      const auto b = static_cast<std::uint32_t>(shared[j][2]);
      tensors_[a].same_place.push_back(b);
      tensors_[b].same_place.push_back(a);
    }
  }
}

std::string TensorChecks::name(TensorId tensor) const {
  return "tensor '" + program_.graph->tensors[tensor.index].name + "'";
}

void TensorChecks::Recent::add(const TokenOrder& order, const Box& box, const Moment& moment) {
  all.push_back({box, moment});
  if (all.size() < prune_at) return;
  all.erase(std::remove_if(all.begin(), all.end(),
                           [&](const Touched& t) { return order.known_to_all(t.moment); }),
            all.end());
  prune_at = std::max<std::size_t>(64, all.size() * 2);
}

void TensorChecks::mark_box(const TileOp& op, Coverage& into, const Box& box, const char* where,
                            Report& found) const {
  // The host counts as DRAM does, wherever the tensor is kept on the device.
  const TensorPlacement& at = program_.tensors[op.transfer.tensor.index];
  const bool host = &into == &tensors_[op.transfer.tensor.index].host;
  const std::uint64_t base = host ? at.dram_address : at.address();
  Coverage::Mark worst = Coverage::Mark::kNew;
  std::uint64_t bad = 0;
  for_each_box_row(box, [&](std::uint64_t address) {
    const Coverage::Mark mark = into.mark(address - base, box.row_bytes);
    if (mark <= worst) return;
    worst = mark;
    bad = address - base;
  });
  if (worst == Coverage::Mark::kNew) return;
  found.push_back(op_text(program_, op) + " writes " + bytes_text(bad, bad + box.row_bytes) +
                  " of " + name(op.transfer.tensor) + " " + where +
                  (worst == Coverage::Mark::kRepeated
                       ? " a second time"
                       : ", which has only " + std::to_string(into.total())));
}

/// A later pass over the batch makes every tensor anew: what the pass before made must be whole.
TensorChecks::State& TensorChecks::state_of(const TileOp& op, TensorId id, Report& found) {
  State& state = tensors_[id.index];
  const std::uint32_t pass = program_.regions[op.region].pass;
  if (pass == state.pass || !(state.is_result || state.from_host)) return state;
  if (pass < state.pass) {
    found.push_back(op_text(program_, op) + " touches " + name(id) +
                    " of its pass over the batch after a later pass has made its own");
    return state;
  }
  check_whole(id.index, found);
  state.dram = state.chip = state.host = Coverage(state.dram.total());
  state.pass = pass;
  state.gone = false;
  return state;
}

void TensorChecks::read_dram(const TokenOrder& order, const TileOp& op, const Box& box,
                             Report& found) {
  const TensorId id = op.transfer.tensor;
  State& state = state_of(op, id, found);
  const TensorPlacement& at = program_.tensors[id.index];
  if (box.bytes().value() == 0) return;  // a tile that lies in the padding altogether
  const auto [begin, end] = hull_of(box);
  const std::uint64_t base = at.address();
  const std::uint64_t limit = base + std::max(at.shared ? 0 : at.dram_span, state.dram.total());
  const std::string memory = at.shared ? "the shared buffer" : "DRAM";
  if (begin < base || end > limit) {
    found.push_back(op_text(program_, op) + " reads " + memory + " " + bytes_text(begin, end) +
                    " of " + name(id) + ", which lies in " + bytes_text(base, limit));
    return;
  }
  if (state.gone) {
    found.push_back(op_text(program_, op) + " reads " + name(id) +
                    " from the shared buffer, where another tensor was written over it");
    return;
  }
  if (!state.is_result && !state.from_host) return;  // it lies there from the start
  if (has_passes_ || at.shared) state.reads.add(order, box, order.moment(op, Phase::kDone));
  if (!state.dram.complete()) {
    bool there = true;
    for_each_box_row(box, [&](std::uint64_t address) {
      there = there && state.dram.has(address - base, box.row_bytes);
    });
    if (!there) {
      found.push_back(op_text(program_, op) + " reads " + name(id) + " from " + memory + ", " +
                      bytes_text(begin - base, end - base) + ", before all of them are stored");
      return;
    }
  }
  for (const Touched& written : state.writes.all) {
    if (order.over(written.moment, false) || !boxes_overlap(box, written.box)) continue;
    found.push_back(op_text(program_, op) + " reads " + name(id) + " from " + memory +
                    ", but no token says that " + moment_text(program_, written.moment) +
                    " has stored it");
    return;
  }
}

void TensorChecks::write_dram(const TokenOrder& order, const TileOp& op, const Box& box,
                              Report& found) {
  State& state = state_of(op, op.transfer.tensor, found);
  const bool shared = program_.tensors[op.transfer.tensor.index].shared;
  mark_box(op, state.dram, box, shared ? "to the shared buffer" : "to DRAM", found);
  if (shared) take_place(order, op, box, found);
  for (const Touched& read : state.reads.all) {
    const bool before = program_.regions[read.moment.region].pass < state.pass;
    if (!before || order.over(read.moment, false) || !boxes_overlap(box, read.box)) continue;
    found.push_back(op_text(program_, op) + " overwrites " + name(op.transfer.tensor) +
                    " in DRAM, but no token says that " + moment_text(program_, read.moment) +
                    " has read it");
    break;
  }
  state.writes.add(order, box, order.moment(op, Phase::kDone));
}

/// Bytes of the shared buffer go from one tensor to the next: whoever stored or read there before
/// must be through, and what it left is gone.
void TensorChecks::take_place(const TokenOrder& order, const TileOp& op, const Box& box,
                              Report& found) {
  const std::uint64_t size = program_.machine->shared.memory.size.value();
  const auto [begin, end] = hull_of(box);
  if (end > size) {
    found.push_back(op_text(program_, op) + " writes " + bytes_text(begin, end) +
                    " of the shared buffer, which has " + std::to_string(size) + " bytes");
  }
  for (const std::uint32_t other : tensors_[op.transfer.tensor.index].same_place) {
    State& before = tensors_[other];
    if (before.dram.empty()) continue;  // not there yet, this time round
    const auto first = program_.tensors[other].address();
    if (end <= first || begin >= first + before.dram.total()) continue;
    before.gone = true;
    for (const Recent* recent : {&before.writes, &before.reads}) {
      for (const Touched& touched : recent->all) {
        if (order.over(touched.moment, false) || !boxes_overlap(box, touched.box)) continue;
        found.push_back(op_text(program_, op) + " writes over " + name({other}) +
                        " in the shared buffer, but no token says that " +
                        moment_text(program_, touched.moment) + " is through with it");
        return;
      }
    }
  }
}

void TensorChecks::transfer(const TokenOrder& order, const TileOp& op, Report& found) {
  const Transfer& t = op.transfer;
  if (!t.tensor.valid() || t.tensor.index >= tensors_.size()) return;
  const bool load = op.kind == TileOpKind::kLoad;
  State& state = state_of(op, t.tensor, found);
  const Space device = t.space != Space::kHost ? t.space : t.near;
  const bool by_device = t.space != Space::kHost || !t.buffer.valid();
  if (by_device && device != program_.tensors[t.tensor.index].space()) {
    found.push_back(op_text(program_, op) + " looks for " + name(t.tensor) +
                    (device == Space::kShared ? " in the shared buffer, where it does not lie"
                                              : " in DRAM, but it lies in the shared buffer"));
    return;
  }
  if (t.space != Space::kHost) {
    load ? read_dram(order, op, t.remote, found) : write_dram(order, op, t.remote, found);
    return;
  }
  if (!load) mark_box(op, state.host, t.remote, "to the host", found);
  if (t.buffer.valid()) return;
  Box dense;
  dense.address = t.address;
  dense.row_bytes = t.remote.bytes().value();
  load ? write_dram(order, op, dense, found) : read_dram(order, op, dense, found);
}

void TensorChecks::vector_writes(const TokenOrder&, const TileOp& op, Report& found) {
  if (program_.graph == nullptr) return;
  const std::uint32_t source = program_.regions[op.region].source;
  if (source >= program_.graph->regions.size()) return;
  const TensorId id = program_.graph->regions[source].output.tensor;
  if (!id.valid() || !program_.tensors[id.index].resident) return;
  Coverage& chip = state_of(op, id, found).chip;
  const std::uint64_t base = program_.tensors[id.index].buffer_address;
  for (const SramAccess& access : op.accesses) {
    if (!access.write) continue;
    const std::uint64_t begin = access.address - base;
    if (access.address < base || begin >= chip.total() || access.span > chip.total() - begin) {
      found.push_back(op_text(program_, op) + " writes " +
                      bytes_text(access.address, access.address + access.span) + ", outside " +
                      name(id) + " at " + bytes_text(base, base + chip.total()));
    } else if (access.bytes != access.span || !chip.exact()) {
      chip.count_only(access.bytes);
    } else if (chip.mark(begin, access.bytes) == Coverage::Mark::kRepeated) {
      found.push_back(op_text(program_, op) + " writes " + bytes_text(begin, begin + access.bytes) +
                      " of " + name(id) + " on chip a second time");
    }
  }
}

void TensorChecks::check_whole(std::size_t i, Report& found) const {
  const auto whole = [&](const Coverage& coverage, const char* what) {
    if (coverage.complete()) return;
    found.push_back(
        name({static_cast<std::uint32_t>(i)}) + " is not " + what + " whole: " +
        std::to_string(coverage.covered()) + " of " + std::to_string(coverage.total()) + " bytes" +
        (coverage.exact() ? ", first missing " + std::to_string(coverage.first_gap()) : ""));
  };
  const State& state = tensors_[i];
  if (state.is_result) {
    if (!state.dram.empty() || state.chip.empty()) whole(state.dram, "stored");
    if (!state.chip.empty()) whole(state.chip, "made");
  }
  const bool leaves = has_host_ && program_.graph->tensors[i].is_output && state.is_result;
  if (leaves || !state.host.empty()) whole(state.host, "sent to the host");
}

void TensorChecks::finish(Report& found) const {
  for (std::size_t i = 0; i < tensors_.size(); ++i) check_whole(i, found);
}

}  // namespace takt
