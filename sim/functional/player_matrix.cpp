// SPDX-License-Identifier: Apache-2.0
// A pass of the array, from the bytes of slots to sums in accumulators.
#include <algorithm>
#include <cmath>

#include "sim/functional/player.h"

namespace takt {
namespace {

/// The in-bounds inputs that outputs `out` of a window dimension need.
Range needed(const Range& out, std::int64_t stride, std::int64_t pad, std::int64_t taps,
             std::int64_t dilation, std::int64_t size) {
  const std::int64_t begin = std::max<std::int64_t>(0, out.begin * stride - pad);
  const std::int64_t end =
      std::min(size, (out.begin + out.count - 1) * stride - pad + (taps - 1) * dilation + 1);
  return {begin, std::max<std::int64_t>(0, end - begin)};
}

const SramAccess* access_of(const TileOp& op, Transfer::Role role) {
  for (const SramAccess& access : op.accesses) {
    if (!access.write && access.role == role) return &access;
  }
  return nullptr;
}

}  // namespace

void FunctionalPlayer::gather_inputs(const TileOp& op, const SramAccess& access,
                                     std::vector<double>& into) {
  const MatrixWork& w = region(op).matrix;
  const Place5& at = op.place;
  const TensorPlacement& placement = program_.tensors[w.input.tensor.index];
  const DType type = program_.graph->tensors[w.input.tensor.index].dtype;
  const std::uint64_t size = bytes_of(type);
  ChipMemory& chip = chips_[program_.units[op.unit.index].core];
  const Range rows = needed(at.p, w.stride_h, w.pad_h, w.r, w.dilation_h, w.in_h);
  const Range cols = needed(at.q, w.stride_w, w.pad_w, w.s, w.dilation_w, w.in_w);
  const std::int64_t groups = std::max<std::int64_t>(1, w.g / w.g_outer);
  into.assign(static_cast<std::size_t>(at.flat.count * at.k.count), 0);
  bool outside = false;
  for (std::int64_t i = 0; i < at.flat.count; ++i) {
    const std::int64_t pixel = at.flat.begin + i;
    const std::int64_t q = at.q.begin + pixel % at.q.count;
    const std::int64_t p = at.p.begin + pixel / at.q.count % at.p.count;
    const std::int64_t n = pixel / at.q.count / at.p.count;  // within the tile
    for (std::int64_t j = 0; j < at.k.count; ++j) {
      const std::int64_t k = at.k.begin + j, tap = k / at.c.count, c = k % at.c.count;
      const std::int64_t h = p * w.stride_h + tap / w.s * w.dilation_h - w.pad_h;
      const std::int64_t x = q * w.stride_w + tap % w.s * w.dilation_w - w.pad_w;
      if (h < 0 || h >= w.in_h || x < 0 || x >= w.in_w) continue;  // padding reads zero
      std::uint64_t address = access.address;
      if (placement.resident) {
        const OutputIndex input{at.g.begin, at.n.begin + n, h, x, at.c.begin + c};
        address = placement.buffer_address +
                  static_cast<std::uint64_t>(element_at(w.input, input, groups)) * size;
      } else {
        const std::int64_t element =
            ((n * rows.count + h - rows.begin) * cols.count + x - cols.begin) * at.c.count + c;
        address += static_cast<std::uint64_t>(element) * size;
      }
      const std::byte* from = chip.bytes(access.buffer, address, size);
      outside = outside || from == nullptr || address + size > access.address + access.span;
      if (from != nullptr) {
        into[static_cast<std::size_t>(i * at.k.count + j)] = load_element(type, from);
      }
    }
  }
  if (outside) find(op, "needs inputs outside the bytes it reads");
}

void FunctionalPlayer::gather_weights(const TileOp& op, const SramAccess& access,
                                      std::vector<double>& into) {
  const MatrixWork& work = region(op).matrix;
  const WeightView& view = work.weight;
  const Place5& at = op.place;
  const TensorPlacement& placement = program_.tensors[view.tensor.index];
  const DType type = program_.graph->tensors[view.tensor.index].dtype;
  const std::uint64_t size = bytes_of(type);
  ChipMemory& chip = chips_[program_.units[op.unit.index].core];
  const std::int64_t groups = std::max<std::int64_t>(1, work.g / work.g_outer);
  const std::int64_t g = at.g.begin;
  into.assign(static_cast<std::size_t>(at.k.count * at.o.count), 0);
  bool outside = false;
  for (std::int64_t j = 0; j < at.k.count; ++j) {
    const std::int64_t k = at.k.begin + j, tap = k / at.c.count;
    const std::int64_t row = view.offset + g / groups * view.stride_g_outer +
                             g % groups * view.stride_g + tap / work.s * view.stride_r +
                             tap % work.s * view.stride_s +
                             (at.c.begin + k % at.c.count) * view.stride_c;
    for (std::int64_t o = 0; o < at.o.count; ++o) {
      const std::uint64_t address =
          placement.resident
              ? placement.buffer_address +
                    static_cast<std::uint64_t>(row + (at.o.begin + o) * view.stride_o) * size
              : access.address + static_cast<std::uint64_t>(j) * access.pitch +
                    static_cast<std::uint64_t>(o) * size;
      const std::byte* from = chip.bytes(access.buffer, address, size);
      outside = outside || from == nullptr || address + size > access.address + access.span;
      if (from != nullptr) {
        into[static_cast<std::size_t>(j * at.o.count + o)] = load_element(type, from);
      }
    }
  }
  if (outside) find(op, "needs weights outside the bytes it reads");
}

void FunctionalPlayer::matrix(const TileOp& op) {
  Stationary& held = stationary_[op.unit.index];
  const Place5& at = op.place;
  if (std::uint64_t{op.matrix.m} * op.matrix.n * op.matrix.k !=
      static_cast<std::uint64_t>(at.flat.count * at.o.count * at.k.count)) {
    find(op, "does not do the work of its place");
  }
  if (const SramAccess* inputs = access_of(op, Transfer::Role::kInput)) {
    gather_inputs(op, *inputs, held.inputs);
  }
  if (const SramAccess* weights = access_of(op, Transfer::Role::kWeight)) {
    gather_weights(op, *weights, held.weights);
  }
  if (held.inputs.size() != static_cast<std::size_t>(at.flat.count * at.k.count) ||
      held.weights.size() != static_cast<std::size_t>(at.k.count * at.o.count)) {
    return find(op, "finds no operand of its shape in the array");
  }
  accumulate(op);
}

void FunctionalPlayer::accumulate(const TileOp& op) {
  const Place5& at = op.place;
  const Machine& machine = *program_.machine;
  const Stationary& held = stationary_[op.unit.index];
  const std::uint32_t core = program_.units[op.unit.index].core;
  const bool turned = machine.matrix.dataflow == Dataflow::kInputStationary;
  const bool whole = !info(region(op).dtype).is_float;
  std::vector<double>& sums = sums_[core];
  const auto cols = static_cast<std::size_t>(machine.matrix.cols);
  const auto rows = static_cast<std::size_t>(turned ? at.o.count : at.flat.count);
  const auto width = static_cast<std::size_t>(turned ? at.flat.count : at.o.count);
  if (width > cols || (op.accumulator + rows) * cols > sums.size()) {
    return find(op, "has more results than accumulators");
  }
  const auto outputs = static_cast<std::size_t>(at.o.count);
  const auto terms = static_cast<std::size_t>(at.k.count);
  std::vector<double> line(outputs);
  for (std::size_t i = 0; i < static_cast<std::size_t>(at.flat.count); ++i) {
    const auto slot = [&](std::size_t o) -> double& {
      return turned ? sums[(op.accumulator + o) * cols + i] : sums[(op.accumulator + i) * cols + o];
    };
    for (std::size_t o = 0; o < outputs; ++o) line[o] = op.matrix.accumulate ? slot(o) : 0;
    for (std::size_t k = 0; k < terms; ++k) {
      const double x = held.inputs[i * terms + k];
      if (x == 0) continue;
      const double* weights = held.weights.data() + k * outputs;
      if (whole) {
        for (std::size_t o = 0; o < outputs; ++o) line[o] += x * weights[o];
      } else {
        // Products are exact in double; each sum is rounded to 32 bits as the hardware's is.
        for (std::size_t o = 0; o < outputs; ++o) {
          line[o] = static_cast<double>(static_cast<float>(line[o] + x * weights[o]));
        }
      }
    }
    for (std::size_t o = 0; o < outputs; ++o) {
      slot(o) = whole ? rounded(DType::kInt32, line[o]) : line[o];
    }
  }
}

}  // namespace takt
