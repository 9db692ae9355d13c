// SPDX-License-Identifier: Apache-2.0
#pragma once
// What makers of random networks share: tensors and ops, added one after the other.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/random.h"
#include "sim/ir/infer.h"

namespace takt::test {

class RandomGraph {
 protected:
  explicit RandomGraph(Random& random) : random_(random) {}

  /// From low to high; low if high is less.
  std::int64_t pick(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(
                     random_.between(0, static_cast<std::uint64_t>(std::max(high, low) - low)));
  }
  Shape shape(TensorId id) const { return graph_.tensors[id.index].shape; }
  TensorId tensor(const std::string& name, Shape shape, TensorKind kind) {
    Tensor t;
    t.name = name;
    t.shape = std::move(shape);
    t.kind = kind;
    graph_.tensors.push_back(std::move(t));
    return TensorId{static_cast<std::uint32_t>(graph_.tensors.size() - 1)};
  }
  /// Its result, whose shape is known then.
  TensorId op(OpKind kind, std::vector<TensorId> inputs, Attributes attributes,
              const std::string& name) {
    const TensorId out = tensor(name + ".out", {}, TensorKind::kActivation);
    Op o;
    o.name = o.source = name;
    o.kind = kind;
    o.inputs = std::move(inputs);
    o.outputs = {out};
    o.attributes = std::move(attributes);
    graph_.ops.push_back(std::move(o));
    check();
    return out;
  }
  void check() {
    const Diagnostics errors = infer_shapes(graph_);
    CHECK(errors.empty()) << to_string(errors);
  }

  Random& random_;
  Graph graph_;
};

}  // namespace takt::test
