// SPDX-License-Identifier: Apache-2.0
#include "sim/app/select_layers.h"

#include <algorithm>

#include "sim/config/suggest.h"

namespace takt {
namespace {

void note_reads(const Region& region, std::vector<bool>& read) {
  const auto mark = [&read](TensorId id) {
    if (id.valid()) read.at(id.index) = true;
  };
  if (region.kind == Region::Kind::kMatrix) {
    mark(region.matrix.input.tensor);
    mark(region.matrix.weight.tensor);
  }
  for (const VectorOperand& operand : region.operands) mark(operand.tensor);
}

/// The strides that the elements of a region's result have when they lie on their own, without what
/// other layers write between them: a concatenation's part, a step of a sequence.
class DenseResult {
 public:
  explicit DenseResult(const Region& region) {
    const ActivationView& out = region.output;
    if (region.kind == Region::Kind::kMatrix) {
      const MatrixWork& w = region.matrix;
      loops_ = {{w.g_outer, out.stride_g_outer, 0}, {w.g / w.g_outer, out.stride_g, 0}};
      loops_.insert(loops_.end(), {{w.n, out.stride_n, 0},
                                   {w.p, out.stride_h, 0},
                                   {w.q, out.stride_w, 0},
                                   {w.o, out.stride_c, 0}});
    } else {
      const VectorWork& v = region.vector;
      loops_ = {{v.images, out.stride_n, 0},
                {v.rows, out.stride_h, 0},
                {v.row_elements / v.row_run, out.stride_w, 0},
                {v.row_run, out.stride_c, 0}};
    }
    loops_.erase(std::remove_if(loops_.begin(), loops_.end(),
                                [](const Loop& loop) { return loop.extent == 1; }),
                 loops_.end());
    std::sort(loops_.begin(), loops_.end(),
              [](const Loop& a, const Loop& b) { return a.stride < b.stride; });
    for (std::size_t i = 1; i < loops_.size();) {
      Loop& inner = loops_[i - 1];
      if (loops_[i].stride != inner.stride * inner.extent) {
        ++i;
        continue;
      }
      inner.extent *= loops_[i].extent;
      loops_.erase(loops_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    for (Loop& loop : loops_) {
      loop.dense = elements_;
      elements_ *= loop.extent;
    }
  }

  std::int64_t elements() const { return elements_; }
  std::int64_t stride(std::int64_t from) const {
    for (auto loop = loops_.rbegin(); loop != loops_.rend(); ++loop) {
      if (loop->stride <= from) return from / loop->stride * loop->dense;
    }
    return from;  // of a dimension of extent 1
  }

 private:
  struct Loop {
    std::int64_t extent, stride, dense;
  };
  std::vector<Loop> loops_;  ///< innermost first, as few as there can be
  std::int64_t elements_ = 1;
};

/// The region writes a tensor of its own. What it made lies there now.
void write_apart(RegionGraph& graph, Region& region) {
  const DenseResult dense(region);
  const TensorId whole = region.output.tensor;
  const std::int64_t first = region.output.offset;
  const TensorId own{static_cast<std::uint32_t>(graph.tensors.size())};
  StoredTensor tensor = graph.tensors[whole.index];
  tensor.name = region.name;
  tensor.elements = dense.elements();
  tensor.kind = TensorKind::kActivation;
  tensor.is_output = true;
  tensor.graph_tensor = TensorId{};  // unless one lies in that part
  graph.tensors.push_back(std::move(tensor));
  ActivationView& out = region.output;
  out.tensor = own;
  out.offset = 0;
  for (std::int64_t* stride : {&out.stride_g_outer, &out.stride_g, &out.stride_n, &out.stride_h,
                               &out.stride_w, &out.stride_c}) {
    *stride = dense.stride(*stride);
  }
  for (View& place : graph.places) {
    if (place.stored != whole || place.offset != first) continue;
    if (place.elements() != dense.elements()) continue;
    graph.tensors[own.index].graph_tensor =
        TensorId{static_cast<std::uint32_t>(&place - graph.places.data())};
    place.stored = own;
    place.offset = 0;
    for (Factors& dim : place.dims) {
      for (Factor& factor : dim) factor.stride = dense.stride(factor.stride);
    }
  }
}

/// The layers chosen read a tensor of which they make only a part: there is no such network.
Diagnostic part_of_tensor(const RegionGraph& graph, TensorId tensor,
                          const std::vector<std::string>& names) {
  Diagnostic d;
  d.name = "E-partial-tensor";
  d.path = "--layer";
  d.message = "the chosen layers read '" + graph.tensors[tensor.index].name +
              "', but make only a part of it";
  std::vector<std::string> missing;
  for (const Region& region : graph.regions) {
    if (region.output.tensor != tensor) continue;
    if (std::find(names.begin(), names.end(), region.name) != names.end()) continue;
    missing.push_back(region.name);
  }
  constexpr std::size_t kListed = 8;
  const std::size_t more = missing.size() - std::min(missing.size(), kListed);
  missing.resize(missing.size() - more);
  d.hint = "its other parts are made by " + join_words(missing) +
           (more > 0 ? " and " + std::to_string(more) + " more" : "");
  return d;
}

}  // namespace

Diagnostic unknown_layer(const RegionGraph& graph, const std::string& name) {
  Diagnostic d;
  d.name = "E-unknown-layer";
  d.path = "--layer";
  d.message = "the network has no layer '" + name + "'";
  std::vector<std::string> names;
  for (const Region& region : graph.regions) {
    if (std::find(region.fused.begin(), region.fused.end(), name) != region.fused.end()) {
      d.hint = "'" + name + "' is part of layer '" + region.name + "'";
      return d;
    }
    names.push_back(region.name);
  }
  constexpr std::size_t kListed = 20;
  if (const auto near = suggest(name, names)) {
    d.hint = "did you mean '" + *near + "'?";
  } else if (names.size() <= kListed) {
    d.hint = "its layers: " + join_words(names);
  }
  return d;
}

Result<RegionGraph> select_layers(const RegionGraph& graph, const std::vector<std::string>& names) {
  if (names.empty()) return graph;
  Diagnostics errors;
  for (const std::string& name : names) {
    const bool known = std::any_of(graph.regions.begin(), graph.regions.end(),
                                   [&name](const Region& r) { return r.name == name; });
    if (!known) errors.push_back(unknown_layer(graph, name));
  }
  if (!errors.empty()) return errors;
  RegionGraph part = graph;
  part.regions.clear();
  std::vector<bool> made(graph.tensors.size()), read(graph.tensors.size()),
      missed(graph.tensors.size()), made_by_others(graph.tensors.size());
  for (const Region& region : graph.regions) {
    const bool kept = std::find(names.begin(), names.end(), region.name) != names.end();
    note_reads(region, kept ? read : missed);
    (kept ? made : made_by_others).at(region.output.tensor.index) = true;
    if (kept) part.regions.push_back(region);
  }
  for (std::uint32_t i = 0; i < made.size(); ++i) {
    if (made[i] && made_by_others[i] && read[i])
      errors.push_back(part_of_tensor(graph, TensorId{i}, names));
  }
  if (!errors.empty()) return errors;
  for (std::size_t i = 0; i < part.tensors.size(); ++i) {
    StoredTensor& tensor = part.tensors[i];
    if (tensor.kind == TensorKind::kActivation && read[i] && !made[i]) {
      tensor.kind = TensorKind::kInput;
    }
    tensor.is_output = made[i] && !made_by_others[i] && (tensor.is_output || missed[i]);
  }
  for (Region& region : part.regions) {
    const std::uint32_t tensor = region.output.tensor.index;
    if (tensor < made.size() && made_by_others[tensor]) write_apart(part, region);
  }
  return part;
}

}  // namespace takt
