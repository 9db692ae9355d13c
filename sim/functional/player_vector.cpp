// SPDX-License-Identifier: Apache-2.0
// Vector work: the epilogue of sums, and rows of a vector region.
#include <algorithm>

#include "sim/functional/player.h"

namespace takt {
namespace {

const SramAccess* output_of(const TileOp& op) {
  for (const SramAccess& access : op.accesses) {
    if (access.write && access.role == Transfer::Role::kOutput) return &access;
  }
  return nullptr;
}

}  // namespace

// Where an element of an operand lies now: at its own place if the tensor is resident, else where a
// load has put it, within the bytes that the op says it reads.
std::optional<double> FunctionalPlayer::read_operand(const TileOp& op, std::size_t index,
                                                     std::int64_t element) {
  const TensorId tensor = region(op).operands[index].tensor;
  const TensorPlacement& placement = program_.tensors[tensor.index];
  const DType type = program_.graph->tensors[tensor.index].dtype;
  const std::uint64_t size = bytes_of(type);
  const std::uint64_t offset = static_cast<std::uint64_t>(element) * size;
  ChipMemory& chip = chips_[program_.units[op.unit.index].core];
  for (const SramAccess& access : op.accesses) {
    if (access.write || access.role != Transfer::Role::kOperand || access.operand != index)
      continue;
    std::optional<std::uint64_t> at = placement.buffer_address + offset;
    if (!placement.resident) {
      at = chip.find(access.buffer, access.address, access.span, tensor,
                     placement.address() + offset);
    }
    const std::byte* from = at ? chip.bytes(access.buffer, *at, size) : nullptr;
    if (from != nullptr) return load_element(type, from);
  }
  return std::nullopt;
}

void FunctionalPlayer::begin_tile(const TileOp& op) {
  values_.enter(program_.regions[op.region].source);
  values_.new_tile([this, &op](std::size_t operand, std::int64_t element) {
    return read_operand(op, operand, element);
  });
}

void FunctionalPlayer::write(const TileOp& op, const SramAccess& access, std::uint64_t address,
                             std::int64_t element, double value) {
  const Region& r = region(op);
  const TensorId tensor = r.output.tensor;
  const StoredTensor& stored = program_.graph->tensors[tensor.index];
  const std::uint64_t size = bytes_of(stored.dtype);
  const std::uint64_t offset = static_cast<std::uint64_t>(element) * size;
  const bool resident = program_.tensors[tensor.index].resident;
  if (resident) {
    address = program_.tensors[tensor.index].buffer_address + offset;
    std::vector<std::byte>& made = resident_[tensor.index];
    if (made.empty()) made.resize(stored.bytes());
    if (offset + size <= made.size()) store_element(stored.dtype, made.data() + offset, value);
  }
  ChipMemory& chip = chips_[program_.units[op.unit.index].core];
  std::byte* to = chip.bytes(access.buffer, address, size);
  if (to == nullptr || address < access.address || address + size > access.address + access.span) {
    return find(op, "writes outside the bytes it says");
  }
  store_element(stored.dtype, to, value);
}

void FunctionalPlayer::epilogue(const TileOp& op) {
  const Region& r = region(op);
  const Machine& machine = *program_.machine;
  const std::uint32_t core = program_.units[op.unit.index].core;
  const SramAccess* out = output_of(op);
  const bool lanes = op.vector.macs > 0;  // the product is the op's own
  if (out == nullptr && lanes) return keep_sums(op);
  if (out == nullptr) return find(op, "writes no result");
  if (op.accumulator_rows == 0 && !lanes) return find(op, "has no sums to work on");
  if (lanes && !take_operands(op)) return;
  ChipMemory& chip = chips_[core];
  if (!program_.tensors[r.output.tensor.index].resident) {
    chip.overwritten(out->buffer, out->address, out->span);
  }
  begin_tile(op);
  const Place5& at = op.place;
  const bool turned = machine.matrix.dataflow == Dataflow::kInputStationary;
  const bool is_float = info(r.dtype).is_float;
  const auto cols = static_cast<std::int64_t>(machine.matrix.cols);
  const std::uint64_t size = bytes_of(program_.graph->tensors[r.output.tensor.index].dtype);
  const std::int64_t groups = std::max<std::int64_t>(1, r.matrix.g / r.matrix.g_outer);
  const std::uint64_t next_group =
      r.matrix.output_groups_inside(r.output)
          ? static_cast<std::uint64_t>(at.o.count) * size
          : static_cast<std::uint64_t>(at.n.count * at.p.count * at.q.count) * out->pitch;
  const std::int64_t all = at.g.count * at.o.count;
  std::vector<double> line(static_cast<std::size_t>(at.o.count));
  for (std::int64_t i = 0; i < at.flat.count; ++i) {
    const std::int64_t pixel = at.flat.begin + i;
    OutputIndex index;
    index.w = at.q.begin + pixel % at.q.count;
    index.h = at.p.begin + pixel / at.q.count % at.p.count;
    index.n = at.n.begin + pixel / at.q.count / at.p.count;
    for (std::int64_t j = 0; j < all; ++j) {
      const std::int64_t g = j / at.o.count, o = j % at.o.count;
      index.g = at.g.begin + g;
      index.c = at.o.begin + o;
      double sum = 0;
      if (lanes) {
        if (o == 0) {
          sum_products(op, static_cast<std::size_t>(i), static_cast<std::size_t>(g), line);
        }
        sum = line[static_cast<std::size_t>(o)];
      } else {
        // Blocks of `cols` columns lie one behind the other.
        const std::int64_t row = turned ? i / cols * all + j : j / cols * at.flat.count + i;
        const std::uint64_t place =
            (op.accumulator + static_cast<std::uint64_t>(row)) * machine.matrix.cols +
            static_cast<std::uint64_t>((turned ? i : j) % cols);
        if (place >= sums_[core].size()) return find(op, "reads sums outside the accumulators");
        sum = sums_[core].at(is_float, place);
      }
      write(op, *out,
            out->address + static_cast<std::uint64_t>(g) * next_group +
                static_cast<std::uint64_t>(i) * out->pitch + static_cast<std::uint64_t>(o) * size,
            element_at(r.output, index, groups), values_.output(index, sum));
    }
  }
  lane_sums_[op.unit.index].clear();
  if (!values_.missing().empty()) find(op, "has no value: " + values_.missing());
}

/// A part of the products: the sums stay in the lanes.
void FunctionalPlayer::keep_sums(const TileOp& op) {
  if (!take_operands(op)) return;
  const Place5& at = op.place;
  std::vector<double> sums, line(static_cast<std::size_t>(at.o.count));
  for (std::int64_t i = 0; i < at.flat.count; ++i) {
    for (std::int64_t g = 0; g < at.g.count; ++g) {
      sum_products(op, static_cast<std::size_t>(i), static_cast<std::size_t>(g), line);
      sums.insert(sums.end(), line.begin(), line.end());
    }
  }
  lane_sums_[op.unit.index] = std::move(sums);
}

void FunctionalPlayer::rows(const TileOp& op) {
  const Region& r = region(op);
  ChipMemory& chip = chips_[program_.units[op.unit.index].core];
  const SramAccess* out = output_of(op);
  if (out == nullptr) return find(op, "writes no result");
  if (!program_.tensors[r.output.tensor.index].resident) {
    chip.overwritten(out->buffer, out->address, out->span);
  }
  begin_tile(op);
  const std::uint64_t size = bytes_of(program_.graph->tensors[r.output.tensor.index].dtype);
  const VectorWork& work = r.vector;
  std::uint64_t address = out->address;
  // Rows whole, or their elements of some channels.
  const auto in_part = [&work, &part = op.place.o](std::int64_t element) {
    const std::int64_t channel = element % work.channels;
    return part.count == 0 || (channel >= part.begin && channel < part.begin + part.count);
  };
  OutputIndex index;
  for (index.n = op.place.n.begin; index.n < op.place.n.begin + op.place.n.count; ++index.n) {
    for (index.h = op.place.p.begin; index.h < op.place.p.begin + op.place.p.count; ++index.h) {
      for (std::int64_t i = 0; i < work.row_elements; ++i) {
        if (!in_part(i)) continue;
        index.w = i / work.row_run;
        index.c = i % work.row_run;
        write(op, *out, address, element_at(r.output, index, 1), values_.output(index, 0));
        address += size;
      }
    }
  }
  if (!values_.missing().empty()) find(op, "has no value: " + values_.missing());
}

}  // namespace takt
