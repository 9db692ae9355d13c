// SPDX-License-Identifier: Apache-2.0
#include "sim/functional/region_values.h"

#include <algorithm>

#include "sim/base/check.h"

namespace takt {
namespace {

bool only_moves(OpKind kind) {
  switch (kind) {
    case OpKind::kReshape:
    case OpKind::kTranspose:
    case OpKind::kExpand:
    case OpKind::kSplit:
    case OpKind::kSlice:
    case OpKind::kCast:
    case OpKind::kUnary:
    case OpKind::kPad:
    case OpKind::kConcat:
    case OpKind::kGather: return true;
    default: return false;
  }
}

bool over_rows(OpKind kind) {
  switch (kind) {
    case OpKind::kSoftmax:
    case OpKind::kLayerNorm:
    case OpKind::kRmsNorm:
    case OpKind::kGroupNorm:
    case OpKind::kInstanceNorm: return true;
    default: return false;
  }
}

}  // namespace

OperandWalk walk_of(const View& view) {
  OperandWalk walk;
  walk.offset = view.offset;
  for (auto dim = view.dims.rbegin(); dim != view.dims.rend(); ++dim) {
    for (auto factor = dim->rbegin(); factor != dim->rend(); ++factor) {
      if (factor->extent != 1) walk.steps.push_back({factor->extent, factor->stride});
    }
  }
  return walk;
}

std::int64_t element_at(const ActivationView& view, const OutputIndex& at, std::int64_t groups) {
  return view.offset + at.g / groups * view.stride_g_outer + at.g % groups * view.stride_g +
         at.n * view.stride_n + at.h * view.stride_h + at.w * view.stride_w + at.c * view.stride_c;
}

RegionValues::RegionValues(const RegionGraph& regions, Semantics& semantics,
                           const NetworkValues& given)
    : regions_(regions), semantics_(semantics), given_(given) {
  const Graph& graph = semantics.graph();
  producer_.resize(graph.tensors.size());
  places_.resize(graph.tensors.size());
  for (std::uint32_t i = 0; i < graph.ops.size(); ++i) {
    for (const TensorId output : graph.ops[i].outputs) {
      if (output.valid()) producer_[output.index] = {i};
    }
  }
}

const OperandWalk& RegionValues::place_of(TensorId tensor) {
  std::optional<OperandWalk>& place = places_[tensor.index];
  if (!place) place = walk_of(regions_.places[tensor.index]);
  return *place;
}

void RegionValues::enter(std::size_t index) {
  if (region_ == index) return;
  region_ = index;
  const Region& region = regions_.regions[index];
  member_.assign(semantics_.graph().ops.size(), false);
  product_ = OpId{};
  remembers_ = false;
  enter_recurrent(region);
  for (const OpId id : region.members) {
    member_[id.index] = true;
    if (semantics_.is_matrix(id)) product_ = id;
    remembers_ = remembers_ || over_rows(semantics_.op(id).kind);
  }
  // The member whose result lies in the region's output tensor; the last, if several do.
  result_ = TensorId{};
  for (const OpId id : region.members) {
    for (const TensorId output : semantics_.op(id).outputs) {
      if (!output.valid()) continue;
      if (regions_.places[output.index].stored == region.output.tensor) result_ = output;
    }
  }
  // A transposed convolution's product goes to a tensor that the graph does not know.
  makes_columns_ = !result_.valid() && product_.valid() &&
                   semantics_.op(product_).kind == OpKind::kConvTranspose;
  index_of_.clear();
  if (!result_.valid()) return;
  const auto elements =
      static_cast<std::size_t>(regions_.tensors[region.output.tensor.index].elements);
  index_of_.assign(elements, -1);
  const OperandWalk& walk = place_of(result_);
  for (std::int64_t i = 0; i < semantics_.elements(result_); ++i) {
    index_of_[static_cast<std::size_t>(walk.at(i))] = i;
  }
}

void RegionValues::new_tile(ReadOperand read) {
  read_ = std::move(read);
  memory_.clear();
  semantics_.forget();
  missing_.clear();
}

double RegionValues::miss(const std::string& what) {
  if (missing_.empty()) missing_ = what;
  return 0;
}

double RegionValues::output(const OutputIndex& at, double sum) {
  const Region& region = regions_.regions[region_];
  at_ = at;
  sum_ = sum;
  if (recurrent_) return recurrent(sum);
  if (region.op == "copy") {
    // Made to put elements elsewhere, of an input or of a view too: no op of the graph says which.
    const auto value = read_(0, element_at(region.operands.at(0).view, at, 1));
    return value ? *value : miss("an element that '" + region.name + "' copies is in no slot");
  }
  if (makes_columns_) return rounded(regions_.tensors[region.output.tensor.index].dtype, sum);
  if (!result_.valid()) return miss("no member of '" + region.name + "' makes its output tensor");
  const std::int64_t groups =
      region.kind == Region::Kind::kMatrix
          ? std::max<std::int64_t>(1, region.matrix.g / region.matrix.g_outer)
          : 1;
  const std::int64_t element = element_at(region.output, at, groups);
  const bool inside = element >= 0 && element < static_cast<std::int64_t>(index_of_.size());
  const std::int64_t index = inside ? index_of_[static_cast<std::size_t>(element)] : -1;
  if (index < 0) return miss("its output view leads to no element of its result");
  return this->at(result_, index);
}

double RegionValues::at(TensorId tensor, std::int64_t index) {
  const OpId maker = producer_[tensor.index];
  const bool member = maker.valid() && member_[maker.index];
  if (!member) return operand(tensor, index);
  if (maker == product_) {
    // Everything behind the product is by element: it is asked for this one alone.
    const bool scatters = region_kind() == Region::Kind::kVector &&
                          semantics_.op(maker).kind == OpKind::kConvTranspose;
    const double sum = scatters ? sum_of_columns(index) : sum_;
    const double wide = semantics_.with_bias(maker, sum, index, *this);
    return semantics_.finish(maker, wide, given_.scales[maker.index]);
  }
  const std::uint64_t key = (std::uint64_t{tensor.index} << 40) | static_cast<std::uint64_t>(index);
  if (remembers_) {
    const auto known = memory_.find(key);
    if (known != memory_.end()) return known->second;
  }
  const Op& op = semantics_.op(maker);
  const auto output = static_cast<std::size_t>(
      std::find(op.outputs.begin(), op.outputs.end(), tensor) - op.outputs.begin());
  double value = semantics_.element(maker, output, index, *this);
  if (semantics_.scaled(maker)) value = semantics_.finish(maker, value, given_.scales[maker.index]);
  if (remembers_) memory_[key] = value;
  return value;
}

// Columns lie as [image, input pixel, group, output channel of the group, r, s] in operand 0.
double RegionValues::sum_of_columns(std::int64_t index) {
  const Graph& graph = semantics_.graph();
  const Op& op = semantics_.op(product_);
  const auto& window = std::get<WindowAttrs>(op.attributes);
  const auto extent = [](const Shape& shape, std::size_t d) {
    return d < shape.size() ? shape[d] : 1;
  };
  const Shape& in = graph.tensor(op.inputs[0]).shape;
  const Shape& weights = graph.tensor(op.inputs[1]).shape;
  const Shape& out = graph.tensor(op.outputs[0]).shape;
  const std::int64_t q = extent(out, 3), s_taps = extent(weights, 3), in_w = extent(in, 3);
  const std::int64_t x = index % q, y = index / q % out[2], o = index / q / out[2] % out[1];
  const std::int64_t n = index / q / out[2] / out[1];
  double sum = 0;
  for (std::int64_t r = 0; r < weights[2]; ++r) {
    for (std::int64_t s = 0; s < s_taps; ++s) {
      const std::int64_t h = y + window.pad_begin[0] - r * window.dilation[0];
      const std::int64_t w = x + window.pad_begin[1] - s * window.dilation[1];
      const bool inside = h >= 0 && w >= 0 && h % window.stride[0] == 0 &&
                          w % window.stride[1] == 0 && h / window.stride[0] < in[2] &&
                          w / window.stride[1] < in_w;
      if (!inside) continue;
      const std::int64_t pixel = (n * in[2] + h / window.stride[0]) * in_w + w / window.stride[1];
      const std::int64_t element = ((pixel * out[1] + o) * weights[2] + r) * s_taps + s;
      const auto value = read_(0, element);
      if (!value) return miss("column " + std::to_string(element) + " is in no slot that it reads");
      sum += *value;
    }
  }
  return sum;
}

double RegionValues::operand(TensorId tensor, std::int64_t index) {
  const Region& region = regions_.regions[region_];
  const View& place = regions_.places[tensor.index];
  if (place.stored.valid()) {
    const std::int64_t element = place_of(tensor).at(index);
    for (std::size_t i = 0; i < region.operands.size(); ++i) {
      if (region.operands[i].tensor != place.stored) continue;
      if (const auto value = read_(i, element)) return *value;
    }
  }
  // A copy that was stored in the output's own shape: by where the output is.
  for (std::size_t i = 0; i < region.operands.size(); ++i) {
    const VectorOperand& o = region.operands[i];
    const StoredTensor& stored = regions_.tensors[o.tensor.index];
    if (stored.graph_tensor != tensor || o.tensor == place.stored) continue;
    const std::int64_t groups =
        region.kind == Region::Kind::kMatrix
            ? std::max<std::int64_t>(1, region.matrix.g / region.matrix.g_outer)
            : 1;
    if (const auto value = read_(i, element_at(o.view, at_, groups))) return *value;
  }
  // Parts of the instruction: single known numbers, and what is folded into factors.
  const bool parameter =
      semantics_.graph().tensor(tensor).kind == TensorKind::kParameter ||
      (place.stored.valid() && regions_.tensors[place.stored.index].kind == TensorKind::kParameter);
  const bool listed = std::any_of(
      region.operands.begin(), region.operands.end(),
      [&](const VectorOperand& o) { return place.stored.valid() && o.tensor == place.stored; });
  if (parameter && !listed) return given_.tensors[tensor.index].at(index);
  // What only moves elements needs no place of its own.
  const OpId maker = producer_[tensor.index];
  if (maker.valid() && only_moves(semantics_.op(maker).kind) && !listed) {
    const Op& op = semantics_.op(maker);
    const auto output = static_cast<std::size_t>(
        std::find(op.outputs.begin(), op.outputs.end(), tensor) - op.outputs.begin());
    return semantics_.element(maker, output, index, *this);
  }
  return miss("element " + std::to_string(index) + " of '" +
              semantics_.graph().tensor(tensor).name + "' is in no slot that it reads");
}

}  // namespace takt
