// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/onnx_passes.h"

#include <algorithm>
#include <cmath>

namespace takt {

void simplify(Graph& graph) {
  prune(graph);
  for (const auto pass :
       {fold_parameters, fold_pads, fold_batch_norms, find_norms, find_activations, fold_biases}) {
    pass(graph);
    prune(graph);
  }
}

const Op* PatternMatcher::peek(TensorId id, OpKind kind) {
  const int maker = id.valid() ? index_.maker(id) : GraphIndex::kNobody;
  if (maker == GraphIndex::kNobody || taken(maker) || op(maker).kind != kind) return nullptr;
  return &op(maker);
}

const Op* PatternMatcher::noted(TensorId id, const Op* maker) {
  if (maker) note(index_.maker(id));
  return maker;
}

const Op* PatternMatcher::made_by(TensorId id, OpKind kind) { return noted(id, peek(id, kind)); }

const Op* PatternMatcher::made_by(TensorId id, BinaryKind kind) {
  const Op* maker = peek(id, OpKind::kBinary);
  const bool fits = maker && std::get<BinaryAttrs>(maker->attributes).kind == kind;
  return noted(id, fits ? maker : nullptr);
}

const Op* PatternMatcher::made_by(TensorId id, UnaryKind kind) {
  const Op* maker = peek(id, OpKind::kUnary);
  const bool fits = maker && std::get<UnaryAttrs>(maker->attributes).kind == kind;
  return noted(id, fits ? maker : nullptr);
}

std::optional<double> PatternMatcher::number(TensorId id) const {
  const Tensor& tensor = graph_.tensor(id);
  const auto* real = std::get_if<Tensor::FloatData>(&tensor.constant);
  if (real && real->size() == 1) return real->front();
  const auto* whole = std::get_if<Tensor::IntData>(&tensor.constant);
  if (whole && whole->size() == 1) return static_cast<double>(whole->front());
  return std::nullopt;
}

bool PatternMatcher::is_number(TensorId id, double value) const {
  const auto found = number(id);
  return found && std::abs(*found - value) <= std::abs(value) * 1e-3;
}

int PatternMatcher::only_reader(TensorId id) const {
  if (graph_.tensor(id).is_output || index_.readers(id).size() != 1) return GraphIndex::kNobody;
  const int reader = index_.readers(id).front();
  return taken(reader) ? GraphIndex::kNobody : reader;
}

bool PatternMatcher::closed(int last) const {
  for (const int i : noted_) {
    if (i == last) continue;
    for (const TensorId out : graph_.ops[static_cast<std::size_t>(i)].outputs) {
      if (!out.valid()) continue;
      if (graph_.tensor(out).is_output) return false;
      for (const int reader : index_.readers(out)) {
        if (reader != last && std::find(noted_.begin(), noted_.end(), reader) == noted_.end()) {
          return false;
        }
      }
    }
  }
  return true;
}

void PatternMatcher::replace(int last, OpKind kind, Attributes attributes,
                             std::vector<TensorId> inputs) {
  for (const int i : noted_) taken_[static_cast<std::size_t>(i)] = true;
  taken_[static_cast<std::size_t>(last)] = true;
  Op& whole = op(last);
  whole.kind = kind;
  whole.attributes = std::move(attributes);
  whole.inputs = std::move(inputs);
}

}  // namespace takt
