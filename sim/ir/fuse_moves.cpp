// SPDX-License-Identifier: Apache-2.0
// Ops that only move elements: views where that is enough, copies where it is not.
#include "sim/base/check.h"
#include "sim/ir/fuse_state.h"

namespace takt::fusing {

void Fuser::view_op(OpId id) {
  const Op& o = op(id);
  for (std::size_t i = 0; i < o.outputs.size(); ++i) {
    const TensorId output = o.outputs[i];
    if (!output.valid() || places_[output.index]) continue;
    if (elements_of(shape(output)) == 0) {
      places_[output.index] = allocate(output, row_major(shape(output).size()));
      continue;
    }
    const View from = placed(o.inputs[0]);
    auto view = apply_view(o, from, i);
    if (!view) {
      // What was stored is in the wrong order: copy it to the order of its indices.
      const View dense = materialise(o.inputs[0], row_major(from.dims.size()), o.name);
      view = apply_view(o, dense, i);
      CHECK(view.has_value()) << "no view of a dense tensor: " << o.name;
    }
    places_[output.index] = view;
  }
}

void Fuser::concat(OpId id) {
  const Op& o = op(id);
  const TensorId output = o.outputs[0];
  const auto axis = static_cast<std::size_t>(std::get<MoveAttrs>(o.attributes).axis);
  std::vector<View> parts;
  std::vector<TensorId> inputs;
  for (TensorId input : o.inputs) {
    if (elements_of(shape(input)) == 0) continue;
    inputs.push_back(input);
    parts.push_back(placed(input));
  }
  const bool activation = out_.tensors[parts[0].stored.index].kind == TensorKind::kActivation;
  if (auto view = concatenate(parts, axis); view && activation) {
    places_[output.index] = view;
    return;
  }
  const View whole = allocate(output, order_in_memory(parts[0]));
  places_[output.index] = whole;
  std::int64_t begin = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::int64_t length = shape(inputs[i])[axis];
    const auto to = slice(whole, axis, begin, length);
    CHECK(to.has_value()) << "a part of a dense tensor is a slice: " << o.name;
    begin += length;
    // It may have been copied since it was made, for another reader.
    const View made = prepared_[inputs[i].index].value_or(parts[i]);
    const bool in_place = made.stored == to->stored && made.offset == to->offset;
    if (!in_place) copy(o.name, id, parts[i], *to);
  }
}

View Fuser::materialise(TensorId id, const DimOrder& order, const std::string& name) {
  const View from = placed(id);
  const Tensor& tensor = graph_.tensor(id);
  const View to = new_stored(id, tensor.name + ".copy", tensor.shape, order, stored_dtype(id),
                             TensorKind::kActivation);
  copy(name, producer_[id.index], from, to);
  places_[id.index] = to;
  return to;
}

View Fuser::strided(TensorId id, const DimOrder& order) {
  const View view = placed(id);
  for (const Factors& dim : view.dims) {
    if (!single_stride(dim)) return materialise(id, order, graph_.tensor(id).name + ".copy");
  }
  return view;
}

// The compiler lays parameters out anew anyway: one whose view needs several strides gets its own.
View Fuser::weight_place(TensorId id) {
  const View view = placed(id);
  for (const Factors& dim : view.dims) {
    if (single_stride(dim)) continue;
    if (!is_parameter(id))
      return materialise(id, row_major(view.dims.size()), graph_.tensor(id).name + ".copy");
    places_[id.index] =
        new_stored(id, graph_.tensor(id).name, shape(id), row_major(shape(id).size()),
                   stored_dtype(id), TensorKind::kParameter);
    return *places_[id.index];
  }
  return view;
}

// More loops than a region has: one copy for each index of one of them, the shortest there is.
void Fuser::copy_in_parts(const std::string& name, OpId id, const View& from, const View& to) {
  constexpr std::int64_t kPartsMax = 4096;
  Shape best;
  std::size_t axis = 0;
  std::int64_t parts = kPartsMax + 1;
  const Shape dims = to.shape();
  for (std::size_t d = 0; d < dims.size(); ++d) {
    for (const View* view : {&from, &to}) {
      const std::int64_t outer = view->dims[d].empty() ? 1 : view->dims[d].front().extent;
      if (outer < 2 || outer >= parts) continue;
      Shape split = dims;
      split[d] /= outer;
      split.insert(split.begin() + static_cast<std::ptrdiff_t>(d), outer);
      if (!reshape(from, split) || !reshape(to, split)) continue;
      best = split;
      axis = d;
      parts = outer;
    }
  }
  if (best.empty()) {
    Op moved;
    moved.name = name;
    return unsupported(id.valid() ? op(id) : moved,
                       "its elements change their order in more loops than can be copied");
  }
  const View source = *reshape(from, best), target = *reshape(to, best);
  for (std::int64_t i = 0; i < parts; ++i) {
    const auto piece = slice(source, axis, i, 1), place = slice(target, axis, i, 1);
    CHECK(piece && place) << "an index of a dimension is a slice: " << name;
    copy(name + "." + std::to_string(i), id, *piece, *place);
  }
}

void Fuser::main_operand(Region& region, VectorOperand operand) const {
  region.operands.insert(region.operands.begin(), operand);
  for (VectorStep& step : region.epilogue) {
    if (step.operand >= 0) ++step.operand;
  }
  VectorStep& first = region.epilogue.front();
  if (first.operand < 0) {
    first.operand = 0;
    first.operand_count = 1;
  }
}

}  // namespace takt::fusing
