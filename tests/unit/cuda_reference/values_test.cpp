// SPDX-License-Identifier: Apache-2.0
// The program's layers, computed on the processor from the written list, against the oracle: every
// tensor of a network. Whole numbers bit for bit, floats within the bound of docs/values.md.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "sim/ir/fuse.h"
#include "sim/ir/print_names.h"
#include "sim/reference/compare.h"
#include "sim/reference/cuda/elementwise.h"
#include "sim/reference/cuda/execution.h"
#include "sim/reference/cuda/functions.h"
#include "sim/reference/cuda/record.h"
#include "sim/reference/cuda/rows.h"
#include "sim/reference/layer_list.h"
#include "sim/reference/oracle.h"
#include "sim/workload/workload.h"
#include "sim/workload/yaml_network.h"
#include "tests/support/random_network.h"

namespace takt {
namespace {

struct Outcome {
  std::uint64_t compared = 0, different = 0;
  std::string first;
};

Outcome compare_all(const Graph& graph, DType precision, std::uint64_t seed) {
  FuseOptions fusing;
  fusing.precision = precision;
  const auto regions = fuse(graph, fusing);
  EXPECT_TRUE(regions.ok());
  const gpu::Network network =
      gpu::parse_network(write_layer_list(graph, *regions, precision), "list");
  EXPECT_EQ(network.values_hash, values_hash(graph, precision));
  Semantics semantics(graph, precision);
  OracleOptions options;
  options.seed = seed;
  const auto expected = Oracle(semantics, options).run();
  EXPECT_TRUE(expected.ok());
  gpu::Execution run(network, seed, gpu::open_device());
  EXPECT_TRUE(run.unsupported().empty());
  run.run([](int) {});
  std::vector<std::int64_t> sums;
  for (std::uint32_t i = 0; i < graph.ops.size(); ++i) {
    sums.push_back(semantics.is_matrix({i}) ? semantics.reduction({i}) : 4096);
  }
  Outcome outcome;
  for (std::uint32_t i = 0; i < graph.tensors.size(); ++i) {
    const TensorValues& want = expected->tensors[i];
    if (want.empty()) continue;
    const std::vector<unsigned char> got = run.bytes(static_cast<int>(i));
    const bool whole = !info(want.dtype()).is_float;
    double largest = 0;
    for (std::int64_t e = 0; e < want.elements(); ++e) {
      largest = std::max(largest, std::abs(want.at(e)));
    }
    const double allowed = whole ? 0 : float_bound(sums, want.dtype()) * largest;
    for (std::int64_t e = 0; e < want.elements(); ++e) {
      const double value =
          load_element(want.dtype(), reinterpret_cast<const std::byte*>(got.data()) +
                                         static_cast<std::size_t>(e) * bytes_of(want.dtype()));
      ++outcome.compared;
      if (std::abs(value - want.at(e)) <= allowed) continue;
      if (outcome.different++ == 0) {
        outcome.first = graph.tensors[i].name + "[" + std::to_string(e) + "] is " +
                        std::to_string(value) + " instead of " + std::to_string(want.at(e));
      }
    }
  }
  return outcome;
}

void expect_equal(const Graph& graph, DType precision, std::uint64_t seed = 1) {
  const Outcome outcome = compare_all(graph, precision, seed);
  EXPECT_EQ(outcome.different, 0U)
      << graph.name << " in " << to_string(precision) << ": " << outcome.first;
  EXPECT_GT(outcome.compared, 0U);
}

Graph network(const std::string& name) {
  auto graph = read_workload(TAKT_SOURCE_DIR "/workloads/" + name + ".yaml", {});
  EXPECT_TRUE(graph.ok());
  return std::move(*graph);
}

TEST(CudaOnHost, RandomNetworks) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Random random(seed);
    test::NetworkMaker maker(random);
    const Graph graph = seed % 2 == 0 ? maker.conv_chain() : maker.matmul_chain();
    SCOPED_TRACE("seed " + std::to_string(seed));
    expect_equal(graph, DType::kInt8, seed);
    expect_equal(graph, DType::kInt16, seed);
    expect_equal(graph, DType::kFp16, seed);
    expect_equal(graph, DType::kFp32, seed);
  }
}

