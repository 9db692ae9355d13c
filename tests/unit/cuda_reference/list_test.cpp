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

TEST(LayerListReader, CountsOperandsBeforeItTakesThem) {
  for (const char* count : {"-1", "3", "9223372036854775807"}) {
    EXPECT_EQ(error_of(kHeader + kTensors + "op 0 r unary " + count + " 0 1\n"),
              std::string("net.layers:4: error: its inputs are not ") + count);
  }
  EXPECT_EQ(error_of(kHeader + kTensors + "op 0 r unary 1 4294967296 1 1 function=relu\n"),
            "net.layers:4: error: there is no tensor 4294967296");
  EXPECT_EQ(error_of(kHeader + kTensors + "op 0 r unary 1 0 1 0 function=relu\n"),
            "net.layers:4: error: op 'r' makes tensor 'x', which has values already");
  EXPECT_EQ(error_of(kHeader + kTensors + "op 0 r unary 1 0 0 function=relu\n"),
            "net.layers:4: error: op 'r': it has no result");
  EXPECT_EQ(error_of(kHeader + kTensors + "op 0 r unary 1 0 1 - function=relu\n"),
            "net.layers:4: error: op 'r': it has no result");
  EXPECT_EQ(error_of(kHeader + kTensors + "op 0 r binary 1 0 1 1 function=add\n"),
            "net.layers:4: error: op 'r': operand 1 is missing");
}

// A kernel that believed these would read or write beyond a tensor.
TEST(LayerListReader, ShapesMustGoTogether) {
  const struct {
    const char *x, *second, *y, *op;
  } cases[] = {
      {"2,3", "2", "2,4", "unary 1 0 1 2 function=relu"},
      {"2,3", "2", "2,3", "binary 2 0 1 1 2 function=add"},
      {"2,3", "4", "2,3", "layer_norm 2 0 1 1 2 axes=1"},
      {"2,3", "2", "2,3", "softmax 1 0 1 2 axes=2"},
      {"2,6", "2", "2,6", "group_norm 1 0 1 2 groups=0"},
      {"2,3", "2", "3", "reduce 1 0 1 2 axes=1 function=sum"},
      {"1,2,4,4", "2", "1,3,4,4", "max_pool 1 0 1 2 kernel=1,1 stride=1,1"},
      {"2,3", "2", "3,3", "transpose 1 0 1 2 permutation=1,0"},
      {"2,3", "2", "3,2", "transpose 1 0 1 2 permutation=1,1"},
      {"2,3", "2", "7", "reshape 1 0 1 2"},
      {"2,3", "2", "2,2", "slice 1 0 1 2 begin=0,1 step=1,2"},
      {"2,3", "2", "2,2", "split 1 0 1 2 axis=1 begin=2"},
      {"2,3", "2,3", "5,3", "concat 2 0 1 1 2 axis=0"},
      {"2,3", "2", "2,3", "gather 2 0 1 1 2 axis=5"},
      {"1,4,6,6", "8,4,3,3", "1,8,4,4", "conv 2 0 1 1 2 groups=2"},
      {"1,4,6,6", "8,4,3,3", "1,8,4,4", "conv 2 0 1 1 2 groups=0"},
      {"2,3", "4,5", "2,5", "matmul 2 0 1 1 2"},
      {"2,3", "3,5", "2,6", "matmul 2 0 1 1 2"},
  };
  for (const auto& c : cases) {
    const std::string text = kHeader + "tensor 0 x input int8 " + c.x + " aa signed=127\n" +
                             "tensor 1 z input int8 " + c.second + " ab signed=127\n" +
                             "tensor 2 y activation int8 " + c.y + " bb output\nop 0 r " + c.op +
                             "\n";
    EXPECT_EQ(error_of(text),
              "net.layers:5: error: op 'r': the shapes of its operands and results do not go "
              "together")
        << c.op;
  }
}

TEST(LayerListReader, NamesAllOpsThatDoNotFit) {
  const std::string tensors =
      "tensor 0 x input int8 2,3 aa signed=127\n"
      "tensor 1 y activation int8 4 bb\n"
      "tensor 2 z activation int8 5 cc output\n";
  EXPECT_EQ(error_of(kHeader + tensors + "op 0 a reshape 1 0 1 1\nop 1 b reshape 1 1 1 2\n"),
            "net.layers:5: error: op 'a': the shapes of its operands and results do not go "
            "together\n"
            "net.layers:6: error: op 'b': the shapes of its operands and results do not go "
            "together");
}

TEST(LayerListReader, RefusesWhatItCannotHold) {
  int code = 0;
  error_of("takt_layers 3 net batch 1 precision int8\n", &code);
  EXPECT_EQ(code, 4);
  EXPECT_EQ(error_of(kHeader + "tensor 0 x input int8 65536,65536 0 signed=1\n", &code),
            "net.layers:2: error: tensors of 2^31 elements and more are not supported");
  EXPECT_EQ(code, 4);
  EXPECT_EQ(error_of(kHeader + "tensor 0 x input int8 0,4294967296 0 signed=1\n", &code),
            "net.layers:2: error: tensors of 2^31 elements and more are not supported");
  EXPECT_EQ(code, 4);
  EXPECT_EQ(error_of(kHeader + "tensor 0 x input fp32 4 0 fraction=1,a\n"),
            "net.layers:2: error: an offset is no number: a");
}

}  // namespace
}  // namespace takt::gpu
