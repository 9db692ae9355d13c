// SPDX-License-Identifier: Apache-2.0
#include "sim/functional/semantics.h"

#include <algorithm>

#include "sim/base/check.h"
#include "sim/functional/semantics_state.h"
#include "sim/ir/resize_mode.h"

namespace takt {

std::vector<std::int64_t> row_major_strides(const Shape& shape) {
  std::vector<std::int64_t> strides(shape.size(), 1);
  for (std::size_t d = shape.size(); d-- > 1;) strides[d - 1] = strides[d] * shape[d];
  return strides;
}

OperandWalk make_walk(const Shape& shape, const std::vector<std::int64_t>& strides,
                      std::int64_t offset) {
  OperandWalk walk;
  walk.offset = offset;
  for (std::size_t d = shape.size(); d-- > 0;) {
    if (shape[d] == 1) continue;
    if (!walk.steps.empty()) {
      OperandWalk::Step& inner = walk.steps.back();
      if (strides[d] == inner.extent * inner.stride) {
        inner.extent *= shape[d];
        continue;
      }
    }
    walk.steps.push_back({shape[d], strides[d]});
  }
  return walk;
}

OperandWalk broadcast_walk(const Shape& shape, const Shape& to) {
  const std::vector<std::int64_t> dense = row_major_strides(shape);
  std::vector<std::int64_t> strides(to.size(), 0);
  for (std::size_t d = 0; d < shape.size(); ++d) {
    if (shape[d] != 1) strides[to.size() - shape.size() + d] = dense[d];
  }
  return make_walk(to, strides);
}

std::vector<std::int64_t> split_index(const Shape& shape, std::int64_t index) {
  std::vector<std::int64_t> out(shape.size(), 0);
  for (std::size_t d = shape.size(); d-- > 0;) {
    out[d] = index % shape[d];
    index /= shape[d];
  }
  return out;
}

Semantics::Semantics(const Graph& graph, DType precision)
    : graph_(graph), precision_(precision), prepared_(graph.ops.size()) {}
Semantics::~Semantics() = default;

DType Semantics::dtype(TensorId id) const {
  const DType own = graph_.tensor(id).dtype;
  return graph_.dtype_open && info(own).is_float ? precision_ : own;
}

bool Semantics::quantised(TensorId id) const {
  const DType type = dtype(id);
  return type == DType::kInt8 || type == DType::kInt16;
}

std::int64_t Semantics::elements(TensorId id) const {
  std::int64_t product = 1;
  for (const std::int64_t extent : graph_.tensor(id).shape) product *= extent;
  return product;
}

bool Semantics::is_matrix(OpId id) const {
  const OpKind kind = op(id).kind;
  return kind == OpKind::kConv || kind == OpKind::kConvTranspose || kind == OpKind::kMatMul;
}

bool Semantics::scaled(OpId id) const {
  const Op& o = op(id);
  if (!quantised(o.outputs[0])) return false;
  switch (o.kind) {
    case OpKind::kConv:
    case OpKind::kConvTranspose:
    case OpKind::kMatMul:
    case OpKind::kSum:
    case OpKind::kLayerNorm:
    case OpKind::kGroupNorm:
    case OpKind::kInstanceNorm:
    case OpKind::kBatchNorm:
    case OpKind::kRmsNorm: return true;
    case OpKind::kBinary:
      switch (std::get<BinaryAttrs>(o.attributes).kind) {
        case BinaryKind::kAdd:
        case BinaryKind::kSub:
        case BinaryKind::kMul:
        case BinaryKind::kDiv:
        case BinaryKind::kPow: return true;
        default: return false;
      }
    case OpKind::kSoftmax: return !std::get<AxesAttrs>(o.attributes).logarithm;
    case OpKind::kReduce:
      switch (std::get<AxesAttrs>(o.attributes).reduce) {
        case ReduceKind::kSum:
        case ReduceKind::kL1:
        case ReduceKind::kL2:
        case ReduceKind::kSumSquare: return true;
        default: return false;
      }
    default: return false;
  }
}

std::int64_t Semantics::reduction(OpId id) const {
  const Op& o = op(id);
  const Shape& a = graph_.tensor(o.inputs[0]).shape;
  const Shape& b = graph_.tensor(o.inputs[1]).shape;
  std::int64_t k = 1;
  if (o.kind == OpKind::kConv) {
    for (std::size_t d = 1; d < b.size(); ++d) k *= b[d];
  } else if (o.kind == OpKind::kConvTranspose) {  // [C, O/g, R, S]
    k = b[0] / std::get<WindowAttrs>(o.attributes).groups;
    for (std::size_t d = 2; d < b.size(); ++d) k *= b[d];
  } else if (o.kind == OpKind::kMatMul && !a.empty()) {
    const bool turned = std::get<MatMulAttrs>(o.attributes).transpose_a && a.size() > 1;
    k = turned ? a[a.size() - 2] : a.back();
  }
  return k;
}

std::int64_t Semantics::weight_sums(OpId id, std::size_t operand) const {
  const Op& o = op(id);
  switch (o.kind) {
    case OpKind::kConv:
    case OpKind::kConvTranspose:
    case OpKind::kMatMul: return operand == 1 ? reduction(id) : 0;
    case OpKind::kLstm:
    case OpKind::kGru:
    case OpKind::kRnn:
      return operand == 1 || operand == 2 ? graph_.tensor(o.inputs[operand]).shape[2] : 0;
    default: return 0;
  }
}

std::string Semantics::unsupported(OpId id) const {
  const Op& o = op(id);
  const std::size_t rank =
      o.inputs.empty() || !o.inputs[0].valid() ? 0 : graph_.tensor(o.inputs[0]).shape.size();
  const bool image = rank == 3 || rank == 4;
  switch (o.kind) {
    case OpKind::kConv:
    case OpKind::kConvTranspose:
    case OpKind::kMaxPool:
    case OpKind::kAveragePool:
      return image || std::get<WindowAttrs>(o.attributes).global
                 ? ""
                 : "values of windows over " + std::to_string(rank) + " dimensions are not defined";
    case OpKind::kResize: {
      const auto mode = resize_mode_from(std::get<MoveAttrs>(o.attributes).mode);
      if (!mode) return "this way of resizing has no values";
      if (mode->antialias) return "resizing with antialias has no values";
      const Shape& in = graph_.tensor(o.inputs[0]).shape;
      const Shape& out = graph_.tensor(o.outputs[0]).shape;
      const bool planes = image && in[0] == out[0] && in[1] == out[1];
      return planes ? "" : "only resizing of images has values";
    }
    default: return "";
  }
}

Semantics::Prepared& Semantics::prepare(OpId id) {
  std::unique_ptr<Prepared>& slot = prepared_[id.index];
  if (slot) return *slot;
  slot = std::make_unique<Prepared>();
  const Op& o = op(id);
  prepare_walks(*slot, o);
  prepare_rows(*slot, o);
  prepare_moves(*slot, o);
  if (!o.outputs[0].valid()) return *slot;
  const DType type = dtype(o.outputs[0]);
  if (o.kind == OpKind::kResize) prepare_resize(*slot, o);
  if (quantised(o.outputs[0]) && o.kind == OpKind::kUnary) {
    slot->table = unary_table(std::get<UnaryAttrs>(o.attributes), type);
  }
  // A softmax is twice as steep, so that its results do not all look alike; sums of logarithms are
  // what they say.
  if (quantised(o.outputs[0]) && o.kind == OpKind::kSoftmax) {
    slot->exponentials = exponential_table(type, 2);
  }
  if (quantised(o.outputs[0]) && o.kind == OpKind::kReduce) {
    slot->exponentials = exponential_table(type, 1);
  }
  return *slot;
}

// Operands as the result broadcasts them; channels of norms run along dimension 1.
void Semantics::prepare_walks(Prepared& p, const Op& o) const {
  const Shape& out = graph_.tensor(o.outputs[0]).shape;
  const bool by_channel = o.kind == OpKind::kBatchNorm || o.kind == OpKind::kInstanceNorm ||
                          o.kind == OpKind::kGroupNorm;
  for (std::size_t i = 0; i < o.inputs.size(); ++i) {
    OperandWalk walk;
    if (o.inputs[i].valid()) {
      const Shape& shape = graph_.tensor(o.inputs[i]).shape;
      if (i > 0 && by_channel) {
        const std::int64_t each = std::max<std::int64_t>(1, out[1] / shape[0]);
        std::int64_t spatial = 1;
        for (std::size_t d = 2; d < out.size(); ++d) spatial *= out[d];
        walk = make_walk({out[0], shape[0], each, spatial}, {0, 1, 0, 0});
      } else if (i == 2 && (o.kind == OpKind::kConv || o.kind == OpKind::kConvTranspose)) {
        std::int64_t spatial = 1;
        for (std::size_t d = 2; d < out.size(); ++d) spatial *= out[d];
        walk = make_walk({out[0], out[1], spatial}, {0, 1, 0});
      } else if (shape.size() <= out.size()) {
        walk = broadcast_walk(shape, out);
      }
    }
    p.walks.push_back(std::move(walk));
  }
}

double Semantics::element(OpId id, std::size_t output, std::int64_t index, ElementSource& source) {
  return Evaluation(*this, id, prepare(id), source).element(output, index);
}

double Semantics::Evaluation::element(std::size_t output, std::int64_t index) {
  switch (op_.kind) {
    case OpKind::kUnary: return unary(index);
    case OpKind::kClip: return clip(index);
    case OpKind::kCast: return cast(index);
    case OpKind::kBinary: return binary(index);
    case OpKind::kSum: return sum(index);
    case OpKind::kWhere: return walked(walked(0, index) != 0 ? 1 : 2, index);
    case OpKind::kSoftmax: return softmax(index);
    case OpKind::kLayerNorm:
    case OpKind::kGroupNorm:
    case OpKind::kInstanceNorm:
    case OpKind::kRmsNorm: return norm(index);
    case OpKind::kBatchNorm: return batch_norm(index);
    case OpKind::kReduce: return reduce(index);
    case OpKind::kArgMax: return arg_max(index);
    case OpKind::kTopK: return top_k(output, index);
    case OpKind::kMaxPool:
    case OpKind::kAveragePool: return pool(index);
    case OpKind::kLrn: return lrn(index);
    case OpKind::kResize: return resize(index);
    case OpKind::kConcat: return concat(index);
    case OpKind::kSplit: return split(output, index);
    case OpKind::kSlice:
    case OpKind::kTranspose:
    case OpKind::kReshape:
    case OpKind::kExpand: return walked(0, index);
    case OpKind::kPad: return pad(index);
    case OpKind::kGather: return gather(index);
    default: break;
  }
  CHECK(false) << "no values of op '" << op_.name << "'";
  return 0;
}

double Semantics::with_bias(OpId id, double sum, std::int64_t index, ElementSource& source) {
  const Op& o = op(id);
  const bool whole = !info(dtype(o.outputs[0])).is_float;
  const auto* attrs = std::get_if<MatMulAttrs>(&o.attributes);
  // 32-bit sums, which wrap; alpha and beta are part of the scale there.
  if (whole) sum = rounded(DType::kInt32, sum);
  if (!whole && attrs != nullptr) sum *= attrs->alpha;
  if (o.inputs.size() < 3 || !o.inputs[2].valid()) return sum;
  const double bias = source.at(o.inputs[2], prepare(id).walks[2].at(index));
  if (!whole) return sum + (attrs != nullptr ? attrs->beta * bias : bias);
  if (!quantised(o.outputs[0])) return sum + bias;
  const auto factor = static_cast<double>(std::int64_t{1} << bias_shift(reduction(id)));
  return rounded(DType::kInt32, sum + bias * factor);
}

double Semantics::finish(OpId id, double wide, Scale scale) const {
  const DType type = dtype(op(id).outputs[0]);
  if (!scaled(id)) return rounded(type, wide);
  return static_cast<double>(requantise(static_cast<std::int64_t>(wide), scale, type));
}

void Semantics::forget() {
  for (const auto& p : prepared_) {
    if (!p) continue;
    p->rows.clear();
    p->ranks.clear();
  }
}

}  // namespace takt
