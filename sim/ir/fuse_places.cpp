// SPDX-License-Identifier: Apache-2.0
// Where values lie: views of stored tensors, slices of concatenations, copies if nothing else
// helps.
#include <algorithm>

#include "sim/base/check.h"
#include "sim/ir/fuse_state.h"

namespace takt::fusing {
namespace {

bool multiplies(OpKind kind) {
  return kind == OpKind::kConv || kind == OpKind::kConvTranspose || kind == OpKind::kMatMul ||
         kind == OpKind::kLstm || kind == OpKind::kGru || kind == OpKind::kRnn;
}

/// Kinds that read [N, C, H, W] by position, for which channel-last storage is the natural one.
bool spatial(OpKind kind) {
  switch (kind) {
    case OpKind::kConv:
    case OpKind::kConvTranspose:
    case OpKind::kMaxPool:
    case OpKind::kAveragePool:
    case OpKind::kLrn:
    case OpKind::kResize:
    case OpKind::kBatchNorm:
    case OpKind::kGroupNorm:
    case OpKind::kInstanceNorm: return true;
    default: return false;
  }
}

bool keeps_shape(OpKind kind) {
  return kind == OpKind::kUnary || kind == OpKind::kBinary || kind == OpKind::kClip ||
         kind == OpKind::kCast || kind == OpKind::kPad;
}

/// Orders that differ only where extents are 1 are the same layout.
bool same_layout(const DimOrder& a, const DimOrder& b, const Shape& shape) {
  const auto long_only = [&](const DimOrder& order) {
    DimOrder out;
    for (std::size_t d : order) {
      if (shape[d] != 1) out.push_back(d);
    }
    return out;
  };
  return long_only(a) == long_only(b);
}

/// The single index a Gather takes, if it is known: then it is a slice.
std::optional<std::int64_t> constant_index(const Graph& graph, const Op& o) {
  if (o.kind != OpKind::kGather || o.inputs.size() < 2) return std::nullopt;
  const Tensor& indices = graph.tensor(o.inputs[1]);
  const auto* values = std::get_if<Tensor::IntData>(&indices.constant);
  if (!values || values->size() != 1) return std::nullopt;
  const auto axis = static_cast<std::size_t>(std::get<MoveAttrs>(o.attributes).axis);
  const std::int64_t extent = graph.tensor(o.inputs[0]).shape.at(axis);
  const std::int64_t index = values->front() < 0 ? values->front() + extent : values->front();
  if (index < 0 || index >= extent) return std::nullopt;
  return index;
}

}  // namespace

// A concatenation is written in place by what makes its operands. Later ones choose first: in a
// dense block the last holds all, and the earlier ones are then the front of it.
void Fuser::claim_concatenations() {
  for (std::size_t i = graph_.ops.size(); i-- > 0;) {
    const Op& o = graph_.ops[i];
    if (o.kind != OpKind::kConcat) continue;
    const auto axis = static_cast<std::size_t>(std::get<MoveAttrs>(o.attributes).axis);
    std::int64_t begin = 0;
    for (TensorId input : o.inputs) {
      const Tensor& tensor = graph_.tensor(input);
      const OpId maker = producer_[input.index];
      if (maker.valid() && !tensor.is_output && !claims_[input.index] && !is_view(op(maker)) &&
          !is_parameter(input) && !is_parameter(o.outputs[0])) {
        claims_[input.index] = Claim{o.outputs[0], axis, begin};
      }
      begin += tensor.shape[axis];
    }
  }
}

bool Fuser::is_parameter(TensorId id) {
  int& known = parameter_[id.index];
  if (known >= 0) return known == 1;
  const OpId maker = producer_[id.index];
  if (!maker.valid()) {
    known = graph_.tensor(id).kind != TensorKind::kInput;
    return known == 1;
  }
  bool all = !multiplies(op(maker).kind);
  for (TensorId input : op(maker).inputs) {
    all = all && (!input.valid() || is_parameter(input));
  }
  parameter_[id.index] = all;
  return all;
}

bool Fuser::is_view(const Op& o) const {
  switch (o.kind) {
    case OpKind::kReshape:
    case OpKind::kTranspose:
    case OpKind::kExpand:
    case OpKind::kSplit:
    case OpKind::kSlice: return true;
    case OpKind::kUnary: return std::get<UnaryAttrs>(o.attributes).kind == UnaryKind::kIdentity;
    case OpKind::kCast: return stored_dtype(o.inputs[0]) == stored_dtype(o.outputs[0]);
    case OpKind::kPad: {
      const auto& attrs = std::get<MoveAttrs>(o.attributes);
      const auto nothing = [](std::int64_t pad) { return pad == 0; };
      return std::all_of(attrs.begin.begin(), attrs.begin.end(), nothing) &&
             std::all_of(attrs.end.begin(), attrs.end.end(), nothing);
    }
    case OpKind::kGather: return constant_index(graph_, o).has_value();
    default: return false;
  }
}

std::optional<View> Fuser::apply_view(const Op& o, const View& view, std::size_t output) const {
  const Shape& to = shape(o.outputs[output]);
  switch (o.kind) {
    case OpKind::kReshape: return reshape(view, to);
    case OpKind::kTranspose:
      return transpose(view, std::get<TransposeAttrs>(o.attributes).permutation);
    case OpKind::kExpand: return broadcast(view, to);
    case OpKind::kSplit: {
      const auto& attrs = std::get<MoveAttrs>(o.attributes);
      const auto axis = static_cast<std::size_t>(attrs.axis);
      return slice(view, axis, attrs.begin.at(output), to[axis]);
    }
    case OpKind::kGather: {
      const auto axis = static_cast<std::size_t>(std::get<MoveAttrs>(o.attributes).axis);
      auto one = slice(view, axis, *constant_index(graph_, o), 1);
      return one ? reshape(*one, to) : one;
    }
    case OpKind::kSlice: {
      const auto& attrs = std::get<MoveAttrs>(o.attributes);
      std::optional<View> out = view;
      for (std::size_t d = 0; out && d < to.size(); ++d) {
        out = slice(*out, d, attrs.begin[d], to[d], attrs.step[d]);
      }
      return out;
    }
    default: return view;  // identity, a cast that changes nothing, a pad by nothing
  }
}

std::optional<View> Fuser::place(TensorId id) {
  std::optional<View>& known = places_[id.index];
  if (known) return known;
  const Tensor& tensor = graph_.tensor(id);
  const OpId maker = producer_[id.index];
  if (!maker.valid()) {
    const bool input = tensor.kind == TensorKind::kInput;
    known = new_stored(id, tensor.name, tensor.shape,
                       input ? input_order(id) : row_major(tensor.shape.size()), stored_dtype(id),
                       input ? TensorKind::kInput : TensorKind::kParameter);
    return known;
  }
  const Op& o = op(maker);
  if (is_view(o)) {
    const std::size_t output = static_cast<std::size_t>(
        std::find(o.outputs.begin(), o.outputs.end(), id) - o.outputs.begin());
    const auto from = place(o.inputs[0]);
    const auto view = from ? apply_view(o, *from, output) : from;
    if (view) places_[id.index] = view;
    if (view || !is_parameter(id)) return view;
  }
  if (!is_parameter(id)) return std::nullopt;
  // Computed before the network runs, from parameters alone: it lies there like one of them.
  done_[maker.index] = true;
  if (std::find(out_.folded.begin(), out_.folded.end(), maker) == out_.folded.end()) {
    out_.folded.push_back(maker);
  }
  places_[id.index] = new_stored(id, tensor.name, tensor.shape, row_major(tensor.shape.size()),
                                 stored_dtype(id), TensorKind::kParameter);
  return places_[id.index];
}

View Fuser::placed(TensorId id) {
  const auto view = place(id);
  CHECK(view.has_value()) << "'" << graph_.tensor(id).name << "' is read before it is made";
  return *view;
}

View Fuser::new_stored(TensorId id, const std::string& name, const Shape& dims,
                       const DimOrder& order, DType dtype, TensorKind kind) {
  StoredTensor stored;
  stored.name = name;
  stored.dtype = dtype;
  stored.elements = elements_of(dims);
  stored.kind = kind;
  stored.graph_tensor = id;
  const TensorId at{static_cast<std::uint32_t>(out_.tensors.size())};
  out_.tensors.push_back(std::move(stored));
  return dense_view(at, dims, order);
}

View Fuser::allocate(TensorId id, const DimOrder& order) {
  const Shape& dims = shape(id);
  std::optional<View>& storage = prepared_[id.index];
  if (storage) return *storage;
  const auto& claim = claims_[id.index];
  if (claim) {
    const View whole = allocate(claim->whole, order);
    if (same_layout(order_in_memory(whole), order, shape(claim->whole)) &&
        out_.tensors[whole.stored.index].dtype == stored_dtype(id)) {
      storage = slice(whole, claim->axis, claim->begin, dims[claim->axis]);
    }
  }
  if (!storage) {
    storage = new_stored(id, graph_.tensor(id).name, dims, order, stored_dtype(id),
                         TensorKind::kActivation);
  }
  return *storage;
}

View Fuser::allocate_result(const Group& group, const DimOrder& order) {
  if (group.chain.empty()) {
    const View out = allocate(group.result, order);
    places_[group.result.index] = out;
    return out;
  }
  const View stream =
      new_stored(group.result, graph_.tensor(group.result).name, shape(group.stream), order,
                 stored_dtype(group.result), TensorKind::kActivation);
  View result = stream;
  for (OpId id : group.chain) {
    const auto next = apply_view(op(id), result, 0);
    CHECK(next.has_value()) << "a view that fused does not apply: " << op(id).name;
    result = *next;
  }
  places_[group.result.index] = result;
  return stream;
}

DimOrder Fuser::input_order(TensorId id) const {
  const std::size_t rank = shape(id).size();
  if (rank < 3) return row_major(rank);
  TensorId at = id;
  for (int steps = 0; steps < 8 && !readers_[at.index].empty(); ++steps) {
    const Op& reader = op(readers_[at.index].front());
    if (spatial(reader.kind) && reader.inputs[0] == at) return channel_last(rank);
    if (!keeps_shape(reader.kind) || shape(reader.outputs[0]).size() != rank) break;
    at = reader.outputs[0];
  }
  return row_major(rank);
}

}  // namespace takt::fusing
