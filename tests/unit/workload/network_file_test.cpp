// SPDX-License-Identifier: Apache-2.0
// The language of network files: what it makes, and what it says about mistakes.
#include <gtest/gtest.h>

#include "sim/ir/macs.h"
#include "sim/workload/yaml_expression.h"
#include "sim/workload/yaml_network.h"

namespace takt {
namespace {

Result<Graph> read(const std::string& layers, const std::string& head = "",
                   const WorkloadOptions& options = {}) {
  const std::string inputs =
      ("\n" + head).find("\ninputs:") == std::string::npos ? "inputs: {x: [batch, 4, 8, 8]}\n" : "";
  return read_network_text(head + inputs + "layers:\n" + layers, "net.yaml", options);
}

std::string problems(const Result<Graph>& result) {
  return result.ok() ? "" : to_string(result.errors());
}

const Tensor& output(const Graph& graph) {
  for (const Tensor& tensor : graph.tensors) {
    if (tensor.is_output) return tensor;
  }
  ADD_FAILURE() << "no output";
  return graph.tensors[0];
}

TEST(Expressions, Arithmetic) {
  Scope scope;
  scope.set("seq", 128);
  scope.set("h", 3);
  const auto value = [&](const std::string& text) { return evaluate(text, scope).value; };
  EXPECT_EQ(value("seq"), 128);
  EXPECT_EQ(value("2 + 3 * 4"), 14);
  EXPECT_EQ(value("(2 + 3) * 4"), 20);
  EXPECT_EQ(value("7 / 2"), 3);
  EXPECT_EQ(value("-7 / 2"), -4);  // rounds down
  EXPECT_EQ(value("7 % 4"), 3);
  EXPECT_EQ(value("seq - h - 1"), 124);
  EXPECT_EQ(value("h == 3"), 1);
  EXPECT_EQ(value("(h != 3) * 5"), 0);
  EXPECT_EQ(value("h <= 2"), 0);
  EXPECT_EQ(value("h > 2"), 1);
}

TEST(Expressions, Mistakes) {
  Scope scope;
  scope.set("hidden", 1);
  EXPECT_EQ(evaluate("hiden", scope).hint, "did you mean 'hidden'?");
  for (const char* text : {"", "2 +", "(2", "2)", "1 / 0", "1 / (0 - 1)", "1.5", "2 3",
                           "9999999999 * 9999999999", "99999999999999999999", "010x", "a b"}) {
    EXPECT_FALSE(evaluate(text, scope).value.has_value()) << text;
  }
  EXPECT_FALSE(evaluate(std::string(1000, '('), scope).value.has_value());
  EXPECT_FALSE(evaluate(std::string(1000, '-') + "1", scope).value.has_value());
}

TEST(NetworkFile, ChainsAndNames) {
  const auto graph = read(
      "- {name: a, op: conv, channels: 6, kernel: 3, pad: same}\n"
      "- {op: relu}\n"
      "- {name: b, op: conv, input: a, channels: 6, kernel: [1, 3], pad: [0, 1]}\n"
      "- {name: sum, op: add, with: a}\n"
      "- {op: max_pool, kernel: 2}\n"
      "- {op: flatten}\n"
      "- {op: linear, features: 5}\n");
  ASSERT_TRUE(graph.ok()) << problems(graph);
  EXPECT_EQ(output(*graph).shape, (Shape{1, 5}));
  EXPECT_EQ(total_macs(*graph), 64u * 6 * 4 * 9 + 64u * 6 * 6 * 3 + 16u * 6 * 5);
}

TEST(NetworkFile, BlocksRepeatWithParameters) {
  const auto graph = read(
      "- {name: s, block: stage, repeat: 3, width: 2 * base, first: {stride: 2}}\n"
      "- {name: t, block: stage, width: base}\n",
      "dimensions: {base: 4}\n"
      "blocks:\n"
      "  stage:\n"
      "    parameters: {width: , stride: 1}\n"
      "    layers:\n"
      "    - {name: conv, op: conv, channels: width, kernel: 1, stride: stride}\n"
      "    - {name: skip, op: conv, input: in, channels: width, kernel: 1, when: in_channels == "
      "width}\n"
      "    - {name: add, op: add, inputs: [conv, skip], when: in_channels == width}\n");
  // Where the width changes there is no skip, and the sum hands on what the convolution made.
  ASSERT_TRUE(graph.ok()) << problems(graph);
  std::vector<std::string> names;
  for (const Op& op : graph->ops) names.push_back(op.name);
  EXPECT_EQ(names, (std::vector<std::string>{"s.0.conv", "s.1.conv", "s.1.skip", "s.1.add",
                                             "s.2.conv", "s.2.skip", "s.2.add", "t.conv"}));
}

TEST(NetworkFile, EveryKindOfLayer) {
  const auto graph = read_network_text(
      "inputs:\n"
      "  image: [batch, 8, 16, 16]\n"
      "  ids: {shape: [batch, 5], dtype: int64}\n"
      "  signal: [5, batch, 6]\n"
      "layers:\n"
      "- {op: conv_transpose, input: image, channels: 8, kernel: 2, stride: 2}\n"
      "- {op: batch_norm}\n"
      "- {op: group_norm, groups: 2}\n"
      "- {op: instance_norm}\n"
      "- {op: leaky_relu, alpha: 0.2}\n"
      "- {op: average_pool, kernel: 2, count_include_pad: false}\n"
      "- {op: lrn, size: 5}\n"
      "- {op: resize, scale: 2, mode: linear}\n"
      "- {op: pad, begin: [0, 0, 1, 1], end: [0, 0, 1, 1]}\n"
      "- {op: clip, low: -1, high: 1}\n"
      "- {name: image_out, op: reduce_mean, axes: [2, 3]}\n"
      "- {name: table, op: embedding, input: ids, entries: 100, features: 12}\n"
      "- {op: layer_norm}\n"
      "- {op: rms_norm}\n"
      "- {name: halves, op: split, axis: 2, parts: 2}\n"
      "- {op: mul, inputs: [halves.0, halves.1]}\n"
      "- {op: mul, constant: 0.5}\n"
      "- {name: best, op: top_k, k: 3}\n"
      "- {name: first, op: slice, axis: 1, begin: 0, end: 4, step: 2}\n"
      "- {op: log_softmax}\n"
      "- {name: chosen, op: arg_max}\n"
      "- {name: cell, op: lstm, input: signal, hidden: 7, directions: 2}\n"
      "- {op: gru, hidden: 4}\n"
      "- {name: last, op: rnn, hidden: 3}\n"
      "- {name: scale, op: parameter, shape: [3]}\n"
      "- {name: scaled, op: mul, inputs: [last, scale]}\n"
      "outputs: [image_out, best.indices, chosen, cell.c, last.h, scaled]\n",
      "all.yaml", {});
  ASSERT_TRUE(graph.ok()) << problems(graph);
  int outputs = 0;
  for (const Tensor& tensor : graph->tensors) outputs += tensor.is_output;
  EXPECT_EQ(outputs, 6);
}

TEST(NetworkFile, DtypeCloses) {
  EXPECT_TRUE(read("- {op: relu}\n")->dtype_open);
  const auto closed = read("- {op: relu}\n", "dtype: fp16\n");
  ASSERT_TRUE(closed.ok());
  EXPECT_FALSE(closed->dtype_open);
  EXPECT_EQ(closed->tensors[0].dtype, DType::kFp16);
}

TEST(NetworkFile, BatchOfTheFileAndOfTheOption) {
  EXPECT_EQ(output(*read("- {op: relu}\n", "batch: 6\n")).shape[0], 6);
  WorkloadOptions options;
  options.batch = 2;
  EXPECT_EQ(output(*read("- {op: relu}\n", "batch: 6\n", options)).shape[0], 2);
}

struct Mistake {
  const char* name;
  const char* layers;
  const char* expected;  ///< part of the message
};
class Mistakes : public ::testing::TestWithParam<Mistake> {};

TEST_P(Mistakes, AreNamedWithTheirPlace) {
  const auto result = read(GetParam().layers,
                           "blocks:\n  b:\n    parameters: {width: }\n    layers:\n"
                           "    - {op: conv, channels: width, kernel: 1}\n"
                           "  loop:\n    layers:\n    - {block: loop}\n");
  ASSERT_FALSE(result.ok());
  EXPECT_NE(problems(result).find(GetParam().expected), std::string::npos) << problems(result);
  EXPECT_EQ(exit_code(result.errors()), 3);
  EXPECT_GT(result.errors()[0].place.line, 0);
}

INSTANTIATE_TEST_SUITE_P(
    All, Mistakes,
    ::testing::Values(
        Mistake{"kind", "- {op: covn, channels: 3}\n", "did you mean 'conv'?"},
        Mistake{"key", "- {op: conv, chanels: 3}\n", "did you mean 'channels'?"},
        Mistake{"missing", "- {op: conv, kernel: 3}\n", "channels"},
        Mistake{"input", "- {name: one, op: relu}\n- {op: relu, input: onne}\n",
                "did you mean 'one'?"},
        Mistake{"twice", "- {name: a, op: relu}\n- {name: a, op: relu}\n", "E-duplicate-name"},
        Mistake{"expression", "- {op: conv, channels: 3 +, kernel: 1}\n", "E-expression"},
        Mistake{"dimension", "- {op: conv, channels: bach, kernel: 1}\n", "did you mean 'batch'?"},
        Mistake{"range", "- {op: conv, channels: 0, kernel: 1}\n", "E-out-of-range"},
        Mistake{"shape", "- {op: conv, channels: 3, kernel: 99}\n", "E-shape"},
        Mistake{"groups", "- {op: conv, channels: 3, kernel: 1, groups: 2}\n", "do not divide"},
        Mistake{"operands", "- {op: matmul}\n", "takes 2"},
        Mistake{"second", "- {op: add}\n", "second operand"},
        Mistake{"block", "- {block: c}\n", "did you mean 'b'?"},
        Mistake{"argument", "- {block: b}\n", "needs a value for 'width'"},
        Mistake{"first", "- {block: b, width: 1, first: {with: 2}}\n", "unknown parameter"},
        Mistake{"recursion", "- {block: loop}\n", "16 deep"},
        Mistake{"list", "  {op: relu}\n", "expected a list of layers"},
        Mistake{"item", "- relu\n", "expected a map"},
        Mistake{"parts", "- {op: split, parts: 3}\n", "equal parts"},
        Mistake{"axis", "- {op: softmax, axis: 4}\n", "4 dimensions"}),
    [](const auto& instance) { return std::string(instance.param.name); });

TEST(NetworkFile, WhatIsMissingAtTheTop) {
  const auto without = read_network_text("name: x\n", "n.yaml", {});
  ASSERT_FALSE(without.ok());
  EXPECT_NE(problems(without).find("inputs"), std::string::npos);
  const auto several =
      read_network_text("inputs: {a: [1, 2], b: [1, 2]}\nlayers:\n- {op: relu}\n", "n.yaml", {});
  ASSERT_FALSE(several.ok());
  EXPECT_NE(problems(several).find("add input: NAME"), std::string::npos);
  const auto outputs = read("- {name: a, op: relu}\n", "outputs: [b]\n");
  ASSERT_FALSE(outputs.ok());
  EXPECT_EQ(outputs.errors()[0].name, "E-unknown-name");
}

TEST(NetworkFile, TheHashIsTheTexts) {
  EXPECT_EQ(read("- {op: relu}\n")->hash, read("- {op: relu}\n")->hash);
  EXPECT_NE(read("- {op: relu}\n")->hash, read("- {op: tanh}\n")->hash);
  EXPECT_EQ(read("- {op: relu}\n")->hash.size(), 16u);
}

}  // namespace
}  // namespace takt
