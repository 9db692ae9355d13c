// SPDX-License-Identifier: Apache-2.0
// The networks in workloads/ are the published ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "sim/ir/fuse.h"
#include "sim/ir/macs.h"
#include "sim/workload/workload.h"
#include "sim/workload/yaml_network.h"
#include "sim/workload/yaml_write.h"

namespace takt {
namespace {

std::string path_of(const std::string& name) {
  return std::string(TAKT_SOURCE_DIR) + "/workloads/" + name + ".yaml";
}

Graph read(const std::string& name, WorkloadOptions options = {}) {
  auto graph = read_workload(path_of(name), options);
  EXPECT_TRUE(graph.ok()) << (graph.ok() ? "" : to_string(graph.errors()));
  return *graph;
}

std::uint64_t parameters(const Graph& graph) {
  std::uint64_t sum = 0;
  for (const Tensor& tensor : graph.tensors) {
    // Known constants (the factor of an attention's scores) are no parameters of the network.
    if (tensor.kind != TensorKind::kParameter || tensor.constant.index() != 0) continue;
    sum += static_cast<std::uint64_t>(elements_of(tensor.shape));
  }
  return sum;
}

struct Published {
  const char* name;
  std::uint64_t macs;
  std::uint64_t parameters;  ///< 0 = not compared
};

// MACs of the torchvision networks: a count over the graphs that torch.onnx.export makes of
// torchvision 0.14 (Conv, Gemm and MatMul). Parameters: torchvision's table of models less two per
// batch norm channel, since scale and offset become the bias of the convolution (11,689,512 -
// 4,800, 25,557,032 - 26,560, 3,504,872 - 17,056, 5,288,548 - 21,008).
class PublishedNetworks : public ::testing::TestWithParam<Published> {};

TEST_P(PublishedNetworks, MacsAndParameters) {
  const Graph graph = read(GetParam().name);
  EXPECT_EQ(total_macs(graph), GetParam().macs);
  if (GetParam().parameters != 0) {
    EXPECT_EQ(parameters(graph), GetParam().parameters);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, PublishedNetworks,
    ::testing::Values(
        Published{"resnet18", 1'814'073'344, 11'689'512 - 4'800},
        Published{"resnet50", 4'089'184'256, 25'557'032 - 26'560},
        Published{"alexnet", 714'188'480, 61'100'840},
        Published{"vgg16", 15'470'264'320, 138'357'544},
        Published{"mobilenet_v2", 300'774'272, 3'504'872 - 17'056},
        Published{"efficientnet_b0", 385'814'752, 5'288'548 - 21'008},
        // torchvision's table of models: 86,567,656.
        Published{"vit_b_16", 17'563'828'224, 86'567'656},
        // Transformers' BertModel counts 109,482,240 and 335,141,888 parameters at 512 positions;
        // here are 128. MACs by hand: the files' own comments.
        Published{"bert_base", 11'174'215'680, 109'482'240 - 384 * 768},
        Published{"bert_large", 39'461'060'608, 335'141'888 - 384 * 1024},
        // openai/gpt-2: 124,439,808 parameters less the positions behind 128, and with a mask.
        Published{"gpt2_prefill", 16'114'089'984, 124'439'808 - 896 * 768 + 128 * 128},
        Published{"gpt2_decode", 142'406'400, 0},
        // Zaremba et al. 2014, medium: both layers and the decoder, 35 steps.
        Published{"lstm", 464'100'000, 0},
        // keras-team/keras examples/cifar10_cnn.py prints 1,250,858.
        Published{"cifar10_cnn", 20'741'120, 1'250'858}),
    [](const auto& instance) { return std::string(instance.param.name); });

// Jouppi et al., ISCA 2017, table 1.
struct TpuApplication {
  const char* name;
  std::int64_t batch, fully_connected, convolutions, vector, pools;
  double weights_millions, macs_per_weight;
};
class TpuApplications : public ::testing::TestWithParam<TpuApplication> {};

TEST_P(TpuApplications, LayersWeightsAndMacs) {
  const TpuApplication& app = GetParam();
  const Graph graph = read(app.name);
  EXPECT_EQ(graph.tensors[0].shape[0], app.batch);
  std::int64_t products = 0, convolutions = 0, pools = 0, elementwise = 0;
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    const Op& op = graph.ops[i];
    products += op.kind == OpKind::kMatMul;
    convolutions += op.kind == OpKind::kConv;
    pools += op.kind == OpKind::kMaxPool;
    const bool of_product =
        op.kind == OpKind::kUnary && i > 0 && graph.ops[i - 1].kind == OpKind::kMatMul;
    elementwise += (op.kind == OpKind::kUnary || op.kind == OpKind::kBinary) && !of_product;
  }
  EXPECT_EQ(products, app.fully_connected);
  EXPECT_EQ(convolutions, app.convolutions);
  EXPECT_EQ(pools, app.pools);
  if (app.vector > 0) {
    EXPECT_EQ(elementwise, app.vector);
  }
  const auto weights = static_cast<double>(parameters(graph));
  EXPECT_NEAR(weights, app.weights_millions * 1e6, 0.02 * app.weights_millions * 1e6);
  const double macs = app.macs_per_weight * app.weights_millions * 1e6;
  EXPECT_NEAR(static_cast<double>(total_macs(graph)), macs, 0.02 * macs);
}

INSTANTIATE_TEST_SUITE_P(All, TpuApplications,
                         ::testing::Values(TpuApplication{"mlp0", 200, 5, 0, 0, 0, 20, 200},
                                           TpuApplication{"mlp1", 168, 4, 0, 0, 0, 5, 168},
                                           TpuApplication{"lstm0", 64, 24, 0, 34, 0, 52, 64},
                                           TpuApplication{"lstm1", 96, 37, 0, 19, 0, 34, 96},
                                           TpuApplication{"cnn0", 8, 0, 16, 0, 0, 8, 2888},
                                           TpuApplication{"cnn1", 32, 4, 72, 0, 13, 100, 1750}),
                         [](const auto& instance) { return std::string(instance.param.name); });

TEST(Networks, EveryFileIsFused) {
  int files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(TAKT_SOURCE_DIR) + "/workloads")) {
    if (entry.path().extension() != ".yaml") continue;
    SCOPED_TRACE(entry.path().filename().string());
    ++files;
    for (std::int64_t batch : {1, 3}) {
      WorkloadOptions options;
      options.batch = batch;
      const Graph graph = read(entry.path().stem().string(), options);
      const auto regions = fuse(graph, {});
      ASSERT_TRUE(regions.ok()) << to_string(regions.errors());
      std::uint64_t macs = 0;
      for (const Region& region : regions->regions) {
        if (region.kind == Region::Kind::kMatrix) macs += region.matrix.macs();
      }
      EXPECT_EQ(macs, total_macs(graph));
    }
  }
  EXPECT_GE(files, 19);
}

TEST(Networks, EveryFileSaysWhereItIsFrom) {
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(TAKT_SOURCE_DIR) + "/workloads")) {
    if (entry.path().extension() != ".yaml") continue;
    std::ifstream file(entry.path());
    std::stringstream text;
    text << file.rdbuf();
    EXPECT_NE(text.str().find("\nsource: "), std::string::npos) << entry.path();
  }
}

TEST(Networks, BatchScalesTheMacs) {
  WorkloadOptions eight;
  eight.batch = 8;
  EXPECT_EQ(total_macs(read("resnet18", eight)), 8 * total_macs(read("resnet18")));
  EXPECT_EQ(total_macs(read("bert_base", eight)), 8 * total_macs(read("bert_base")));
}

TEST(Networks, DimChangesTheLength) {
  WorkloadOptions options;
  options.dims["seq"] = 64;
  const std::uint64_t h = 768, s = 64;
  EXPECT_EQ(total_macs(read("bert_base", options)),
            12 * (s * (4 * h * h + 2 * h * 4 * h) + 2 * s * s * h) + h * h);
  options.dims["sec"] = 3;
  const auto wrong = read_workload(path_of("bert_base"), options);
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.errors()[0].name, "E-unknown-dimension");
}

std::int64_t batch_of(const std::string& workload, const WorkloadOptions& options = {}) {
  const Result<Graph> graph = read_workload(workload, options);
  EXPECT_TRUE(graph.ok()) << workload;
  const auto regions = fuse(*graph, {});
  EXPECT_TRUE(regions.ok()) << workload;
  return regions->batch;
}

TEST(Networks, BatchIsWhatTheReaderSaysAndNotTheFirstExtent) {
  WorkloadOptions four;
  four.batch = 4;
  EXPECT_EQ(batch_of(path_of("lstm")), 1);  // [seq, batch]
  EXPECT_EQ(batch_of(path_of("lstm"), four), 4);
  EXPECT_EQ(batch_of(path_of("resnet18"), four), 4);
  EXPECT_EQ(batch_of(path_of("lstm0")), 64);
  // Written out with its shapes, it is the same network.
  const auto text = write_network(*read_workload(path_of("lstm"), four));
  ASSERT_TRUE(text.ok());
  const auto again = read_network_text(*text, "again.yaml", {});
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->batch, 4);
  WorkloadOptions by_name;
  by_name.dims["batch"] = 3;
  EXPECT_EQ(batch_of(path_of("lstm"), by_name), 3);
  EXPECT_EQ(batch_of("gemm:m=64,n=8,k=8"), 1);
  EXPECT_EQ(batch_of("gemm:m=64,n=8,k=8", four), 4);
  EXPECT_EQ(batch_of("conv:n=2,c=8,h=8,k=8,r=1"), 2);
  EXPECT_EQ(batch_of("conv:n=2,c=8,h=8,k=8,r=1", four), 4);
}

TEST(Networks, SequencesAreNotLimitedToShortOnes) {
  WorkloadOptions options;
  options.dims["seq"] = 2'000;
  const Graph graph = read("lstm", options);
  const auto regions = fuse(graph, {});
  ASSERT_TRUE(regions.ok());
  // Words, decoder, and a layer: one product over all steps, three regions a step.
  EXPECT_EQ(regions->regions.size(), 2 + 2 * (1 + 3 * 2'000u));
}

}  // namespace
}  // namespace takt
