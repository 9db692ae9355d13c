// SPDX-License-Identifier: Apache-2.0
// Operators that only move elements.
#include <algorithm>

#include "sim/base/check.h"
#include "sim/reference/cpu_node.h"

namespace takt::cpu {

std::vector<std::int64_t> steps_of(const Shape& shape) {
  std::vector<std::int64_t> steps(shape.size());
  std::int64_t step = 1;
  for (std::size_t d = shape.size(); d > 0; --d) {
    steps[d - 1] = step;
    step *= shape[d - 1];
  }
  return steps;
}

std::vector<double> Node::stretched(std::size_t i, const Shape& to) const {
  Array a = input(i);
  if (a.shape == to) return std::move(a.x);
  std::vector<std::int64_t> strides = steps_of(a.shape);
  for (std::size_t d = 0; d < strides.size(); ++d) strides[d] = a.shape[d] == 1 ? 0 : strides[d];
  strides.insert(strides.begin(), to.size() - a.shape.size(), 0);
  std::vector<double> out;
  walk(to, strides, 0, [&](std::int64_t at) { out.push_back(a.x[static_cast<std::size_t>(at)]); });
  return out;
}

namespace {

using Numbers = std::vector<double>;

Numbers walked(const Array& a, const Shape& shape, const std::vector<std::int64_t>& strides,
               std::int64_t offset) {
  Numbers out;
  walk(shape, strides, offset,
       [&](std::int64_t at) { out.push_back(a.x[static_cast<std::size_t>(at)]); });
  return out;
}

/// `count` indices of an axis from `begin`.
Numbers part_of(const Array& a, std::size_t axis, std::int64_t begin, std::int64_t count) {
  Shape shape = a.shape;
  shape[axis] = count;
  const std::vector<std::int64_t> steps = steps_of(a.shape);
  return walked(a, shape, steps, begin * steps[axis]);
}

Numbers transposed(const Node& node) {
  const Array a = node.input(0);
  std::vector<std::int64_t> strides;
  for (const std::int64_t d : node.attributes<TransposeAttrs>().permutation) {
    strides.push_back(steps_of(a.shape)[static_cast<std::size_t>(d)]);
  }
  return walked(a, node.out_shape(), strides, 0);
}

Numbers sliced(const Node& node) {
  const auto& attrs = node.attributes<MoveAttrs>();
  const Array a = node.input(0);
  std::vector<std::int64_t> strides = steps_of(a.shape);
  std::int64_t offset = 0;
  for (std::size_t d = 0; d < strides.size(); ++d) {
    offset += attrs.begin[d] * strides[d];
    strides[d] *= attrs.step[d];
  }
  return walked(a, node.out_shape(), strides, offset);
}

Numbers concatenated(const Node& node) {
  const auto axis = static_cast<std::size_t>(node.attributes<MoveAttrs>().axis);
  const Shape& out = node.out_shape();
  Numbers y(static_cast<std::size_t>(node.out_size()));
  std::int64_t begin = 0;
  for (std::size_t i = 0; i < node.op().inputs.size(); ++i) {
    const Array part = node.input(i);
    std::size_t next = 0;
    walk(part.shape, steps_of(out), begin * steps_of(out)[axis],
         [&](std::int64_t at) { y[static_cast<std::size_t>(at)] = part.x[next++]; });
    begin += part.shape[axis];
  }
  return y;
}

Numbers gathered(const Node& node) {
  const auto axis = static_cast<std::size_t>(node.attributes<MoveAttrs>().axis);
  const Array table = node.input(0);
  const Numbers rows = node.input(1).x;
  const std::int64_t inner = steps_of(table.shape)[axis], extent = table.shape[axis];
  const std::int64_t outer = extent * inner == 0 ? 0 : table.size() / (extent * inner);
  Numbers y;
  for (std::int64_t o = 0; o < outer; ++o) {
    for (const double row : rows) {
      const auto number = static_cast<std::int64_t>(row);
      const std::int64_t at = number < 0 ? number + extent : number;
      CHECK(at >= 0 && at < extent) << "'" << node.op().name << "' gathers row " << number;
      const auto from = table.x.begin() + (o * extent + at) * inner;
      y.insert(y.end(), from, from + inner);
    }
  }
  return y;
}

/// Which index of the operand stands at index i of a padded dimension; -1 = the constant.
std::int64_t under_padding(std::int64_t i, std::int64_t extent, const std::string& mode) {
  if (i >= 0 && i < extent) return i;
  if (mode == "edge") return i < 0 ? 0 : extent - 1;
  if (mode == "wrap") return (i % extent + extent) % extent;
  if (mode != "reflect") return -1;
  if (extent == 1) return 0;
  const std::int64_t period = 2 * extent - 2, back = (i % period + period) % period;
  return back < extent ? back : period - back;
}

Numbers padded(const Node& node) {
  const auto& attrs = node.attributes<MoveAttrs>();
  const Array a = node.input(0);
  const Shape& out = node.out_shape();
  const std::vector<std::int64_t> steps = steps_of(a.shape), own = steps_of(out);
  double value = attrs.value;
  if (node.quantised() && value != 0) {
    value = Steps(node.out_type()).of_real(value);
    if (value == 0) value = attrs.value < 0 ? -1 : 1;
  }
  Numbers y(static_cast<std::size_t>(node.out_size()));
  for (std::size_t i = 0; i < y.size(); ++i) {
    std::int64_t from = 0, rest = static_cast<std::int64_t>(i);
    for (std::size_t d = 0; d < out.size() && from >= 0; ++d) {
      const std::int64_t at = under_padding(rest / own[d] - attrs.begin[d], a.shape[d], attrs.mode);
      rest %= own[d];
      from = at < 0 ? -1 : from + at * steps[d];
    }
    y[i] = from < 0 ? value : a.x[static_cast<std::size_t>(from)];
  }
  return y;
}

}  // namespace

Made moved(const Node& node) {
  Made made;
  const auto* move = std::get_if<MoveAttrs>(&node.op().attributes);
  switch (node.op().kind) {
    case OpKind::kTranspose: made.outputs.push_back(transposed(node)); break;
    case OpKind::kSlice: made.outputs.push_back(sliced(node)); break;
    case OpKind::kConcat: made.outputs.push_back(concatenated(node)); break;
    case OpKind::kGather: made.outputs.push_back(gathered(node)); break;
    case OpKind::kPad: made.outputs.push_back(padded(node)); break;
    case OpKind::kExpand: made.outputs.push_back(node.stretched(0, node.out_shape())); break;
    case OpKind::kSplit:
      for (std::size_t i = 0; i < node.op().outputs.size(); ++i) {
        const auto axis = static_cast<std::size_t>(move->axis);
        const bool wanted = node.op().outputs[i].valid();
        made.outputs.push_back(
            wanted ? part_of(node.input(0), axis, move->begin[i], node.out_shape(i)[axis])
                   : Numbers());
      }
      break;
    default: made.outputs.push_back(node.input(0).x); break;  // Reshape
  }
  return made;
}

}  // namespace takt::cpu
