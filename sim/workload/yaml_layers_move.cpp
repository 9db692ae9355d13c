// SPDX-License-Identifier: Apache-2.0
// Layers that move or rename elements, tables, and parameters by name.
#include <algorithm>
#include <numeric>

#include "sim/ir/views.h"
#include "sim/workload/yaml_layers.h"

namespace takt {
namespace {

TensorId parameter(Layer& layer) {
  Shape shape = layer.numbers("shape", 1);
  Choice<DType> choice;
  for (const DTypeInfo& row : kDTypes) choice.words.emplace_back(std::string(row.name), row.dtype);
  const DType dtype = layer.keys().optional("dtype", choice, layer.network_dtype());
  if (const auto value = layer.keys().maybe("value", AnyReal{})) {
    if (elements_of(shape) != 1) return layer.fail("a value is known of a single element only");
    return layer.known(std::move(shape), *value, dtype);
  }
  return layer.parameter("", std::move(shape), dtype);
}

TensorId reshape(Layer& layer) {
  MoveAttrs attrs;
  attrs.end = layer.numbers("shape", -1);
  return layer.add(OpKind::kReshape, layer.inputs(), attrs);
}

TensorId flatten(Layer& layer) {
  const Shape in = layer.shape(layer.input());
  const std::int64_t axis = layer.axis("axis", 1, in.size());
  const auto product = [&](auto first, auto last) {
    return std::accumulate(first, last, std::int64_t{1}, std::multiplies<>());
  };
  MoveAttrs attrs;
  attrs.end = {product(in.begin(), in.begin() + axis), product(in.begin() + axis, in.end())};
  return layer.add(OpKind::kReshape, layer.inputs(), attrs);
}

TensorId transpose(Layer& layer) {
  return layer.add(OpKind::kTranspose, layer.inputs(), TransposeAttrs{layer.numbers("order", 0)});
}

TensorId expand(Layer& layer) {
  MoveAttrs attrs;
  attrs.end = layer.numbers("shape", 1);
  return layer.add(OpKind::kExpand, layer.inputs(), attrs);
}

TensorId concat(Layer& layer) {
  MoveAttrs attrs;
  attrs.axis = layer.axis("axis", 1, layer.shape(layer.input()).size());
  return layer.add(OpKind::kConcat, layer.inputs(), attrs);
}

/// `parts: 3` equal ones or `parts: [a, b]`; they are called name.0, name.1 …
TensorId split(Layer& layer) {
  const Shape in = layer.shape(layer.input());
  const std::int64_t axis = layer.axis("axis", 1, in.size());
  const std::int64_t length = in.empty() ? 1 : in[static_cast<std::size_t>(axis)];
  std::vector<std::int64_t> parts;
  const Node* node = layer.keys().take("parts");
  if (node != nullptr && node->is_list()) {
    parts = layer.numbers("parts", 1);
  } else {
    const std::int64_t count = layer.number("parts");
    if (count < 1 || length % count != 0) {
      return layer.fail("cannot cut " + std::to_string(length) + " into " + std::to_string(count) +
                        " equal parts");
    }
    parts.assign(static_cast<std::size_t>(count), length / count);
  }
  MoveAttrs attrs;
  attrs.axis = axis;
  std::vector<std::string> outputs;
  std::int64_t begin = 0;
  for (std::int64_t part : parts) {
    attrs.begin.push_back(begin);
    attrs.end.push_back(begin += part);
    outputs.push_back(layer.name() + "." + std::to_string(outputs.size()));
  }
  if (begin != length) {
    return layer.fail("has parts of " + std::to_string(begin) + " together, the axis has " +
                      std::to_string(length));
  }
  const auto made = layer.add_all(OpKind::kSplit, layer.inputs(), attrs, outputs);
  for (std::size_t i = 0; i < made.size(); ++i) layer.extras[std::to_string(i)] = made[i];
  return made.empty() ? TensorId{} : made[0];
}

TensorId slice(Layer& layer) {
  const Shape in = layer.shape(layer.input());
  const std::int64_t axis = layer.axis("axis", 0, in.size());
  const std::int64_t length = in.empty() ? 1 : in[static_cast<std::size_t>(axis)];
  MoveAttrs attrs;
  attrs.begin.assign(in.size(), 0);
  attrs.end = in;
  attrs.step.assign(in.size(), 1);
  const auto at = static_cast<std::size_t>(axis);
  if (at < in.size()) {
    attrs.begin[at] = layer.number_or("begin", 0, 0);
    attrs.end[at] = layer.number_or("end", length, 0);
    attrs.step[at] = layer.number_or("step", 1);
  }
  return layer.add(OpKind::kSlice, layer.inputs(), attrs);
}

TensorId pad(Layer& layer) {
  MoveAttrs attrs;
  attrs.begin = layer.numbers("begin", 0);
  attrs.end = layer.numbers("end", 0);
  attrs.mode = "constant";
  return layer.add(OpKind::kPad, layer.inputs(), attrs);
}

TensorId resize(Layer& layer) {
  Shape to = layer.shape(layer.input());
  MoveAttrs attrs;
  if (layer.keys().has("size")) {
    const auto size = layer.numbers("size", 1);
    if (size.size() + 2 != to.size()) return layer.fail("needs a size for each direction");
    std::copy(size.begin(), size.end(), to.begin() + 2);
  } else {
    const std::int64_t scale = layer.number("scale");
    for (std::size_t d = 2; d < to.size(); ++d) to[d] *= scale;
  }
  attrs.end = to;
  attrs.mode = layer.keys().optional(
      "mode",
      Choice<std::string>{{{"nearest", "nearest"}, {"linear", "linear"}, {"cubic", "cubic"}}},
      "nearest");
  return layer.add(OpKind::kResize, layer.inputs(), attrs);
}

/// Rows of a table by number. The table is the layer's own, or the second input.
TensorId embedding(Layer& layer) {
  TensorId table;
  if (layer.inputs().size() > 1) {
    table = layer.input(1);
  } else {
    const std::int64_t entries = layer.number("entries");
    const std::int64_t features = layer.number("features");
    table = layer.parameter("table", {entries, features});
  }
  MoveAttrs attrs;
  attrs.axis = layer.axis("axis", 0, layer.shape(table).size());
  return layer.add(OpKind::kGather, {table, layer.input()}, attrs);
}

}  // namespace

const std::map<std::string, LayerKind>& move_layers() {
  static const std::map<std::string, LayerKind> kTable{
      {"parameter", {parameter, 0, 0}},
      {"reshape", {reshape}},
      {"flatten", {flatten}},
      {"transpose", {transpose}},
      {"expand", {expand}},
      {"concat", {concat, 1, 10'000}},
      {"split", {split}},
      {"slice", {slice}},
      {"pad", {pad}},
      {"resize", {resize}},
      {"embedding", {embedding, 1, 2}},
  };
  return kTable;
}

}  // namespace takt
