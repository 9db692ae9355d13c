// SPDX-License-Identifier: Apache-2.0
// LSTM, GRU and RNN.
#include <algorithm>

#include "sim/workload/onnx_table.h"

namespace takt {
namespace {

/// The activations must be the format's defaults, which is what everybody means by these names.
void check_activations(OnnxNode& node, const std::vector<std::string>& usual) {
  const auto* given = node.find("activations");
  for (int i = 0; given && i < given->strings_size(); ++i) {
    std::string name = given->strings(i);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (name != usual[static_cast<std::size_t>(i) % usual.size()]) {
      node.unsupported("the activation '" + given->strings(i) + "'");
      return;
    }
  }
  if (node.has_attribute("clip")) node.unsupported("clip");
  if (node.int_attribute("input_forget", 0) != 0) node.unsupported("input_forget");
}

bool all_zero(const Tensor& tensor) {
  const auto* values = std::get_if<Tensor::FloatData>(&tensor.constant);
  return values && std::all_of(values->begin(), values->end(), [](double v) { return v == 0; });
}

/// Only sequences that are all as long as the input: anything else has no fixed amount of work.
void check_lengths(OnnxNode& node) {
  if (!node.has(4)) return;
  const auto* lengths = std::get_if<Tensor::IntData>(&node.tensor(node.in(4)).constant);
  const std::int64_t time = node.shape(0)[0];
  if (!lengths || std::any_of(lengths->begin(), lengths->end(),
                              [&](std::int64_t length) { return length != time; })) {
    node.unsupported("sequences of different lengths in a batch");
  }
}

RecurrentAttrs read_attributes(OnnxNode& node) {
  RecurrentAttrs attrs;
  attrs.hidden = node.int_attribute("hidden_size", node.rank(2) == 3 ? node.shape(2)[2] : 0);
  const std::string direction = node.string_attribute("direction", "forward");
  if (direction == "bidirectional") attrs.directions = 2;
  if (direction == "reverse") attrs.reverse = true;
  if (direction != "bidirectional" && direction != "reverse" && direction != "forward") {
    node.fail("direction is '" + direction + "'");
  }
  attrs.linear_before_reset = node.int_attribute("linear_before_reset", 0) != 0;
  return attrs;
}

/// The cell's operands in the order of OpKind; absent ones at the end are cut off, and a state that
/// starts at zero is absent, as zero is what a cell starts from. `batch_first` is layout = 1.
std::vector<TensorId> operands(OnnxNode& node, std::size_t states, bool batch_first) {
  std::vector<TensorId> inputs{node.in(0), node.in(1), node.in(2), node.in(3), TensorId{}};
  if (batch_first) inputs[0] = node.transpose(inputs[0], {1, 0, 2}, "time_first");
  for (std::size_t i = 5; i < 5 + states; ++i) {
    TensorId state = node.has(i) && all_zero(node.tensor(node.in(i))) ? TensorId{} : node.in(i);
    if (batch_first && state.valid() && node.tensor(state).shape.size() == 3) {
      state = node.transpose(state, {1, 0, 2}, "state" + std::to_string(i - 5));
    }
    inputs.push_back(state);
  }
  while (!inputs.back().valid()) inputs.pop_back();
  return inputs;
}

void recurrent(OnnxNode& node, OpKind kind, std::size_t states,
               const std::vector<std::string>& activations) {
  if (!node.require(3)) return;
  if (node.rank(0) != 3) {
    return node.fail("its input must be [time, batch, features], not " + to_string(node.shape(0)));
  }
  check_activations(node, activations);
  if (node.has(5 + states)) node.unsupported("peepholes");
  const bool batch_first = node.int_attribute("layout", 0) != 0;
  if (!batch_first) check_lengths(node);
  if (batch_first && node.has(4)) node.unsupported("sequences of different lengths in a batch");
  const RecurrentAttrs attrs = read_attributes(node);
  if (node.failed()) return;
  std::vector<std::string> outputs;
  for (std::size_t i = 0; i < std::min(node.output_count(), states + 1); ++i) {
    outputs.push_back(node.output_name(i));
    if (batch_first && node.wants(i)) outputs.back() += ".time_first";
  }
  if (outputs.empty()) return;
  node.finish_all(kind, attrs, operands(node, states, batch_first), outputs);
  if (!batch_first) return;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (node.failed() || !node.wants(i)) continue;
    // y: [T,D,B,H] to [B,T,D,H]; states: [D,B,H] to [B,D,H]
    const OnnxNode::Ints order = i == 0 ? OnnxNode::Ints{2, 0, 1, 3} : OnnxNode::Ints{1, 0, 2};
    node.set(i, node.transpose(node.result(i), order, "batch_first" + std::to_string(i)));
  }
}

void lstm(OnnxNode& node) { recurrent(node, OpKind::kLstm, 2, {"sigmoid", "tanh", "tanh"}); }
void gru(OnnxNode& node) { recurrent(node, OpKind::kGru, 1, {"sigmoid", "tanh"}); }
void rnn(OnnxNode& node) { recurrent(node, OpKind::kRnn, 1, {"tanh"}); }

}  // namespace

std::vector<OnnxConverter> onnx_recurrent_operators() {
  return {{"LSTM", lstm}, {"GRU", gru}, {"RNN", rnn}};
}

}  // namespace takt