constexpr const char* kEverything =
    "name: everything\n"
    "inputs: {image: [batch, 8, 12, 12]}\n"
    "layers:\n"
    "- {name: a, op: conv, channels: 32, kernel: 3, pad: 1, groups: 8}\n"
    "- {op: hard_swish}\n"
    "- {op: lrn, size: 5}\n"
    "- {op: average_pool, kernel: 3, stride: 2, pad: 1}\n"
    "- {op: batch_norm}\n"
    "- {op: group_norm, groups: 4}\n"
    "- {op: instance_norm}\n"
    "- {op: clip, low: -0.5, high: 0.75}\n"
    "- {op: resize, size: [9, 12]}\n"
    "- {op: slice, axis: 2, begin: 1, end: 8, step: 2}\n"
    "- {op: max_pool, kernel: 2, stride: 1}\n"
    "- {op: flatten}\n"
    "- {op: linear, features: 48}\n"
    "- {op: layer_norm}\n"
    "- {op: softmax}\n";

TEST(CudaOnHost, EveryKindOfLayer) {
  const auto graph = read_network_text(kEverything, "everything.yaml", {});
  ASSERT_TRUE(graph.ok()) << to_string(graph.errors());
  for (const DType dtype :
       {DType::kInt8, DType::kInt16, DType::kFp16, DType::kBf16, DType::kFp32}) {
    expect_equal(*graph, dtype);
  }
}

TEST(CudaOnHost, SmallNetworks) {
  expect_equal(network("cifar10_cnn"), DType::kInt8);
  expect_equal(network("cifar10_cnn"), DType::kBf16);
}

// Under sanitizers these take minutes, and reach no code that the others do not.
#ifndef TAKT_SANITIZED
TEST(CudaOnHost, ResNet18InInt8) { expect_equal(network("resnet18"), DType::kInt8); }

TEST(CudaOnHost, MobileNetV2InInt8) { expect_equal(network("mobilenet_v2"), DType::kInt8); }

TEST(CudaOnHost, ADecodeStepInInt8) { expect_equal(network("gpt2_decode"), DType::kInt8); }
#endif

// A deployed kernel (fused bias and scale, other layout) must give what the layer gives.
TEST(CudaOnHost, TimedKernelsKeepTheValues) {
  const Graph graph = network("cifar10_cnn");
  const auto regions = fuse(graph, {});
  const gpu::Network list =
      gpu::parse_network(write_layer_list(graph, *regions, DType::kInt8), "list");
  gpu::Execution run(list, 3, gpu::open_device());
  run.run([](int) {});
  std::size_t compared = 0;
  for (std::size_t op = 0; op < list.ops.size(); ++op) {
    const int result = list.ops[op].outputs[0];
    const std::vector<unsigned char> before = run.bytes(result);
    for (const gpu::TimedKernel& kernel : run.timed(static_cast<int>(op))) {
      kernel.launch();
      EXPECT_LE(kernel.differ, 0) << list.ops[op].name << ", " << kernel.name;
      compared += kernel.differ == 0;
    }
    EXPECT_EQ(run.bytes(result), before) << list.ops[op].name;
  }
  EXPECT_GE(compared, 4U);
}

TEST(CudaOnHost, RecordHasWhatAReaderNeeds) {
  const Graph graph = network("cifar10_cnn");
  const auto regions = fuse(graph, {});
  const gpu::Network list =
      gpu::parse_network(write_layer_list(graph, *regions, DType::kInt8), "list");
  gpu::RunOptions options;
  options.budget_seconds = 0.2;
  const gpu::RunResult result = gpu::run_network(list, gpu::open_device(), options);
  EXPECT_EQ(result.differ, 0);
  EXPECT_NE(result.json.find("\"kind\": \"host\""), std::string::npos);
  EXPECT_NE(result.json.find("\"checksum\": \""), std::string::npos);
  EXPECT_NE(result.json.find("\"kernel\": \"own.conv\""), std::string::npos);
}

TEST(CudaOnHost, NamesWhatItCannotRun) {
  const Graph graph = network("lstm");
  const auto regions = fuse(graph, {});
  const gpu::Network list =
      gpu::parse_network(write_layer_list(graph, *regions, DType::kInt8), "list");
  try {
    gpu::run_network(list, gpu::open_device(), {});
    FAIL() << "it ran";
  } catch (const gpu::InputError& error) {
    EXPECT_EQ(error.code, 4);
    EXPECT_NE(std::string(error.what()).find("operator 'lstm' has no kernel here"),
              std::string::npos)
        << error.what();
  }
}

