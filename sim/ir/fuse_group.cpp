// SPDX-License-Identifier: Apache-2.0
// What runs together: from one op onwards, elementwise ops join as long as exactly one value
// leaves.
#include <algorithm>
#include <map>

#include "sim/base/check.h"
#include "sim/ir/fuse_state.h"
#include "sim/ir/print_names.h"

namespace takt::fusing {
namespace {

constexpr std::size_t kMembersMax = 64;

bool row_wise(OpKind kind) {
  return kind == OpKind::kSoftmax || kind == OpKind::kLayerNorm || kind == OpKind::kRmsNorm;
}

bool channel_wise(OpKind kind) {
  return kind == OpKind::kBatchNorm || kind == OpKind::kGroupNorm || kind == OpKind::kInstanceNorm;
}

bool elementwise_kind(OpKind kind) {
  switch (kind) {
    case OpKind::kUnary:
    case OpKind::kBinary:
    case OpKind::kSum:
    case OpKind::kWhere:
    case OpKind::kCast:
    case OpKind::kClip:
    case OpKind::kBatchNorm: return true;
    default: return false;
  }
}

/// A value of the group: where it is in the stream, counted row-major (to compare operands), and in
/// the memory the stream will have (to know that it can be stored so).
struct Value {
  View logical, physical;
  std::vector<OpId> chain;
};

/// A view of `from`'s shape, for an operand whose index is the value's: back to the stream's shape.
std::optional<View> pull_back(const View& operand, const View& logical, const Shape& stream) {
  std::vector<Loop> loops;
  for (std::size_t d = 0; d < logical.dims.size(); ++d) {
    const auto part = walk_together({logical.dims[d], operand.dims[d]});
    if (!part) return std::nullopt;
    loops.insert(loops.end(), part->begin(), part->end());
  }
  std::stable_sort(loops.begin(), loops.end(),
                   [](const Loop& a, const Loop& b) { return a.strides[0] > b.strides[0]; });
  View flat;
  flat.stored = operand.stored;
  flat.offset = operand.offset;
  flat.dims.resize(1);
  for (const Loop& loop : loops) flat.dims[0].push_back({loop.extent, loop.strides[1]});
  flat.dims[0] = normal(flat.dims[0]);
  return reshape(flat, stream);
}

class Growth {
 public:
  Growth(Fuser& fuser, Group group, const DimOrder& order, bool vector)
      : fuser_(fuser), group_(std::move(group)), vector_(vector) {
    const Shape& stream = fuser.shape(group_.stream);
    values_[group_.stream.index] = {
        dense_view({}, stream, row_major(stream.size())), dense_view({}, stream, order), {}};
    for (OpId id : group_.members) inside_.insert(id.index);
    operands_ = group_.read_first;
    for (const Step& step : group_.steps) operands_ += step.operands.size();
    enqueue(group_.stream);
  }

  Group run() {
    Group best = group_;
    while (!candidates_.empty() && group_.members.size() < kMembersMax) {
      const OpId id{*candidates_.begin()};
      candidates_.erase(candidates_.begin());
      if (fuser_.done_[id.index] || inside_.count(id.index)) continue;
      const bool view = fuser_.is_view(fuser_.op(id));
      if (!(view ? join_view(id) : join_step(id))) continue;
      inside_.insert(id.index);
      group_.members.push_back(id);
      const TensorId output = fuser_.op(id).outputs[0];
      enqueue(output);
      if (!view && leaves_alone(output)) {
        group_.result = output;
        group_.chain = values_[output.index].chain;
        best = group_;
      }
    }
    return best;
  }

 private:
  void enqueue(TensorId id) {
    for (OpId reader : fuser_.readers_[id.index]) candidates_.insert(reader.index);
  }

  bool join_view(OpId id) {
    const Op& o = fuser_.op(id);
    const bool one_to_one = o.kind == OpKind::kReshape || o.kind == OpKind::kTranspose ||
                            o.kind == OpKind::kUnary || o.kind == OpKind::kCast;
    const auto from = values_.find(o.inputs[0].index);
    if (!one_to_one || from == values_.end()) return false;
    const auto logical = fuser_.apply_view(o, from->second.logical, 0);
    const auto physical = fuser_.apply_view(o, from->second.physical, 0);
    if (!logical || !physical) return false;
    Value value{*logical, *physical, from->second.chain};
    if (o.kind == OpKind::kReshape || o.kind == OpKind::kTranspose) value.chain.push_back(id);
    values_[o.outputs[0].index] = std::move(value);
    return true;
  }

