// SPDX-License-Identifier: Apache-2.0
// Layers in place, topology files, and what is none of the forms.
#include <gtest/gtest.h>

#include "sim/ir/macs.h"
#include "sim/workload/inline_shape.h"
#include "sim/workload/topology_csv.h"
#include "sim/workload/workload.h"

namespace takt {
namespace {

std::vector<std::string> names(const Result<Graph>& result) {
  std::vector<std::string> out;
  if (result.ok()) return out;
  for (const Diagnostic& diagnostic : result.errors()) out.push_back(diagnostic.name);
  return out;
}

TEST(InPlace, Gemm) {
  const auto graph = read_workload("gemm:m=3,n=5,k=7", {});
  ASSERT_TRUE(graph.ok());
  EXPECT_EQ(total_macs(*graph), 3u * 5 * 7);
  EXPECT_TRUE(graph->dtype_open);
  EXPECT_EQ(graph->tensors[0].kind, TensorKind::kInput);
  EXPECT_EQ(graph->tensors[1].kind, TensorKind::kParameter);
  EXPECT_TRUE(graph->tensors[2].is_output);
}

TEST(InPlace, GemmOfABatchHasItsOwnSecondOperands) {
  const auto graph = read_workload("gemm:m=3,n=5,k=7,batch=4,dtype=fp16", {});
  ASSERT_TRUE(graph.ok());
  EXPECT_EQ(total_macs(*graph), 4u * 3 * 5 * 7);
  EXPECT_FALSE(graph->dtype_open);
  EXPECT_EQ(graph->tensors[1].shape, (Shape{4, 7, 5}));
  EXPECT_EQ(graph->tensors[1].dtype, DType::kFp16);
}

TEST(InPlace, BatchOptionMeansMoreRows) {
  WorkloadOptions options;
  options.batch = 4;
  const auto gemm = read_workload("gemm:m=3,n=5,k=7", options);
  ASSERT_TRUE(gemm.ok());
  EXPECT_EQ(gemm->tensors[0].shape, (Shape{12, 7}));
  const auto conv = read_workload("conv:c=3,h=8,k=4,r=3", options);
  ASSERT_TRUE(conv.ok());
  EXPECT_EQ(conv->tensors[0].shape, (Shape{4, 3, 8, 8}));
}

TEST(InPlace, Conv) {
  const auto graph =
      read_workload("conv:n=2,c=64,h=56,w=28,k=32,r=3,s=1,stride=2,pad=1,groups=2", {});
  ASSERT_TRUE(graph.ok()) << to_string(graph.errors());
  EXPECT_EQ(graph->tensors[2].shape, (Shape{2, 32, 28, 15}));
  EXPECT_EQ(total_macs(*graph), 2u * 32 * 28 * 15 * 32 * 3 * 1);
}

TEST(InPlace, EveryErrorAtItsColumn) {
  const auto result = read_workload("gemm:m=0,kk=5,n=x,n=3,dtype=int7", {});
  ASSERT_FALSE(result.ok());
  const Diagnostics& errors = result.errors();
  ASSERT_EQ(errors.size(), 6u);
  EXPECT_EQ(errors[0].name, "E-out-of-range");
  EXPECT_EQ(errors[0].place.column, 8);
  EXPECT_EQ(errors[1].name, "E-unknown-key");
  EXPECT_EQ(errors[1].place.column, 10);
  EXPECT_EQ(errors[1].hint, "did you mean 'k'?");
  EXPECT_EQ(errors[2].name, "E-not-a-number");
  EXPECT_EQ(errors[2].place.column, 17);
  EXPECT_EQ(errors[3].name, "E-duplicate-key");
  EXPECT_EQ(errors[3].place.column, 19);
  EXPECT_EQ(errors[4].name, "E-bad-choice");
  EXPECT_EQ(errors[4].hint, "did you mean 'int8'?");
  EXPECT_EQ(errors[5].name, "E-missing-key");  // k
  EXPECT_EQ(errors[5].path, "gemm.k");
  EXPECT_EQ(exit_code(errors), 3);
}

TEST(InPlace, RefusesWhatNoTensorHolds) {
  for (const char* text : {"gemm:", "gemm:m", "gemm:=3", "gemm:m=1,n=1,k=-1", "gemm:m=1,n=1,k=1e3",
                           "gemm:m=1,n=1,k=99999999999999999999", "conv:c=3,h=2,k=1,r=5",
                           "conv:c=3,h=8,k=4,r=3,groups=2", "conv:c=3,h=8,k=4,r=3,stride=0",
                           "gemm:m=2147483648,n=2147483648,k=2147483648"}) {
    const auto result = read_workload(text, {});
    EXPECT_FALSE(result.ok()) << text;
    if (!result.ok()) {
      EXPECT_EQ(exit_code(result.errors()), 3) << text;
    }
  }
}

TEST(Topology, Convolutions) {
  // Two layers of AlexNet as SCALE-Sim's topologies/conv_nets/alexnet.csv writes them, spaces,
  // tabs, trailing commas and an empty line included.
  const auto graph = read_topology_text(
      "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, "
      "Strides,\r\n"
      "Conv1, 224,\t224, 11, 11, 3, 96, 4, \r\n\r\n"
      "Conv2 ,31,31,5,5,96,256,1,,,\n",
      "alexnet.csv", {});
  ASSERT_TRUE(graph.ok()) << to_string(graph.errors());
  ASSERT_EQ(graph->ops.size(), 2u);
  EXPECT_EQ(graph->ops[1].name, "Conv2");
  // ceil((224 - 11 + 4) / 4) = 55, though 224 - 11 is not a multiple of 4.
  EXPECT_EQ(graph->tensors[2].shape, (Shape{1, 96, 55, 55}));
  EXPECT_EQ(graph->tensors[5].shape, (Shape{1, 256, 27, 27}));
  EXPECT_EQ(graph->name, "alexnet");
}

TEST(Topology, Gemms) {
  const auto graph = read_topology_text("Layer, M, N, K,\nTF0,31999,84,1024,\nTF0,84,4096,1024\n",
                                        "x/transformer.csv", {});
  ASSERT_TRUE(graph.ok()) << to_string(graph.errors());
  EXPECT_EQ(total_macs(*graph), 31999u * 84 * 1024 + 84u * 4096 * 1024);
  EXPECT_EQ(graph->ops[1].name, "TF0.2");
}

TEST(Topology, WithoutHeaderAndWithSparsity) {
  const auto plain = read_topology_text("a,10,20,30\n", "t.csv", {});
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(total_macs(*plain), 6000u);
  const auto dense = read_topology_text("Layer,M,N,K,Sparsity\na,10,20,30,1:1,\n", "t.csv", {});
  EXPECT_TRUE(dense.ok());
  EXPECT_EQ(names(read_topology_text("Layer,M,N,K,Sparsity\na,10,20,30,2:4,\n", "t.csv", {})),
            std::vector<std::string>{"E-columns"});
}

TEST(Topology, EveryErrorAtItsPlace) {
  const auto result =
      read_topology_text("Layer,M,N,K\na,1,2\nb,1,2,x\nc,1,0,3\nd,4,4,4\n", "t.csv", {});
  ASSERT_FALSE(result.ok());
  const Diagnostics& errors = result.errors();
  ASSERT_EQ(errors.size(), 3u);
  EXPECT_EQ(errors[0].name, "E-columns");
  EXPECT_EQ(errors[0].place.line, 2);
  EXPECT_EQ(errors[1].name, "E-not-a-number");
  EXPECT_EQ(errors[1].place.line, 3);
  EXPECT_EQ(errors[1].place.column, 7);
  EXPECT_EQ(errors[2].name, "E-out-of-range");
  EXPECT_EQ(errors[2].place.line, 4);
}

TEST(Topology, NothingInIt) {
  EXPECT_EQ(names(read_topology_text("", "t.csv", {})), std::vector<std::string>{"E-empty-file"});
  EXPECT_EQ(names(read_topology_text("Layer,M,N,K\n\n", "t.csv", {})),
            std::vector<std::string>{"E-empty-file"});
  EXPECT_EQ(names(read_topology_text("a,4,4,5,5,3,8,1\n", "t.csv", {})),
            std::vector<std::string>{"E-out-of-range"});
}

TEST(Forms, NoneOfThem) {
  const auto result = read_workload("resnet18", {});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.errors()[0].name, "E-workload-form");
  EXPECT_NE(result.errors()[0].hint.find("gemm:"), std::string::npos);
  EXPECT_EQ(names(read_workload("not_there.yaml", {})), std::vector<std::string>{"E-missing-file"});
  EXPECT_EQ(names(read_workload("not_there.csv", {})), std::vector<std::string>{"E-missing-file"});
  WorkloadOptions none;
  none.batch = 0;
  EXPECT_EQ(names(read_workload("gemm:m=1,n=1,k=1", none)),
            std::vector<std::string>{"E-out-of-range"});
}

// What `takt convert` makes of the largest exported networks must be read back.
TEST(Topology, ManyLinesAreReadAndTooManyAreNot) {
  std::string text;
  for (int i = 0; i < 120'000; ++i) text += "layer" + std::to_string(i) + ",9,9,3,3,1,1,1,\n";
  const auto graph = read_topology_text(text, "t.csv", {});
  ASSERT_TRUE(graph.ok()) << to_string(graph.errors());
  EXPECT_EQ(graph->ops.size(), 120'000u);
  const auto larger = read_topology_text(std::string(200'001, '\n'), "t.csv", {});
  ASSERT_FALSE(larger.ok());
  EXPECT_EQ(to_string(larger.errors()), "t.csv: error: more than 200000 lines [E-too-large]\n");
}

}  // namespace
}  // namespace takt
