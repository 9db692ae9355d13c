// SPDX-License-Identifier: Apache-2.0
// Operators that make constants. Those without an OpKind of their own must be evaluated here: their
// operands are known when the file is read, or they are not supported.
#include <algorithm>
#include <cmath>

#include "sim/workload/onnx_table.h"
#include "sim/workload/onnx_tensor.h"

namespace takt {
namespace {

using Ints = OnnxNode::Ints;

void set_constant(OnnxNode& node, Shape shape, DType dtype, ConstantData data) {
  if (node.output_count() == 0) return;
  node.set(0, node.builder().add_constant(node.output_name(0), std::move(shape), dtype,
                                          std::move(data)));
}

void set_ints(OnnxNode& node, const Ints& values) {
  set_constant(node, {static_cast<std::int64_t>(values.size())}, DType::kInt64, values);
}

void constant(OnnxNode& node) {
  if (const auto* value = node.find("value")) {
    StoredValue stored = read_tensor(value->t(), node.folder());
    if (stored.unsupported) return node.unsupported("its value " + stored.problem);
    if (!stored.problem.empty()) return node.fail("its value " + stored.problem);
    return set_constant(node, stored.tensor.shape, stored.tensor.dtype,
                        std::move(stored.tensor.constant));
  }
  if (node.has_attribute("value_int")) {
    return set_constant(node, {}, DType::kInt64, Ints{node.int_attribute("value_int", 0)});
  }
  if (node.has_attribute("value_float")) {
    return set_constant(node, {}, DType::kFp32,
                        Tensor::FloatData{node.float_attribute("value_float", 0)});
  }
  if (const auto ints = node.ints_attribute("value_ints")) return set_ints(node, *ints);
  if (const auto floats = node.floats_attribute("value_floats")) {
    return set_constant(node, {static_cast<std::int64_t>(floats->size())}, DType::kFp32, *floats);
  }
  if (!node.failed()) node.unsupported("a value that is neither numbers nor a tensor");
}

void constant_of_shape(OnnxNode& node) {
  if (!node.require(1)) return;
  const auto shape = node.ints_of(0, "the shape");
  if (!shape) return;
  const auto count = shape->size() > kMaxRank ? std::nullopt : element_count(*shape);
  if (!count) return node.fail("makes a shape out of bounds");
  DType dtype = DType::kFp32;
  ConstantData element = Tensor::FloatData{0};
  if (const auto* value = node.find("value")) {
    const StoredValue stored = read_tensor(value->t(), node.folder());
    if (!stored.problem.empty()) return node.fail("its value " + stored.problem);
    dtype = stored.tensor.dtype;
    element = stored.tensor.constant;
  }
  ConstantData data;
  const bool small = *count <= kMaxConstantElements && node.builder().spend(*count);
  const auto repeat = static_cast<std::size_t>(small ? *count : 0);
  if (const auto* whole = std::get_if<Tensor::IntData>(&element); whole && whole->size() == 1) {
    data = Tensor::IntData(repeat, whole->front());
  } else if (const auto* real = std::get_if<Tensor::FloatData>(&element);
             real && real->size() == 1) {
    data = Tensor::FloatData(repeat, real->front());
  } else {
    return node.fail("its value is not one number");
  }
  if (!small) data = ConstantData{};
  set_constant(node, *shape, dtype, std::move(data));
}

/// From opset 15 on a part of the shape, as a slice.
void shape(OnnxNode& node) {
  if (!node.require(1)) return;
  const Shape& x = node.shape(0);
  const auto bounded = [&](std::int64_t at) {
    if (at < 0) at += node.rank(0);
    return std::clamp<std::int64_t>(at, 0, node.rank(0));
  };
  const std::int64_t start = bounded(node.int_attribute("start", 0));
  const std::int64_t end = bounded(node.int_attribute("end", node.rank(0)));
  set_ints(node, start < end ? Ints(x.begin() + start, x.begin() + end) : Ints{});
}

void size(OnnxNode& node) {
  if (!node.require(1)) return;
  set_constant(node, {}, DType::kInt64, Ints{*element_count(node.shape(0))});
}

/// start, start + delta, …: max(ceil((limit - start) / delta), 0) numbers.
void range(OnnxNode& node) {
  if (!node.require(3)) return;
  const DType dtype = node.tensor(node.in(0)).dtype;
  const auto start = node.floats_of(0, "start"), limit = node.floats_of(1, "limit"),
             delta = node.floats_of(2, "delta");
  if (node.failed()) return;
  if (start->size() != 1 || limit->size() != 1 || delta->size() != 1) {
    return node.fail("its operands are not single numbers");
  }
  const double step = delta->front(), first = start->front();
  const double count = std::max(std::ceil((limit->front() - first) / step), 0.0);
  if (step == 0 || !(count <= static_cast<double>(kMaxConstantElements)) ||
      !node.builder().spend(static_cast<std::int64_t>(count))) {
    return node.fail("makes no or too many numbers");
  }
  Tensor::FloatData values;
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(count); ++i) {
    values.push_back(first + static_cast<double>(i) * step);
  }
  set_constant(node, {static_cast<std::int64_t>(count)}, dtype,
               convert(ConstantData(std::move(values)), DType::kFp64, dtype));
}

/// data[index[i]] = updates[i], where an index names the first dimensions of data.
void scatter_nd(OnnxNode& node) {
  if (!node.require(3)) return;
  const Tensor &data = node.tensor(node.in(0)), &updates = node.tensor(node.in(2));
  if (!is_constant(data) || !is_constant(updates) ||
      !node.builder().spend(*element_count(data.shape) + *element_count(updates.shape))) {
    return node.unsupported("its result is only known when the network runs");
  }
  const auto indices = node.ints_of(1, "indices");
  if (!indices) return;
  const Shape& at = node.shape(1);
  const auto depth = at.empty() ? 0 : static_cast<std::size_t>(at.back());
  if (at.empty() || at.back() < 1 || depth > data.shape.size() ||
      data.constant.index() != updates.constant.index() ||
      node.string_attribute("reduction", "none") != "none") {
    return node.unsupported("of this form");
  }
  const std::int64_t run = product(data.shape, depth, data.shape.size());
  const auto places = static_cast<std::int64_t>(indices->size() / depth);
  if (element_count(updates.shape) != element_count({places, run})) {
    return node.fail("its updates " + to_string(updates.shape) + " do not suit its indices " +
                     to_string(at));
  }
  ConstantData out = data.constant;
  for (std::int64_t i = 0; i < places; ++i) {
    std::int64_t offset = 0;
    for (std::size_t d = 0; d < depth; ++d) {
      std::int64_t index = (*indices)[static_cast<std::size_t>(i) * depth + d];
      if (index < 0) index += data.shape[d];
      if (index < 0 || index >= data.shape[d]) return node.fail("an index is out of bounds");
      offset = offset * data.shape[d] + index;
    }
    std::visit(
        [&](auto& values) {
          using Data = std::decay_t<decltype(values)>;
          if constexpr (!std::is_same_v<Data, std::monostate>) {
            const auto& from = std::get<Data>(updates.constant);
            std::copy_n(from.begin() + i * run, run, values.begin() + offset * run);
          }
        },
        out);
  }
  set_constant(node, data.shape, data.dtype, std::move(out));
}

/// The positions of what is not zero: [rank, count].
void non_zero(OnnxNode& node) {
  if (!node.require(1)) return;
  const auto values = node.floats_of(0, "its input");
  if (!values) return;
  const Shape& x = node.shape(0);
  std::vector<Ints> positions(x.size());
  std::int64_t count = 0;
  for (std::size_t i = 0; i < values->size(); ++i) {
    if ((*values)[i] == 0) continue;
    ++count;
    auto rest = static_cast<std::int64_t>(i);
    for (std::size_t d = x.size(); d-- > 0;) {
      positions[d].push_back(rest % x[d]);
      rest /= x[d];
    }
  }
  Ints all;
  for (const Ints& row : positions) all.insert(all.end(), row.begin(), row.end());
  set_constant(node, {node.rank(0), count}, DType::kInt64, std::move(all));
}

/// Zero below (upper = 1) or above the k-th diagonal of the last two dimensions.
void trilu(OnnxNode& node) {
  if (!node.require(1)) return;
  const Tensor& x = node.tensor(node.in(0));
  if (!is_constant(x) || x.shape.size() < 2 || !node.builder().spend(*element_count(x.shape))) {
    return node.unsupported("its result is only known when the network runs");
  }
  std::int64_t k = 0;
  if (node.has(1)) {
    const auto given = node.ints_of(1, "k");
    if (!given) return;
    if (given->size() != 1) return node.fail("k is not one number");
    k = std::clamp<std::int64_t>(given->front(), -kMaxTensorElements, kMaxTensorElements);
  }
  const bool upper = node.int_attribute("upper", 1) != 0;
  const std::int64_t rows = x.shape[x.shape.size() - 2], columns = x.shape.back();
  ConstantData out = x.constant;
  std::visit(
      [&](auto& values) {
        using Data = std::decay_t<decltype(values)>;
        if constexpr (!std::is_same_v<Data, std::monostate>) {
          for (std::size_t i = 0; i < values.size(); ++i) {
            const auto at = static_cast<std::int64_t>(i);
            const std::int64_t distance = at % columns - at / columns % rows;
            if (upper ? distance < k : distance > k) values[i] = 0;
          }
        }
      },
      out);
  set_constant(node, x.shape, x.dtype, std::move(out));
}

}  // namespace

std::vector<OnnxConverter> onnx_constant_operators() {
  return {{"Constant", constant}, {"ConstantOfShape", constant_of_shape},
          {"Shape", shape},       {"Size", size},
          {"Range", range},       {"ScatterND", scatter_nd},
          {"NonZero", non_zero},  {"Trilu", trilu}};
}

}  // namespace takt