TEST(CudaOnHost, NamesEveryNodeItCannotRun) {
  const Graph graph = *read_network_text(
      "name: refused\n"
      "inputs: {image: [batch, 4, 8, 8]}\n"
      "layers:\n"
      "- {name: up, op: conv_transpose, channels: 4, kernel: 2, stride: 2}\n"
      "- {op: relu}\n"
      "- {name: again, op: conv_transpose, channels: 4, kernel: 2, stride: 2}\n",
      "refused.yaml", {});
  const auto regions = fuse(graph, {});
  ASSERT_TRUE(regions.ok());
  const gpu::Network list =
      gpu::parse_network(write_layer_list(graph, *regions, DType::kInt8), "list");
  try {
    gpu::run_network(list, gpu::open_device(), {});
    FAIL() << "it ran";
  } catch (const gpu::InputError& error) {
    EXPECT_EQ(error.code, 4);
    EXPECT_STREQ(error.what(),
                 "node 'up': operator 'conv_transpose' has no kernel here\n"
                 "node 'again': operator 'conv_transpose' has no kernel here");
  }
}

// The program has the words of lists in tables of its own, since it uses no code from outside its
// folder; they must be those that the simulator writes.
TEST(CudaOnHost, KnowsEveryFunctionThatListsName) {
  gpu::Function function{};
  for (const std::string& name : unary_names()) {
    EXPECT_TRUE(gpu::function_from(name, &function)) << name;
    EXPECT_EQ(gpu::kFunctionNames[static_cast<int>(function)], name);
  }
  for (const std::string& name : binary_names()) EXPECT_TRUE(gpu::pair_known(name)) << name;
  for (const std::string& name : reduce_names()) EXPECT_TRUE(gpu::reduction_known(name)) << name;
  EXPECT_FALSE(gpu::pair_known("")) << "an absent function";
}

// Whole numbers that differ only in what single precision has no room for.
TEST(CudaOnHost, ArgMaxTellsLargeWholeNumbersApart) {
  const gpu::Network list = gpu::parse_network(
      "takt_layers 2 net batch 1 precision int8\n"
      "tensor 0 x parameter int32 1,3 0 values=16777216,16777217,16777216\n"
      "tensor 1 y activation int64 1,1 0 output\n"
      "op 0 top arg_max 1 0 1 1 axes=1 function=sum k=1\n",
      "list");
  gpu::Execution run(list, 0, gpu::open_device());
  ASSERT_TRUE(run.unsupported().empty());
  run.run([](int) {});
  EXPECT_EQ(run.bytes(1), (std::vector<unsigned char>{1, 0, 0, 0, 0, 0, 0, 0}));
}

// What the simulator has values of and this program has not must be refused, never computed
// wrongly.
TEST(CudaOnHost, RefusesOtherFormsOfWhatItHas) {
  const std::pair<const char*, const char*> cases[] = {
      {"resize nearest_half_pixel", "mode=nearest_half_pixel_round_prefer_floor"},
      {"pad", "mode=reflect begin=0,0,1,1 value=0"},
      {"pad", "mode=constant begin=0,0,1,1 value=1.5"},
      {"arg_max", "axes=1 function=min k=1"},
      {"arg_max", "axes=1 function=sum k=-1"},
      {"batch_norm", "axes=- epsilon=1e-5"},
      {"softmax", "axes=1 logarithm=1"},
      {"lrn", "size=5 alpha=1 beta=0.5 bias=1"},
      {"reduce", "axes=1 function=prod"},
      {"reduce", "axes=1 function=variance"},
      {"unary", "function=gamma"},
      {"binary", "function=hypotenuse"},
      {"conv_transpose", "groups=1"},
  };
  for (const auto& [kind, attributes] : cases) {
    const std::string word = std::string(kind).substr(0, std::string(kind).find(' '));
    const bool folds = word == "reduce" || word == "arg_max";
    const gpu::Network list = gpu::parse_network(
        "takt_layers 2 net batch 1 precision int8\n"
        "tensor 0 x input int8 1,4,6,6 0 signed=127\n"
        "tensor 1 y activation int8 1," +
            std::string(folds ? "1" : "4") + ",6,6 0 output\n" + "op 0 refused " + word +
            (word == "binary" ? " 2 0 0 1 1 " : " 1 0 1 1 ") + attributes + "\n",
        "list");
    EXPECT_EQ(gpu::Execution(list, 0, gpu::open_device()).unsupported().size(), 1U)
        << word << ' ' << attributes;
  }
}

}  // namespace
}  // namespace takt
