// SPDX-License-Identifier: Apache-2.0
#include "sim/reference/oracle.h"

#include <cmath>

#include "sim/functional/recurrent_rules.h"
#include "sim/reference/products.h"
#include "sim/reference/recurrent_layer.h"
#include "sim/reference/seeded.h"

namespace takt {

/// Operands out of whole tensors.
class Oracle::Tensors : public ElementSource {
 public:
  explicit Tensors(const NetworkValues& values) : values_(values) {}
  double at(TensorId tensor, std::int64_t index) override {
    return values_.tensors[tensor.index].at(index);
  }

 private:
  const NetworkValues& values_;
};

Oracle::Oracle(Semantics& semantics, OracleOptions options)
    : semantics_(semantics), options_(std::move(options)) {}

Result<NetworkValues> Oracle::run() {
  const Graph& graph = semantics_.graph();
  Diagnostics errors = undefined_values(semantics_);
  if (!errors.empty()) return errors;
  values_ = starting_values(semantics_, options_.seed);
  for (std::uint32_t i = 0; i < graph.ops.size(); ++i) {
    check_stop(options_.stop);
    if (semantics_.is_matrix({i})) {
      matrix({i});
    } else if (is_recurrent(graph.ops[i].kind)) {
      recurrent({i});
    } else {
      other({i});
    }
    if (options_.made) options_.made({i});
  }
  return std::move(values_);
}

void Oracle::matrix(OpId id) {
  const Op& op = semantics_.op(id);
  std::vector<double> wide = products(semantics_, id, values_.tensors[op.inputs[0].index],
                                      values_.tensors[op.inputs[1].index], options_.stop);
  Tensors source(values_);
  for (std::size_t i = 0; i < wide.size(); ++i) {
    wide[i] = semantics_.with_bias(id, wide[i], static_cast<std::int64_t>(i), source);
  }
  scale_and_store(id, wide);
}

void Oracle::other(OpId id) {
  const Op& op = semantics_.op(id);
  Tensors source(values_);
  for (std::size_t output = 0; output < op.outputs.size(); ++output) {
    if (!op.outputs[output].valid()) continue;
    const std::int64_t elements = semantics_.elements(op.outputs[output]);
    if (semantics_.scaled(id)) {
      std::vector<double> wide(static_cast<std::size_t>(elements));
      for (std::int64_t i = 0; i < elements; ++i) {
        wide[static_cast<std::size_t>(i)] = semantics_.element(id, output, i, source);
      }
      scale_and_store(id, wide);
      continue;
    }
    TensorValues& out = values_.tensors[op.outputs[output].index];
    TensorValues fresh(semantics_.dtype(op.outputs[output]), elements);
    for (std::int64_t i = 0; i < elements; ++i) {
      fresh.set(i, semantics_.element(id, output, i, source));
    }
    out = std::move(fresh);
  }
  semantics_.forget();
}

void Oracle::recurrent(OpId id) {
  const Op& op = semantics_.op(id);
  const RecurrentResult made = recurrent_layer(semantics_, id, values_);
  values_.scales[id.index] = made.scale;
  const std::vector<double>* results[] = {&made.y, &made.h, &made.c};
  for (std::size_t output = 0; output < op.outputs.size(); ++output) {
    if (!op.outputs[output].valid()) continue;
    const std::vector<double>& from = *results[output];
    TensorValues out(semantics_.dtype(op.outputs[output]), static_cast<std::int64_t>(from.size()));
    for (std::size_t i = 0; i < from.size(); ++i) out.set(static_cast<std::int64_t>(i), from[i]);
    values_.tensors[op.outputs[output].index] = std::move(out);
  }
}

// One scale for the whole tensor, from the exact sum of its magnitudes: no order can change it.
void Oracle::scale_and_store(OpId id, const std::vector<double>& wide) {
  const TensorId output = semantics_.op(id).outputs[0];
  const DType type = semantics_.dtype(output);
  if (semantics_.scaled(id)) {
    std::uint64_t magnitude = 0;
    for (const double x : wide) magnitude += static_cast<std::uint64_t>(std::abs(x));
    values_.scales[id.index] = scale_for(magnitude, wide.size(), type);
  }
  TensorValues out(type, static_cast<std::int64_t>(wide.size()));
  for (std::size_t i = 0; i < wide.size(); ++i) {
    out.set(static_cast<std::int64_t>(i), semantics_.finish(id, wide[i], values_.scales[id.index]));
  }
  values_.tensors[output.index] = std::move(out);
}

}  // namespace takt
