// SPDX-License-Identifier: Apache-2.0
#include "sim/functional/pass_operands.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "sim/functional/element.h"
#include "sim/functional/region_values.h"

namespace takt {
namespace {

/// The in-bounds inputs that outputs `out` of a window dimension need for those taps.
Range needed(const Range& out, std::int64_t stride, std::int64_t pad, const Range& taps,
             std::int64_t dilation, std::int64_t size) {
  const std::int64_t low = taps.begin * dilation - pad;
  const std::int64_t begin = std::clamp<std::int64_t>(out.begin * stride + low, 0, size);
  const std::int64_t end =
      std::min(size, (out.begin + out.count - 1) * stride + low + (taps.count - 1) * dilation + 1);
  return {begin, std::max<std::int64_t>(0, end - begin)};
}

const SramAccess* access_of(const TileOp& op, Transfer::Role role) {
  for (const SramAccess& access : op.accesses) {
    if (!access.write && access.role == role) return &access;
  }
  return nullptr;
}

}  // namespace

PassOperands::PassOperands(const Program& program, const TileOp& op)
    : program_(program),
      op_(op),
      work_(program.graph->regions[program.regions[op.region].source].matrix),
      inputs_(access_of(op, Transfer::Role::kInput)),
      weights_(access_of(op, Transfer::Role::kWeight)),
      r_(kernel_part(op.place.r, work_.r)),
      s_(kernel_part(op.place.s, work_.s)),
      rows_(needed(op.place.p, work_.stride_h, work_.pad_h, r_, work_.dilation_h, work_.in_h)),
      cols_(needed(op.place.q, work_.stride_w, work_.pad_w, s_, work_.dilation_w, work_.in_w)),
      groups_(std::max<std::int64_t>(1, work_.g / work_.g_outer)) {}

/// `count` elements that lie one behind the other.
template <class T>
bool PassOperands::read(ChipMemory& chip, const SramAccess& access, std::uint64_t address,
                        DType type, std::int64_t count, T* to) const {
  const std::uint64_t size = bytes_of(type), bytes = static_cast<std::uint64_t>(count) * size;
  const std::byte* from = chip.bytes(access.buffer, address, bytes);
  if (from == nullptr) {
    std::fill_n(to, count, T{});
    return false;
  }
  if (type == DType::kInt8) {
    std::copy_n(reinterpret_cast<const std::int8_t*>(from), count, to);
  } else if (type == DType::kFp32 && std::is_floating_point_v<T>) {
    for (std::int64_t i = 0; i < count; ++i, from += size) {
      float value = 0;
      std::memcpy(&value, from, sizeof value);
      to[i] = static_cast<T>(value);
    }
  } else {
    for (std::int64_t i = 0; i < count; ++i, from += size) {
      to[i] = static_cast<T>(load_element(type, from));
    }
  }
  return address >= access.address && address + bytes <= access.address + access.span;
}

template <class T>
bool PassOperands::read_inputs(ChipMemory& chip, const Range& pixels, const Range& terms, T* to,
                               std::int64_t pitch) const {
  const Place5& at = op_.place;
  const TensorPlacement& placement = program_.tensors[work_.input.tensor.index];
  const DType type = program_.graph->tensors[work_.input.tensor.index].dtype;
  const std::uint64_t size = bytes_of(type);
  const std::uint64_t dense = static_cast<std::uint64_t>(at.c.count) * size;
  const std::uint64_t to_pixel = inputs_->pitch > 0 ? inputs_->pitch : dense;
  const std::uint64_t to_group =
      work_.input_groups_inside()
          ? dense
          : static_cast<std::uint64_t>(at.n.count * rows_.count * cols_.count) * to_pixel;
  bool inside = true;
  for (std::int64_t i = pixels.begin; i < pixels.begin + pixels.count; ++i, to += pitch) {
    const std::int64_t pixel = at.flat.begin + i;
    const std::int64_t q = at.q.begin + pixel % at.q.count;
    const std::int64_t p = at.p.begin + pixel / at.q.count % at.p.count;
    const std::int64_t n = pixel / at.q.count / at.p.count;  // within the tile
    T* part = to;
    for (std::int64_t j = terms.begin, run = 0; j < terms.begin + terms.count;
         j += run, part += run) {
      // The channels of one tap lie one behind the other.
      const std::int64_t g = j / at.k.count, k = at.k.begin + j % at.k.count;
      const std::int64_t tap = k / at.c.count, c = k % at.c.count;
      run = std::min({at.c.count - c, at.k.count - j % at.k.count, terms.begin + terms.count - j});
      const std::int64_t r = r_.begin + tap / s_.count, s = s_.begin + tap % s_.count;
      const std::int64_t h = p * work_.stride_h + r * work_.dilation_h - work_.pad_h;
      const std::int64_t x = q * work_.stride_w + s * work_.dilation_w - work_.pad_w;
      if (h < 0 || h >= work_.in_h || x < 0 || x >= work_.in_w) {
        std::fill_n(part, run, T{});  // padding reads zero
        continue;
      }
      if (placement.resident) {
        for (std::int64_t e = 0; e < run; ++e) {
          const OutputIndex input{at.g.begin + g, at.n.begin + n, h, x, at.c.begin + c + e};
          const std::uint64_t address =
              placement.buffer_address +
              static_cast<std::uint64_t>(element_at(work_.input, input, groups_)) * size;
          inside = read(chip, *inputs_, address, type, 1, part + e) && inside;
        }
        continue;
      }
      const std::int64_t place =
          (n * rows_.count + h - rows_.begin) * cols_.count + x - cols_.begin;
      const std::uint64_t address = inputs_->address + static_cast<std::uint64_t>(g) * to_group +
                                    static_cast<std::uint64_t>(place) * to_pixel +
                                    static_cast<std::uint64_t>(c) * size;
      inside = read(chip, *inputs_, address, type, run, part) && inside;
    }
  }
  return inside;
}

template <class T>
bool PassOperands::read_weights(ChipMemory& chip, const Range& terms, const Range& outputs, T* to,
                                std::int64_t pitch) const {
  const WeightView& view = work_.weight;
  const Place5& at = op_.place;
  const TensorPlacement& placement = program_.tensors[view.tensor.index];
  const DType type = program_.graph->tensors[view.tensor.index].dtype;
  const std::uint64_t size = bytes_of(type);
  bool inside = true;
  for (std::int64_t j = terms.begin; j < terms.begin + terms.count; ++j, to += pitch) {
    // Of the outputs asked for, those of the term's own group.
    const std::int64_t group = j / at.k.count, g = at.g.begin + group;
    const std::int64_t first = std::max(outputs.begin, group * at.o.count);
    const std::int64_t count =
        std::min(outputs.begin + outputs.count, (group + 1) * at.o.count) - first;
    std::fill_n(to, outputs.count, T{});
    if (count <= 0) continue;
    T* const own = to + (first - outputs.begin);
    const std::int64_t output = first - group * at.o.count;
    if (!placement.resident) {
      const std::uint64_t address = weights_->address +
                                    static_cast<std::uint64_t>(j) * weights_->pitch +
                                    static_cast<std::uint64_t>(output) * size;
      inside = read(chip, *weights_, address, type, count, own) && inside;
      continue;
    }
    const std::int64_t k = at.k.begin + j % at.k.count, tap = k / at.c.count;
    const std::int64_t row =
        view.offset + g / groups_ * view.stride_g_outer + g % groups_ * view.stride_g +
        (r_.begin + tap / s_.count) * view.stride_r + (s_.begin + tap % s_.count) * view.stride_s +
        (at.c.begin + k % at.c.count) * view.stride_c;
    for (std::int64_t o = 0; o < count; ++o) {
      const std::int64_t element = row + (at.o.begin + output + o) * view.stride_o;
      const std::uint64_t address =
          placement.buffer_address + static_cast<std::uint64_t>(element) * size;
      inside = read(chip, *weights_, address, type, 1, own + o) && inside;
    }
  }
  return inside;
}

#define TAKT_PASS_OPERANDS(T)                                                           \
  template bool PassOperands::read_inputs(ChipMemory&, const Range&, const Range&, T*,  \
                                          std::int64_t) const;                          \
  template bool PassOperands::read_weights(ChipMemory&, const Range&, const Range&, T*, \
                                           std::int64_t) const
TAKT_PASS_OPERANDS(double);
TAKT_PASS_OPERANDS(float);
TAKT_PASS_OPERANDS(std::int16_t);
TAKT_PASS_OPERANDS(std::int8_t);
#undef TAKT_PASS_OPERANDS

}  // namespace takt
