// SPDX-License-Identifier: Apache-2.0
// Files that mean harm, from the command line to the record: whatever the file says, the program
// ends with a result or a message, within two gibibytes of address space and minutes of processor
// time, which the system enforces. tests/reader/onnx does the same for the reader alone.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/hostile/limited_program.h"

namespace takt {
namespace {

using test::Ending;
using test::Ints;
using test::LimitedProgram;
using test::Names;
using test::OnnxModel;

Ending ending_of(OnnxModel& model) { return LimitedProgram(model).go(); }

/// It ran, or said what is wrong, in words that fit a screen or two: never our own mistake.
void expect_an_answer(const Ending& ending) {
  EXPECT_TRUE(ending.code == 0 || ending.code == 3 || ending.code == 4 || ending.code == 7)
      << "exit code " << ending.code << "\n"
      << ending.errors.substr(0, 4000);
  EXPECT_LT(ending.errors.size(), std::size_t{256} << 10U);
}

std::string v(std::int64_t i) { return "v" + std::to_string(i); }

/// `nodes` nodes, every second one a convolution with weights of its own.
Ending convolutions(int nodes) {
  OnnxModel m;
  m.input(v(0), Ints{1, 16, 8, 8});
  for (int i = 0; i < nodes; ++i) {
    if (i % 2 != 0) {
      m.node("Relu", {v(i)}, {v(i + 1)});
      continue;
    }
    const std::string weight = "w" + std::to_string(i);
    m.weight(weight, {16, 16, 1, 1});
    m.node("Conv", {v(i), weight}, {v(i + 1)});
  }
  m.output(v(nodes));
  return ending_of(m);
}

TEST(Hostile, AChainOfAHundredThousandNodes) {
#ifdef _GLIBCXX_ASSERTIONS
  GTEST_SKIP() << "sanitizers need address space of their own";
#endif
  const Ending half = convolutions(50000);
  EXPECT_EQ(half.code, 0) << half.errors;
  const Ending whole = convolutions(100000);
  EXPECT_EQ(whole.code, 0) << whole.errors;
  EXPECT_LT(whole.peak_kib, half.peak_kib * 5 / 2) << "memory grows faster than the network";
}

TEST(Hostile, AChainOfVectorWork) {
  OnnxModel m;
  m.input(v(0), Ints{1, 64});
  constexpr int kNodes = 100000;
  for (int i = 0; i < kNodes; ++i) m.node(i % 3 ? "Relu" : "Sigmoid", {v(i)}, {v(i + 1)});
  m.output(v(kNodes));
  expect_an_answer(ending_of(m));
}

TEST(Hostile, AChainThatNothingFuses) {
  OnnxModel m;
  m.input(v(0), Ints{4, 64});
  constexpr int kNodes = 100000;
  for (int i = 0; i < kNodes; ++i) m.node("Softmax", {v(i)}, {v(i + 1)}).with("axis", i % 2);
  m.output(v(kNodes));
  expect_an_answer(ending_of(m));
}

TEST(Hostile, ManyReadersOfOneValue) {
  OnnxModel m;
  m.input("x", Ints{1, 64});
  constexpr int kReaders = 30000;
  Names all;
  for (int i = 0; i < kReaders; ++i) {
    m.node("Softmax", {"x"}, {v(i)});
    all.push_back(v(i));
  }
  m.node("Sum", all, {"y"});
  m.output("y");
  expect_an_answer(ending_of(m));
}

TEST(Hostile, ManyInputsAndOutputs) {
  OnnxModel m;
  constexpr int kInputs = 30000;
  Names all;
  for (int i = 0; i < kInputs; ++i) {
    m.input(v(i), Ints{1, 8});
    m.node("Tanh", {v(i)}, {"t" + std::to_string(i)});
    m.output("t" + std::to_string(i));
    all.push_back("t" + std::to_string(i));
  }
  m.node("Concat", all, {"y"}).with("axis", 1);
  m.output("y");
  expect_an_answer(ending_of(m));
}

TEST(Hostile, ProductsOfTwoVectorsThatFillAMachine) {
  for (const std::int64_t size :
       {std::int64_t{1} << 14, std::int64_t{1} << 20, std::int64_t{1} << 31}) {
    SCOPED_TRACE(size);
    for (const char* op : {"MatMul", "Add"}) {
      SCOPED_TRACE(op);
      OnnxModel m;
      m.input("a", Ints{size, 1});
      m.input("b", Ints{1, size});
      m.node(op, {"a", "b"}, {"c"});
      m.node("Softmax", {"c"}, {"y"});
      m.output("y");
      expect_an_answer(ending_of(m));
    }
  }
}

TEST(Hostile, OperatorsThatMakeMuchOfLittle) {
  for (const std::int64_t size : {std::int64_t{1} << 16, std::int64_t{1} << 40, INT64_MAX}) {
    SCOPED_TRACE(size);
    for (const char* op : {"Expand", "Tile", "ConstantOfShape", "Range", "Resize", "Pad"}) {
      SCOPED_TRACE(op);
      OnnxModel m;
      m.input("x", Ints{1, 1});
      m.int_scalar("zero", 0);
      m.int_scalar("one", 1);
      m.int_scalar("many", size);
      m.ints("shape", {size, 3});
      m.ints("pads", {size, 0, 0, size});
      const std::string kind = op;
      if (kind == "Expand" || kind == "Tile") m.node(op, {"x", "shape"}, {"y"});
      if (kind == "ConstantOfShape") m.node(op, {"shape"}, {"y"});
      if (kind == "Range") m.node(op, {"zero", "many", "one"}, {"y"});
      if (kind == "Resize") m.node(op, {"x", "", "", "shape"}, {"y"});
      if (kind == "Pad") m.node(op, {"x", "pads"}, {"y"});
      m.node("Exp", {"y"}, {"z"});
      m.output("z");
      expect_an_answer(ending_of(m));
    }
  }
}

TEST(Hostile, TilesOfTiles) {
  OnnxModel m;
  m.input(v(0), Ints{2, 2});
  m.ints("twice", {2, 2});
  for (int i = 0; i < 60; ++i) m.node("Tile", {v(i), "twice"}, {v(i + 1)});
  m.output(v(60));
  expect_an_answer(ending_of(m));
}

TEST(Hostile, WindowsLargerThanAnything) {
  for (const std::int64_t size : {std::int64_t{1} << 31, std::int64_t{1} << 62, INT64_MAX}) {
    for (const char* key : {"kernel_shape", "strides", "dilations", "pads", "group"}) {
      SCOPED_TRACE(key + std::string(" ") + std::to_string(size));
      OnnxModel m;
      m.input("x", Ints{1, 4, 9, 9});
      m.weight("w", {4, 4, 3, 3});
      auto conv = m.node("Conv", {"x", "w"}, {"c"});
      auto pool = m.node("MaxPool", {"c"}, {"y"});
      const std::string name = key;
      if (name == "group") {
        conv.with("group", size);
      } else {
        conv.with(name, name == "pads" ? Ints{size, size, size, size} : Ints{size, size});
      }
      pool.with("kernel_shape", Ints{2, 2}).with("strides", Ints{size, size});
      m.output("y");
      expect_an_answer(ending_of(m));
    }
  }
}

TEST(Hostile, RecurrentLayersWithoutEnd) {
  for (const std::int64_t size : {std::int64_t{1} << 20, std::int64_t{1} << 40}) {
    OnnxModel m;
    m.input("x", Ints{size, 1, 4});
    m.weight("w", {1, 16, 4});
    m.weight("r", {1, 16, 4});
    m.node("LSTM", {"x", "w", "r"}, {"y"}).with("hidden_size", 4);
    m.output("y");
    expect_an_answer(ending_of(m));
    OnnxModel wide;
    wide.input("x", Ints{3, 1, 4});
    wide.weight("w", {1, 4 * size, 4});
    wide.weight("r", {1, 4 * size, size});
    wide.node("LSTM", {"x", "w", "r"}, {"y"}).with("hidden_size", size);
    wide.output("y");
    expect_an_answer(ending_of(wide));
  }
}

TEST(Hostile, TextWithoutEnd) {
  const std::string giant(std::size_t{64} << 20U, 'a');
  OnnxModel name;
  name.input("x", Ints{2});
  name.node("Relu", {"x"}, {giant}).named(giant);
  name.output(giant);
  expect_an_answer(ending_of(name));
  OnnxModel operation;
  operation.input("x", Ints{2});
  operation.node(giant, {"x"}, {"y"});
  operation.output("y");
  expect_an_answer(ending_of(operation));
  OnnxModel attribute;
  attribute.input("x", Ints{1, 1, 4, 4});
  attribute.node("MaxPool", {"x"}, {"y"})
      .with("kernel_shape", Ints{2, 2})
      .with("auto_pad", giant.c_str());
  attribute.output("y");
  expect_an_answer(ending_of(attribute));
  OnnxModel equation;
  equation.input("x", Ints{2});
  equation.node("Einsum", {"x"}, {"y"}).with("equation", giant.c_str());
  equation.output("y");
  expect_an_answer(ending_of(equation));
}

TEST(Hostile, DataThatLiesOutside) {
  for (const char* location : {"/dev/zero", "/etc/passwd", "../../../../../../etc/passwd", "pipe",
                               "/proc/self/mem", ".", "", "net.onnx"}) {
    SCOPED_TRACE(location);
    OnnxModel m;
    m.input("x", Ints{4});
    onnx::TensorProto& shape = m.weight("shape", {1});
    shape.set_data_type(onnx::TensorProto::INT64);
    shape.mutable_external_data(0)->set_value(location);
    for (const auto& [key, value] : {std::pair("offset", "0"), std::pair("length", "8")}) {
      auto* entry = shape.add_external_data();
      entry->set_key(key);
      entry->set_value(value);
    }
    m.node("Reshape", {"x", "shape"}, {"y"});
    m.output("y");
    const LimitedProgram run(m);
    // A pipe that nobody writes to: opening it for reading would wait for ever.
    ASSERT_EQ(mkfifo((run.folder() + "/pipe").c_str(), 0600), 0);
    const Ending ending = run.go();
    expect_an_answer(ending);
    EXPECT_NE(ending.code, 0);
  }
}

}  // namespace
}  // namespace takt
