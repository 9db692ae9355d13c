// SPDX-License-Identifier: Apache-2.0
// How layer lists are read: what is wrong, and where.
#include "sim/reference/cuda/list.h"

#include <gtest/gtest.h>

namespace takt::gpu {
namespace {

const std::string kHeader = "takt_layers 2 net batch 1 precision int8\n";
const std::string kTensors =
    "tensor 0 x input int8 2,3 00000000000000aa signed=127\n"
    "tensor 1 y activation int8 2,3 00000000000000bb output\n";
const std::string kOp = "op 0 r unary 1 0 1 1 function=relu alpha=0 beta=0\n";

std::string error_of(const std::string& text, int* code = nullptr) {
  try {
    parse_network(text, "net.layers");
  } catch (const InputError& error) {
    if (code != nullptr) *code = error.code;
    return error.what();
  }
  return "";
}

TEST(LayerListReader, ReadsWhatItNeedsAndSkipsTheRest) {
  const Network network =
      parse_network(kHeader + kTensors + "remark of a later version\n" + kOp +
                        "vector r relu int8 images 1 rows 2 elements 3 steps relu\nmembers 0\n",
                    "net.layers");
  EXPECT_EQ(network.name, "net");
  ASSERT_EQ(network.tensors.size(), 2U);
  EXPECT_EQ(network.tensors[0].dims, (Dims{2, 3}));
  EXPECT_EQ(network.tensors[0].rule.kind, Rule::kSigned);
  EXPECT_EQ(network.tensors[0].name_hash, 0xAAU);
  EXPECT_TRUE(network.tensors[1].is_output);
  ASSERT_EQ(network.layers.size(), 1U);
  EXPECT_EQ(network.layers[0].members, std::vector<int>{0});
  const std::string lines = kTensors + kOp;
  EXPECT_EQ(network.values_hash, fnv1a(lines.data(), lines.size()));
}

TEST(LayerListReader, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(error_of(""), "net.layers:0: error: the file is empty");
  EXPECT_EQ(error_of("layers\n"),
            "net.layers:1: error: not a layer list: it begins with 'takt_layers'");
  EXPECT_EQ(error_of(kHeader + "tensor 1 x input int8 2 0 signed=1\n"),
            "net.layers:2: error: tensors are numbered in order from 0");
  EXPECT_EQ(error_of(kHeader + "tensor 0 x input int4 2 0 signed=1\n"),
            "net.layers:2: error: unknown type 'int4'");
  EXPECT_EQ(error_of(kHeader + "tensor 0 x input int8 2,a 0 signed=1\n"),
            "net.layers:2: error: a dimension is no whole number: a");
  EXPECT_EQ(error_of(kHeader + "tensor 0 x parameter int8 3 0 values=1,2\n"),
            "net.layers:2: error: tensor 'x' has 3 elements, not 2");
  EXPECT_EQ(error_of(kHeader + kTensors + "op 0 r unary 1 7 1 1 function=relu\n"),
            "net.layers:4: error: there is no tensor 7");
  EXPECT_EQ(error_of(kHeader + kTensors + "op 0 r unary 1 1 1 0 function=relu\n"),
            "net.layers:4: error: op 'r' reads tensor 'y' before it is made");
  EXPECT_EQ(error_of(kHeader + kTensors),
            "net.layers:3: error: the list has no ops; write it with takt convert --to layers");
}

TEST(LayerListReader, RefusesWhatItCannotHold) {
  int code = 0;
  error_of("takt_layers 3 net batch 1 precision int8\n", &code);
  EXPECT_EQ(code, 4);
  EXPECT_EQ(error_of(kHeader + "tensor 0 x input int8 65536,65536 0 signed=1\n", &code),
            "net.layers:2: error: tensors of 2^31 elements and more are not supported");
  EXPECT_EQ(code, 4);
}

}  // namespace
}  // namespace takt::gpu
