// SPDX-License-Identifier: Apache-2.0
// The file as a whole: order, opsets, operators we do not have, data beside it, whole networks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/ir/macs.h"
#include "tests/support/onnx_model.h"
#include "tests/unit/onnx/residual_network.h"

namespace takt {
namespace {

using test::error_names;
using test::find_op;
using test::Ints;
using test::Names;
using test::OnnxModel;
using testing::AnyOf;
using testing::HasSubstr;

TEST(OnnxNetworks, ResNet18HasItsMacs) {
  OnnxModel m;
  test::resnet(m, {2, 2, 2, 2}, false);
  const auto graph = m.read();
  ASSERT_TRUE(graph.ok()) << to_string(graph.errors());
  EXPECT_EQ(total_macs(*graph), 1'814'073'344U);
  EXPECT_EQ(graph->ops.size(), 49U);  // 20 conv, 17 relu, 8 add, 2 pools, flatten, gemm
}

TEST(OnnxNetworks, ResNet50HasItsMacs) {
  OnnxModel m;
  test::resnet(m, {3, 4, 6, 3}, true);
  OnnxOptions options;
  EXPECT_EQ(total_macs(*m.read(options)), 4'089'184'256U);
  options.batch = 4;
  EXPECT_EQ(total_macs(*m.read(options)), 4 * std::uint64_t{4'089'184'256});
}

TEST(OnnxOrder, FilesNeedNotBeSorted) {
  OnnxModel m;
  m.input("x", Ints{2});
  m.node("Neg", {"b"}, {"y"});
  m.node("Abs", {"a"}, {"b"});
  m.node("Relu", {"x"}, {"a"});
  m.output("y");
  const auto graph = m.read();
  ASSERT_TRUE(graph.ok());
  EXPECT_EQ(graph->ops.front().name, "a");
  EXPECT_EQ(graph->ops.back().name, "y");
}

TEST(OnnxOrder, ACycleIsNamed) {
  OnnxModel m;
  m.input("x", Ints{2});
  m.node("Add", {"x", "c"}, {"a"});
  m.node("Neg", {"a"}, {"b"});
  m.node("Abs", {"b"}, {"c"});
  m.node("Relu", {"c"}, {"y"});
  m.output("y");
  const auto graph = m.read();
  EXPECT_EQ(error_names(graph), "E-onnx-graph");
  EXPECT_THAT(graph.errors()[0].path, AnyOf("node 'a'", "node 'b'", "node 'c'"));
  EXPECT_THAT(graph.errors()[0].message, HasSubstr("cycle"));
}

TEST(OnnxOrder, ValuesMadeTwiceOrNever) {
  OnnxModel m;
  m.input("x", Ints{2});
  m.node("Add", {"x", "nothing"}, {"y"});
  m.node("Neg", {"x"}, {"y"}).named("again");
  m.output("y");
  const auto graph = m.read();
  ASSERT_EQ(error_names(graph), "E-onnx-graph E-onnx-graph");
  EXPECT_EQ(graph.errors()[0].path, "node 'again'");
  EXPECT_THAT(graph.errors()[1].message, HasSubstr("'nothing', which nothing makes"));
}

TEST(OnnxOperatorsMissing, AreListedTogether) {
  OnnxModel m;
  m.input("x", Ints{2});
  m.node("If", {"x"}, {"a"});
  m.node("QLinearConv", {"a"}, {"b"});
  m.node("QLinearConv", {"b"}, {"c"});
  m.node("Gelu", {"c"}, {"y"})->set_domain("com.microsoft");
  m.output("y");
  const auto graph = m.read();
  ASSERT_EQ(error_names(graph), "E-unsupported-op E-unsupported-op E-unsupported-op");
  EXPECT_EQ(exit_code(graph.errors()), 4);
  const std::string text = to_string(graph.errors());
  EXPECT_THAT(text, HasSubstr("node 'a': operator If is not supported"));
  EXPECT_THAT(text,
              HasSubstr("node 'b': operator QLinearConv is not supported (and 1 more of it)"));
  EXPECT_THAT(text, HasSubstr("com.microsoft::Gelu"));
}

TEST(OnnxOpset, From7To21) {
  const auto error = [](int opset) {
    OnnxModel m(opset);
    m.proto().set_ir_version(99);  // newer files load as long as the operators are known
    m.input("x", Ints{2});
    m.node("Relu", {"x"}, {"y"});
    m.output("y");
    return error_names(m.read());
  };
  EXPECT_EQ(error(6), "E-opset");
  EXPECT_EQ(error(7), "none");
  EXPECT_EQ(error(21), "none");
  EXPECT_EQ(error(22), "E-opset");
}

TEST(OnnxFile, ErrorsNameTheFile) {
  const auto missing = read_onnx("no/such/file.onnx", {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(error_names(missing), "E-missing-file");
  EXPECT_EQ(missing.errors()[0].place.file, "no/such/file.onnx");
  EXPECT_EQ(exit_code(missing.errors()), 3);
  EXPECT_EQ(error_names(read_onnx("/tmp", {})), "E-unreadable-file");
  OnnxModel bad;
  bad.input("x", Ints{2});
  bad.input("z", Ints{3});
  bad.node("Add", {"x", "z"}, {"y"});
  bad.node("Sub", {"x", "z"}, {"w"});
  bad.output("y");
  const auto graph = bad.read();
  ASSERT_EQ(error_names(graph), "E-shape E-shape");  // all errors at once
  EXPECT_THAT(graph.errors()[1].place.file, HasSubstr("takt_model_"));
}

TEST(OnnxFile, WhatFollowsAFailedNodeIsNotJudged) {
  OnnxModel m;
  m.input("x", Ints{2});
  m.input("z", Ints{3});
  m.node("Add", {"x", "z"}, {"a"});
  m.node("Add", {"a", "z"}, {"y"});
  m.output("y");
  EXPECT_EQ(error_names(m.read()), "E-shape");
}

TEST(OnnxFile, ResultsThatAreNotSupportedAreOnlyMissedWhenUsed) {
  OnnxModel m;
  m.input("x", Ints{1, 1, 4, 4});
  m.node("MaxPool", {"x"}, {"y", "indices"}).with("kernel_shape", Ints{2, 2});
  m.output("y");
  EXPECT_EQ(error_names(m.read()), "none");
  m.node("Cast", {"indices"}, {"z"}).with("to", 1);
  m.output("z");
  EXPECT_EQ(error_names(m.read()), "E-unsupported-feature");
}

TEST(OnnxFile, NodesWithoutOrWithTheSameNameGetTheirOwn) {
  OnnxModel m;
  m.input("x", Ints{2});
  m.node("Relu", {"x"}, {"a"}).named("same");
  m.node("Neg", {"a"}, {"b"}).named("same");
  m.node("Abs", {"b"}, {"y"}).named("");
  m.output("y");
  const auto graph = m.read();
  ASSERT_TRUE(graph.ok()) << to_string(graph.errors());
  EXPECT_EQ(graph->ops[0].name, "same");
  EXPECT_EQ(graph->ops[1].name, "same.2");
  EXPECT_EQ(graph->ops[2].name, "Abs_2");
}

class OnnxExternal : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::temp_directory_path() / ("takt_external_" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_ / "model");
    m_.input("x", Names{"batch", "4"});
    auto& shape = m_.weight("shape", {2});
    shape.set_data_type(onnx::TensorProto::INT64);
    shape.mutable_external_data(0)->set_value("data.bin");
    m_.node("Reshape", {"x", "shape"}, {"y"});
    m_.output("y");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void put(const std::filesystem::path& at) {
    const std::int64_t values[] = {2, 2};
    std::ofstream(at, std::ios::binary).write(reinterpret_cast<const char*>(values), sizeof values);
  }
  void set_place(const std::string& place) {
    m_.graph().mutable_initializer(0)->mutable_external_data(0)->set_value(place);
  }
  std::string error() { return error_names(read_onnx(m_.write((folder_ / "model").string()), {})); }

  std::filesystem::path folder_;
  OnnxModel m_;
};

TEST_F(OnnxExternal, IsReadBesideTheModel) {
  put(folder_ / "model" / "data.bin");
  EXPECT_EQ(error(), "none");
}

TEST_F(OnnxExternal, MissingValuesAreOnlyUnknown) { EXPECT_EQ(error(), "E-dynamic-shape"); }

TEST_F(OnnxExternal, IsNotReadElsewhere) {
  put(folder_ / "data.bin");
  set_place("../data.bin");
  EXPECT_EQ(error(), "E-onnx-tensor");
  set_place((folder_ / "data.bin").string());
  EXPECT_EQ(error(), "E-onnx-tensor");
  std::filesystem::create_symlink(folder_ / "data.bin", folder_ / "model" / "link.bin");
  set_place("link.bin");
  EXPECT_EQ(error(), "E-dynamic-shape");
}

}  // namespace
}  // namespace takt