  bool join_step(OpId id) {
    const Op& o = fuser_.op(id);
    const Value* value = nullptr;
    for (TensorId input : o.inputs) {
      if (!input.valid()) continue;
      const auto found = values_.find(input.index);
      if (found == values_.end()) continue;
      if (value && value->logical.dims != found->second.logical.dims) return false;
      value = &found->second;
    }
    if (!value || !may_join(o, *value)) return false;
    const Value copy = *value;
    auto step = make_step(id, copy);
    if (!step || operands_ + step->operands.size() > kRegionOperandsMax) return false;
    operands_ += step->operands.size();
    if (row_wise(o.kind)) {
      for (std::int64_t axis : std::get<AxesAttrs>(o.attributes).axes) {
        group_.row_axes.insert(static_cast<std::size_t>(axis));
      }
    }
    group_.steps.push_back(std::move(*step));
    values_[o.outputs[0].index] = copy;
    return true;
  }

  bool may_join(const Op& o, const Value& value) const {
    const Shape& out = fuser_.shape(o.outputs[0]);
    if (out != value.logical.shape()) return false;
    if (elementwise_kind(o.kind)) return o.kind != OpKind::kBatchNorm || is_value(o.inputs[0]);
    // A softmax behind a mask: the rows are whole anyway.
    return vector_ && row_wise(o.kind) && is_value(o.inputs[0]) && value.chain.empty();
  }

  bool is_value(TensorId id) const { return values_.count(id.index) != 0; }

  std::optional<Step> make_step(OpId id, const Value& value) {
    const Op& o = fuser_.op(id);
    Step step;
    step.op = id;
    step.what = word_for(o);
    step.cost = lane_cost(fuser_.graph_, o, fuser_.stored_dtype(o.outputs[0]));
    step.row_extent = fuser_.row_extent(o);
    const Shape& stream = fuser_.shape(group_.stream);
    for (std::size_t i = 0; i < o.inputs.size(); ++i) {
      if (!o.inputs[i].valid() || is_value(o.inputs[i]) || fuser_.immediate(o, i)) continue;
      const auto view = fuser_.operand_view(o, i, value.logical.shape());
      if (!view) return std::nullopt;
      const auto back = pull_back(*view, value.logical, stream);
      if (!back) return std::nullopt;
      step.operands.push_back({o.inputs[i], *back});
    }
    return step;
  }

  /// Is `last` the only value anybody outside reads?
  bool leaves_alone(TensorId last) const {
    for (const auto& [index, value] : values_) {
      (void)value;
      bool leaves = fuser_.graph_.tensors[index].is_output;
      for (OpId reader : fuser_.readers_[index]) leaves = leaves || !inside_.count(reader.index);
      if (leaves && index != last.index) return false;
    }
    return true;
  }

  Fuser& fuser_;
  Group group_;
  bool vector_;
  std::size_t operands_ = 0;               ///< that the group reads besides its stream
  std::map<std::uint32_t, Value> values_;  // by tensor
  std::set<std::uint32_t> candidates_, inside_;
};

}  // namespace

// A scalar that is known is part of the instruction. BatchNorm's mean and variance are folded into
// its factor and its offset.
bool Fuser::immediate(const Op& o, std::size_t input) const {
  if (o.kind == OpKind::kBatchNorm && input >= 3) return true;
  const Tensor& tensor = graph_.tensor(o.inputs[input]);
  return elements_of(tensor.shape) == 1 && !std::holds_alternative<std::monostate>(tensor.constant);
}

std::int64_t Fuser::row_extent(const Op& o) const {
  std::int64_t extent = 1;
  const Shape& dims = shape(o.inputs[0]);
  if (row_wise(o.kind)) {
    for (std::int64_t axis : std::get<AxesAttrs>(o.attributes).axes) {
      extent *= dims[static_cast<std::size_t>(axis)];
    }
  } else if (o.kind == OpKind::kInstanceNorm || o.kind == OpKind::kGroupNorm) {
    for (std::size_t d = 2; d < dims.size(); ++d) extent *= dims[d];
    if (o.kind == OpKind::kGroupNorm) {
      extent *= dims[1] / std::get<AxesAttrs>(o.attributes).groups;
    }
  }
  return extent;
}

std::optional<View> Fuser::operand_view(const Op& o, std::size_t input, const Shape& to) {
  auto view = place(o.inputs[input]);
  if (!view) return std::nullopt;
  if (channel_wise(o.kind) && input > 0) {
    // [C] runs along dimension 1. GroupNorm's [groups] runs over the pieces of it.
    const std::int64_t own = extent_of(view->dims[0]);
    View out = broadcast(View{view->stored, view->offset, {}}, to);
    Factors channels = view->dims[0];
    if (own != to[1]) channels.push_back({to[1] / own, 0});
    out.dims[1] = normal(channels);
    return out;
  }
  // The group may see the op's result through a reshape: operands follow the op's own shape first.
  const Shape& own = shape(o.outputs[0]);
  if (own == to) return broadcast(*view, to);
  return reshape(broadcast(*view, own), to);
}

Group Fuser::grow(Group group, const DimOrder& order, bool vector) {
  Group grown = Growth(*this, std::move(group), order, vector).run();
  for (OpId id : grown.members) done_[id.index] = true;
  return grown;
}

}  // namespace takt::fusing
