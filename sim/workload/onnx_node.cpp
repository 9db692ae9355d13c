// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/onnx_node.h"

#include <algorithm>

namespace takt {

OnnxNode::OnnxNode(const onnx::NodeProto& proto, std::string name, std::int64_t opset,
                   std::vector<TensorId> inputs, GraphBuilder& builder, const std::string& folder)
    : proto_(proto),
      name_(std::move(name)),
      opset_(opset),
      inputs_(std::move(inputs)),
      builder_(builder),
      folder_(folder) {}

void OnnxNode::complain(ErrorKind kind, const char* name, const std::string& message) {
  Diagnostic error;
  error.kind = kind;
  error.name = name;
  error.path = "node '" + name_ + "'";
  error.message = type() + ": " + message;
  errors_.push_back(error);
}

void OnnxNode::fail(const std::string& message) {
  complain(ErrorKind::kInvalidInput, "E-onnx-node", message);
}
void OnnxNode::unsupported(const std::string& message) {
  complain(ErrorKind::kUnsupported, "E-unsupported-feature", message);
}

bool OnnxNode::require(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (has(i)) continue;
    fail("input " + std::to_string(i) + " is missing");
    return false;
  }
  return true;
}

bool OnnxNode::known(std::size_t i, const char* what) {
  const Tensor& x = tensor(in(i));
  if (is_constant(x) && builder_.spend(element_count(x.shape).value_or(kMaxTensorElements))) {
    return true;
  }
  complain(ErrorKind::kUnsupported, "E-dynamic-shape",
           std::string(what) + " ('" + x.name + "') is only known when the network runs");
  return false;
}

std::optional<OnnxNode::Ints> OnnxNode::ints_of(std::size_t i, const char* what) {
  if (!known(i, what)) return std::nullopt;
  if (const auto* whole = std::get_if<Tensor::IntData>(&tensor(in(i)).constant)) return *whole;
  fail(std::string(what) + " must be whole numbers");
  return std::nullopt;
}

std::optional<std::vector<double>> OnnxNode::floats_of(std::size_t i, const char* what) {
  if (!known(i, what)) return std::nullopt;
  const Tensor& x = tensor(in(i));
  return std::get<Tensor::FloatData>(convert(x.constant, x.dtype, DType::kFp64));
}

const onnx::AttributeProto* OnnxNode::find(std::string_view name) const {
  for (const auto& attribute : proto_.attribute()) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}

const onnx::AttributeProto* OnnxNode::typed(std::string_view name,
                                            onnx::AttributeProto::AttributeType type) {
  const onnx::AttributeProto* attribute = find(name);
  // The earliest writers left the type out.
  if (!attribute || attribute->type() == type ||
      attribute->type() == onnx::AttributeProto::UNDEFINED) {
    return attribute;
  }
  fail("attribute '" + std::string(name) + "' is of the wrong type");
  return nullptr;
}

std::int64_t OnnxNode::int_attribute(std::string_view name, std::int64_t otherwise) {
  const auto* attribute = typed(name, onnx::AttributeProto::INT);
  return attribute ? attribute->i() : otherwise;
}
double OnnxNode::float_attribute(std::string_view name, double otherwise) {
  const auto* attribute = typed(name, onnx::AttributeProto::FLOAT);
  return attribute ? static_cast<double>(attribute->f()) : otherwise;
}
std::string OnnxNode::string_attribute(std::string_view name, const std::string& otherwise) {
  const auto* attribute = typed(name, onnx::AttributeProto::STRING);
  return attribute ? attribute->s() : otherwise;
}
std::optional<OnnxNode::Ints> OnnxNode::ints_attribute(std::string_view name) {
  const auto* attribute = typed(name, onnx::AttributeProto::INTS);
  if (!attribute) return std::nullopt;
  return Ints(attribute->ints().begin(), attribute->ints().end());
}
std::optional<std::vector<double>> OnnxNode::floats_attribute(std::string_view name) {
  const auto* attribute = typed(name, onnx::AttributeProto::FLOATS);
  if (!attribute) return std::nullopt;
  return std::vector<double>(attribute->floats().begin(), attribute->floats().end());
}

std::optional<OnnxNode::Ints> OnnxNode::attribute_or_input(std::string_view attribute,
                                                           std::size_t i, std::int64_t since) {
  if (opset_ < since) return ints_attribute(attribute);
  if (!has(i)) return std::nullopt;
  return ints_of(i, std::string(attribute).c_str());
}

std::int64_t OnnxNode::axis(std::int64_t axis, std::int64_t rank) {
  if (axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
  fail("axis " + std::to_string(axis) + " is outside its input's " + std::to_string(rank) +
       " dimensions");
  return 0;
}

std::optional<OnnxNode::Ints> OnnxNode::sorted_axes(Ints axes, std::int64_t rank) {
  for (std::int64_t& each : axes) each = axis(each, rank);
  std::sort(axes.begin(), axes.end());
  if (std::adjacent_find(axes.begin(), axes.end()) != axes.end() && !failed()) {
    fail("an axis is given twice");
  }
  if (failed()) return std::nullopt;
  return axes;
}

const std::string& OnnxNode::output_name(std::size_t i) const {
  return proto_.output(static_cast<int>(i));
}

void OnnxNode::finish_all(OpKind kind, Attributes attributes, std::vector<TensorId> inputs,
                          const std::vector<std::string>& outputs) {
  if (failed()) return;
  Op op;
  op.name = name_;
  op.kind = kind;
  op.inputs = std::move(inputs);
  op.attributes = std::move(attributes);
  op.source = type();
  const auto ids = builder_.add_op(std::move(op), outputs);
  if (!ids) {
    errors_.insert(errors_.end(), ids.errors().begin(), ids.errors().end());
    return;
  }
  for (std::size_t i = 0; i < ids->size(); ++i) set(i, (*ids)[i]);
}

TensorId OnnxNode::emit(OpKind kind, Attributes attributes, std::vector<TensorId> inputs,
                        const std::string& suffix, DType cast_to) {
  if (failed()) return {};
  Op op;
  op.name = suffix.empty() ? name_ : name_ + "." + suffix;
  op.kind = kind;
  op.inputs = std::move(inputs);
  op.attributes = std::move(attributes);
  op.source = type();
  const std::string output = suffix.empty() && wants(0) ? output_name(0) : op.name;
  const auto ids = builder_.add_op(std::move(op), {output}, cast_to);
  if (ids) return ids->front();
  errors_.insert(errors_.end(), ids.errors().begin(), ids.errors().end());
  return {};
}

void OnnxNode::finish(OpKind kind, Attributes attributes, std::vector<TensorId> inputs,
                      DType cast_to) {
  set(0, emit(kind, std::move(attributes), std::move(inputs), "", cast_to));
}

void OnnxNode::set(std::size_t i, TensorId id) {
  if (results_.size() <= i) results_.resize(i + 1);
  results_[i] = id;
}

TensorId OnnxNode::reshape(TensorId x, Shape shape, const std::string& suffix) {
  MoveAttrs attrs;
  attrs.end = std::move(shape);
  return emit(OpKind::kReshape, attrs, {x}, suffix);
}

TensorId OnnxNode::transpose(TensorId x, Ints permutation, const std::string& suffix) {
  return emit(OpKind::kTranspose, TransposeAttrs{std::move(permutation)}, {x}, suffix);
}

}  // namespace takt
