// SPDX-License-Identifier: Apache-2.0
// Files that are well formed and mean harm: deep, wide, endless. All end soon, in little memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "tests/support/onnx_model.h"

namespace takt {
namespace {

using test::error_names;
using test::Ints;
using test::Names;
using test::OnnxModel;

/// Fails if its life takes more than ten seconds of processor time, or its process a gibibyte: a
/// quadratic reader takes minutes for these, one that believes sizes fills the machine. (Sanitizers
/// multiply both; under them only crashes count.)
class Guard {
 public:
  ~Guard() {
#ifndef _GLIBCXX_ASSERTIONS
    EXPECT_LT(usage().ru_utime.tv_sec - start_, 10);
    EXPECT_LT(usage().ru_maxrss, 1 << 20) << "kibibytes";
#endif
  }

 private:
  static rusage usage() {
    rusage now{};
    getrusage(RUSAGE_SELF, &now);
    return now;
  }
  std::int64_t start_ = usage().ru_utime.tv_sec;
};

std::string v(int i) { return "v" + std::to_string(i); }

TEST(OnnxHostile, AChainOfAHundredThousand) {
  const Guard guard;
  OnnxModel m;
  m.input(v(0), Ints{2});
  for (int i = 0; i < 100000; ++i) m.node("Relu", {v(i)}, {v(i + 1)});
  m.output(v(100000));
  const auto graph = m.read();
  ASSERT_TRUE(graph.ok());
  EXPECT_EQ(graph->ops.size(), 100000U);
}

TEST(OnnxHostile, AChainInTheWrongOrder) {
  const Guard guard;
  OnnxModel m;
  m.input(v(0), Ints{2});
  for (int i = 100000; i-- > 0;) m.node("Mul", {v(i), v(i)}, {v(i + 1)});
  m.output(v(100000));
  EXPECT_TRUE(m.read().ok());
}

TEST(OnnxHostile, ACycleOfAHundredThousand) {
  const Guard guard;
  OnnxModel m;
  for (int i = 0; i < 100000; ++i) m.node("Relu", {v(i)}, {v((i + 1) % 100000)});
  m.output(v(5));
  EXPECT_EQ(error_names(m.read()), "E-onnx-graph");
}

TEST(OnnxHostile, OneValueReadAHundredThousandTimes) {
  const Guard guard;
  OnnxModel m;
  m.input("x", Ints{2});
  Names all;
  for (int i = 0; i < 100000; ++i) {
    m.node("Sigmoid", {"x"}, {v(i)}).named("same");
    m.node("Mul", {"x", v(i)}, {"w" + std::to_string(i)}).named("same");
    all.push_back("w" + std::to_string(i));
  }
  m.node("Concat", all, {"y"}).with("axis", 0);
  m.output("y");
  const auto graph = m.read();
  ASSERT_TRUE(graph.ok());
  EXPECT_EQ(graph->ops.size(), 100001U);  // every pair a swish
}

TEST(OnnxHostile, AHundredThousandErrors) {
  const Guard guard;
  OnnxModel m;
  m.input("x", Ints{2});
  m.input("z", Ints{3});
  for (int i = 0; i < 100000; ++i) m.node("Add", {"x", "z"}, {v(i)});
  m.output(v(0));
  const auto graph = m.read();
  ASSERT_FALSE(graph);
  EXPECT_LE(graph.errors().size(), 100U);
}

TEST(OnnxHostile, ShapesThatExplode) {
  const Guard guard;
  OnnxModel m;
  m.input(v(0), Ints{1, 1024});
  for (int i = 0; i < 62; ++i) m.node("Concat", {v(i), v(i)}, {v(i + 1)}).with("axis", 0);
  m.output(v(62));
  EXPECT_EQ(error_names(m.read()), "E-shape");
}

TEST(OnnxHostile, ConstantsThatExplode) {
  const Guard guard;
  OnnxModel m;
  m.ints(v(0), {1, 2});
  for (int i = 0; i < 62; ++i) m.node("Concat", {v(i), v(i)}, {v(i + 1)}).with("axis", 0);
  m.input("x", Ints{2});
  m.node("Reshape", {"x", v(62)}, {"y"});
  m.output("y");
  EXPECT_FALSE(m.read().ok());
}

TEST(OnnxHostile, ConstantsWithoutEnd) {
  const Guard guard;
  OnnxModel m;
  m.input("x", Ints{2});
  m.ints("size", {512, 512});
  m.node("ConstantOfShape", {"size"}, {v(0)});
  for (int i = 0; i < 20000; ++i) m.node("Exp", {v(i)}, {v(i + 1)});
  m.node("ReduceSum", {v(20000)}, {"s"}).with("keepdims", 0);
  m.node("Add", {"x", "s"}, {"y"});
  m.output("y");
  EXPECT_TRUE(m.read().ok());  // what is too much is left to be computed ahead of time
}

TEST(OnnxHostile, RangesWithoutEnd) {
  const Guard guard;
  OnnxModel m;
  m.input("x", Ints{1});
  m.int_scalar("zero", 0);
  m.int_scalar("many", 200000);
  m.int_scalar("one", 1);
  for (int i = 0; i < 50000; ++i) m.node("Range", {"zero", "many", "one"}, {v(i)});
  m.node("Reshape", {"x", v(49999)}, {"y"});
  m.output("y");
  EXPECT_FALSE(m.read().ok());
}

TEST(OnnxHostile, SizesNobodyHas) {
  for (const std::int64_t size : {INT64_MAX, std::int64_t{1} << 41, INT64_MIN, std::int64_t{-2}}) {
    const Guard guard;
    OnnxModel m;
    m.input("x", Ints{1});
    m.ints("shape", {size, size, size});
    m.weight("w", {size, size});
    m.node("Expand", {"x", "shape"}, {"e"});
    m.node("ConstantOfShape", {"shape"}, {"c"});
    m.node("Tile", {"x", "shape"}, {"t"});
    m.node("MatMul", {"x", "w"}, {"p"});
    for (const char* name : {"e", "c", "t", "p"}) m.output(name);
    EXPECT_GE(m.read().errors().size(), 3U) << size;
    OnnxModel input;
    input.input("x", Ints{INT64_MAX, INT64_MAX});
    input.node("Relu", {"x"}, {"y"});
    input.output("y");
    EXPECT_EQ(error_names(input.read()), "E-shape");
  }
}

TEST(OnnxHostile, AttributesWithoutEnd) {
  const Guard guard;
  OnnxModel m;
  m.input("x", Ints{2, 3});
  const Ints many(1000000, 0);
  m.node("Transpose", {"x"}, {"a"}).with("perm", many);
  m.node("ReduceSum", {"x"}, {"b"}).with("axes", many);
  m.node("Slice", {"x"}, {"c"}).with("starts", many).with("ends", many).with("axes", many);
  m.node("Unsqueeze", {"x"}, {"d"}).with("axes", many);
  m.node("MaxPool", {"x"}, {"e"}).with("kernel_shape", many);
  m.proto().mutable_opset_import(0)->set_version(9);
  m.output("a");
  const auto graph = m.read();
  ASSERT_FALSE(graph);
  EXPECT_GE(graph.errors().size(), 4U);
}

TEST(OnnxHostile, MessagesWithoutEnd) {
  const Guard guard;
  // graph { node {} node {} … }: two bytes each, twenty million of them.
  std::string nodes;
  for (int i = 0; i < 20'000'000; ++i) nodes += std::string("\x0a\x00", 2);
  std::string length;
  for (std::size_t rest = nodes.size(); rest > 0; rest >>= 7) {
    length += static_cast<char>((rest & 127) | (rest > 127 ? 128 : 0));
  }
  const auto graph = read_onnx_bytes("nodes.onnx", "\x3a" + length + nodes, {});
  ASSERT_EQ(error_names(graph), "E-onnx-file");
  EXPECT_THAT(graph.errors()[0].message, testing::HasSubstr("holds more than"));
}

TEST(OnnxHostile, GraphsInGraphsInGraphs) {
  const Guard guard;
  onnx::GraphProto inner;
  for (int i = 0; i < 200; ++i) {
    onnx::GraphProto outer;
    auto* attribute = outer.add_node()->add_attribute();
    attribute->set_name("body");
    *attribute->mutable_g() = inner;
    inner = outer;
  }
  OnnxModel m;
  m.graph() = inner;
  EXPECT_EQ(error_names(m.read()), "E-onnx-file");
}

}  // namespace
}  // namespace takt
