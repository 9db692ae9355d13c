// SPDX-License-Identifier: Apache-2.0
// Ops that only move elements.
#include <algorithm>
#include <cstdlib>

#include "sim/base/check.h"
#include "sim/functional/element.h"
#include "sim/functional/semantics_state.h"

namespace takt {
namespace {

std::int64_t product(const Shape& shape, std::size_t first, std::size_t last) {
  std::int64_t out = 1;
  for (std::size_t d = first; d < last; ++d) out *= shape[d];
  return out;
}

}  // namespace

void Semantics::prepare_moves(Prepared& p, const Op& o) const {
  if (o.inputs.empty() || !o.inputs[0].valid()) return;
  const Shape& in = graph_.tensor(o.inputs[0]).shape;
  const Shape& out = graph_.tensor(o.outputs[0]).shape;
  const std::vector<std::int64_t> dense = row_major_strides(in);
  const auto* move = std::get_if<MoveAttrs>(&o.attributes);
  const auto axis = static_cast<std::size_t>(move != nullptr ? move->axis : 0);
  switch (o.kind) {
    case OpKind::kReshape: p.walks[0] = make_walk({elements(o.outputs[0])}, {1}); break;
    case OpKind::kTranspose: {
      std::vector<std::int64_t> strides;
      for (const std::int64_t d : std::get<TransposeAttrs>(o.attributes).permutation) {
        strides.push_back(dense[static_cast<std::size_t>(d)]);
      }
      p.walks[0] = make_walk(out, strides);
      break;
    }
    case OpKind::kSlice: {
      std::vector<std::int64_t> strides;
      std::int64_t offset = 0;
      for (std::size_t d = 0; d < in.size(); ++d) {
        offset += move->begin[d] * dense[d];
        strides.push_back(dense[d] * move->step[d]);
      }
      p.walks[0] = make_walk(out, strides, offset);
      break;
    }
    case OpKind::kSplit:
      p.part_begin = move->begin;
      p.axis_extent = in[axis];
      p.inner = product(in, axis + 1, in.size());
      break;
    case OpKind::kConcat: {
      std::int64_t begin = 0;
      for (const TensorId input : o.inputs) {
        p.part_begin.push_back(begin);
        begin += graph_.tensor(input).shape[axis];
      }
      p.axis_extent = begin;
      p.inner = product(out, axis + 1, out.size());
      break;
    }
    case OpKind::kGather:
      p.axis_extent = elements(o.inputs[1]);
      p.inner = product(in, axis + 1, in.size());
      break;
    default: break;
  }
}

double Semantics::Evaluation::concat(std::int64_t index) {
  const auto axis = static_cast<std::size_t>(std::get<MoveAttrs>(op_.attributes).axis);
  const std::int64_t rest = index % p_.inner;
  const std::int64_t i = index / p_.inner % p_.axis_extent;
  const std::int64_t outer = index / p_.inner / p_.axis_extent;
  // The last part that begins at or before i; parts without elements begin where the next one does.
  std::size_t part = p_.part_begin.size() - 1;
  while (p_.part_begin[part] > i) --part;
  const std::int64_t extent = s_.graph().tensor(op_.inputs[part]).shape[axis];
  return input(part, (outer * extent + i - p_.part_begin[part]) * p_.inner + rest);
}

double Semantics::Evaluation::split(std::size_t output, std::int64_t index) {
  const auto axis = static_cast<std::size_t>(std::get<MoveAttrs>(op_.attributes).axis);
  const std::int64_t extent = s_.graph().tensor(op_.outputs[output]).shape[axis];
  const std::int64_t rest = index % p_.inner;
  const std::int64_t i = index / p_.inner % extent + p_.part_begin[output];
  const std::int64_t outer = index / p_.inner / extent;
  return input(0, (outer * p_.axis_extent + i) * p_.inner + rest);
}

double Semantics::Evaluation::gather(std::int64_t index) {
  const auto axis = static_cast<std::size_t>(std::get<MoveAttrs>(op_.attributes).axis);
  const std::int64_t extent = s_.graph().tensor(op_.inputs[0]).shape[axis];
  const std::int64_t rest = index % p_.inner;
  const std::int64_t i = index / p_.inner % p_.axis_extent;
  const std::int64_t outer = index / p_.inner / p_.axis_extent;
  auto number = static_cast<std::int64_t>(input(1, i));
  if (number < 0) number += extent;
  CHECK(number >= 0 && number < extent)
      << "'" << op_.name << "' gathers row " << number << " of " << extent;
  return input(0, (outer * extent + number) * p_.inner + rest);
}

namespace {

/// Which index of the operand stands at index i of a padded dimension; -1 = the constant. Reflected
/// ends are not repeated, and what is longer than the operand goes to and fro.
std::int64_t source_of(std::int64_t i, std::int64_t extent, const std::string& mode) {
  if (i >= 0 && i < extent) return i;
  if (mode == "edge") return std::clamp<std::int64_t>(i, 0, extent - 1);
  if (mode == "wrap") return i - floor_div(i, extent) * extent;
  if (mode != "reflect") return -1;
  const std::int64_t last = extent - 1;
  if (last == 0) return 0;
  const std::int64_t phase = i - floor_div(i, 2 * last) * 2 * last;
  return last - std::abs(last - phase);
}

}  // namespace

double Semantics::Evaluation::pad(std::int64_t index) {
  const auto& attrs = std::get<MoveAttrs>(op_.attributes);
  const Shape& in = s_.graph().tensor(op_.inputs[0]).shape;
  const Shape& out = s_.graph().tensor(op_.outputs[0]).shape;
  const std::vector<std::int64_t> at = split_index(out, index);
  std::int64_t position = 0;
  for (std::size_t d = 0; d < at.size(); ++d) {
    const std::int64_t i = source_of(at[d] - attrs.begin[d], in[d], attrs.mode);
    if (i < 0) {
      return quantised_ ? quantised_number(attrs.value, out_type_)
                        : rounded(out_type_, attrs.value);
    }
    position = position * in[d] + i;
  }
  return input(0, position);
}

}  // namespace takt
