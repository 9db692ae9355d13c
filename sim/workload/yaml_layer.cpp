// SPDX-License-Identifier: Apache-2.0
// What a kind of layer works with: its keys, its operands, the ops it adds.
#include <algorithm>

#include "sim/ir/print_names.h"
#include "sim/workload/yaml_layers.h"

namespace takt {

const LayerKind* kind_of(const std::string& word) {
  for (const auto* table : {&matrix_layers(), &vector_layers(), &move_layers()}) {
    const auto found = table->find(word);
    if (found != table->end()) return &found->second;
  }
  return nullptr;
}

std::vector<std::string> kind_names() {
  std::vector<std::string> names;
  for (const auto* table : {&matrix_layers(), &vector_layers(), &move_layers()}) {
    for (const auto& [name, kind] : *table) {
      (void)kind;
      names.push_back(name);
    }
  }
  return names;
}

std::optional<TensorId> Values::find(const std::string& name) const {
  for (const Values* values = this; values != nullptr; values = values->outer_) {
    const auto found = values->ids_.find(name);
    if (found != values->ids_.end()) return found->second;
  }
  return std::nullopt;
}

std::vector<std::string> Values::names() const {
  std::vector<std::string> out;
  for (const Values* values = this; values != nullptr; values = values->outer_) {
    for (const auto& [name, id] : values->ids_) {
      (void)id;
      out.push_back(name);
    }
  }
  return out;
}

std::int64_t Layer::number(const char* key, std::int64_t min) {
  return reader_.required(key, amount(min));
}

std::int64_t Layer::number_or(const char* key, std::int64_t fallback, std::int64_t min) {
  return reader_.optional(key, amount(min), fallback);
}

std::vector<std::int64_t> Layer::numbers(const char* key, std::int64_t min) {
  return reader_.list(key, Amount{&scope_, min}, 0);
}

std::pair<std::int64_t, std::int64_t> Layer::pair(const char* key, std::int64_t fallback,
                                                  std::int64_t min) {
  const Node* node = reader_.take(key);
  if (node == nullptr) return {fallback, fallback};
  if (!node->is_list()) {
    const std::int64_t both = number_or(key, fallback, min);
    return {both, both};
  }
  const auto values = reader_.list(key, amount(min), 2, 2);
  if (values.size() != 2) return {fallback, fallback};
  return {values[0], values[1]};
}

std::int64_t Layer::axis(const char* key, std::int64_t fallback, std::size_t rank) {
  const auto size = static_cast<std::int64_t>(rank);
  const std::int64_t value = number_or(key, fallback, -size);
  if (value >= size) {
    reader_.error(key, "E-out-of-range", "the input has " + std::to_string(rank) + " dimensions");
    return 0;
  }
  return value < 0 ? value + size : value;
}

TensorId Layer::parameter(const std::string& suffix, Shape shape) {
  return parameter(suffix, std::move(shape), net_.dtype);
}

TensorId Layer::parameter(const std::string& suffix, Shape shape, DType dtype) {
  Tensor tensor;
  tensor.name = suffix.empty() ? name_ : name_ + "." + suffix;
  tensor.shape = std::move(shape);
  tensor.dtype = dtype;
  tensor.kind = TensorKind::kParameter;
  return net_.builder.add_tensor(std::move(tensor));
}

namespace {
ConstantData one_element(double value, DType dtype) {
  if (info(dtype).is_float) return Tensor::FloatData{value};
  constexpr double kWholeMax = 9007199254740992;  // 2^53
  return Tensor::IntData{static_cast<std::int64_t>(std::clamp(value, -kWholeMax, kWholeMax))};
}
}  // namespace

TensorId Layer::constant(const std::string& suffix, double value, DType dtype) {
  return net_.builder.add_constant(name_ + "." + suffix, {}, dtype, one_element(value, dtype));
}

TensorId Layer::known(Shape shape, double value, DType dtype) {
  return net_.builder.add_constant(name_, std::move(shape), dtype, one_element(value, dtype));
}

TensorId Layer::add(OpKind kind, std::vector<TensorId> operands, Attributes attributes,
                    const std::string& suffix, DType cast_to) {
  Op op;
  op.name = suffix.empty() ? name_ : name_ + "." + suffix;
  op.kind = kind;
  op.inputs = std::move(operands);
  op.attributes = std::move(attributes);
  op.source = std::string(to_string(kind));
  const std::string output = op.name;
  const auto made = net_.builder.add_op(std::move(op), {output}, cast_to);
  if (!made) {
    fail(made.errors().front().message, made.errors().front().hint);
    return {};
  }
  return made->front();
}

std::vector<TensorId> Layer::add_all(OpKind kind, std::vector<TensorId> operands,
                                     Attributes attributes, const std::vector<std::string>& outputs,
                                     const std::string& suffix) {
  Op op;
  op.name = suffix.empty() ? name_ : name_ + "." + suffix;
  op.kind = kind;
  op.inputs = std::move(operands);
  op.attributes = std::move(attributes);
  op.source = std::string(to_string(kind));
  auto made = net_.builder.add_op(std::move(op), outputs);
  if (!made) {
    fail(made.errors().front().message, made.errors().front().hint);
    return {};
  }
  return *made;
}

TensorId Layer::fail(const std::string& message, const std::string& hint) {
  reader_.error_here("E-shape", "layer '" + name_ + "' " + message, hint);
  return {};
}

}  // namespace takt
