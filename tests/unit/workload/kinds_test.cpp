// SPDX-License-Identifier: Apache-2.0
// Every kind of layer of a network file: it is read, it becomes regions, it costs something unless
// it moves nothing, and what is written of it reads back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "sim/ir/fuse.h"
#include "sim/ir/macs.h"
#include "sim/workload/yaml_layers.h"
#include "sim/workload/yaml_network.h"
#include "sim/workload/yaml_write.h"

namespace takt {
namespace {

/// Keys of a layer of that kind behind `image` ([2, 4, 6, 6]), and more that it needs.
struct Row {
  const char* keys = "";
  const char* input = "image";
  bool free = false;  ///< moves nothing by itself
};

const std::map<std::string, Row>& rows() {
  static const std::map<std::string, Row> kRows = [] {
    std::map<std::string, Row> all{
        {"conv", {"channels: 8, kernel: 3, stride: 2, pad: [0, 1, 2, 1], groups: 2, dilation: 1"}},
        {"conv_transpose", {"channels: 6, kernel: 2, stride: 2, output_pad: 1"}},
        {"linear", {"features: 5"}},
        {"matmul", {"transpose_b: true, scale: 0.5", "image, image"}},
        {"lstm", {"hidden: 4, directions: 2", "sequence"}},
        {"gru", {"hidden: 4, linear_before_reset: false", "sequence"}},
        {"rnn", {"hidden: 4, reverse: true", "sequence"}},
        {"clip", {"low: 0, high: 6"}},
        {"relu6", {}},
        {"where", {"", "mask, image, image"}},
        {"cast", {"to: int32"}},
        {"max_pool", {"kernel: 3, stride: 2, pad: 1, ceil: true"}},
        {"average_pool", {"kernel: [2, 3], count_include_pad: false"}},
        {"global_max_pool", {}},
        {"global_average_pool", {}},
        {"batch_norm", {}},
        {"instance_norm", {}},
        {"group_norm", {"groups: 2"}},
        {"layer_norm", {"dims: 2"}},
        {"rms_norm", {}},
        {"softmax", {"axis: 1"}},
        {"log_softmax", {}},
        {"lrn", {"size: 3"}},
        {"arg_max", {}},
        {"arg_min", {"axis: 1, keep: true"}},
        {"top_k", {"k: 2"}},
        {"parameter", {"shape: [2, 4, 6, 6]", "", true}},
        {"embedding", {"entries: 50, features: 8", "ids"}},
        {"reshape", {"shape: [2, -1]", "image", true}},
        {"expand", {"shape: [3, 2, 4, 6, 6]", "image", true}},
        {"flatten", {"", "image", true}},
        {"transpose", {"order: [0, 2, 3, 1]", "image", true}},
        {"concat", {"axis: 1", "image, image"}},
        {"split", {"parts: 2", "image", true}},
        {"slice", {"axis: 2, begin: 1, end: 5, step: 2", "image", true}},
        {"pad", {"begin: [0, 0, 1, 2], end: [0, 0, 0, 1]"}},
        {"resize", {"scale: 2, mode: linear"}},
    };
    for (const char* kind :
         {"identity",     "relu",       "leaky_relu", "elu",  "selu",     "celu",
          "sigmoid",      "hard_swish", "swish",      "tanh", "gelu",     "gelu_tanh",
          "hard_sigmoid", "erf",        "softplus",   "mish", "softsign", "exp",
          "log",          "sqrt",       "reciprocal", "neg",  "abs",      "sign",
          "floor",        "ceil",       "round",      "sin",  "cos",      "thresholded_relu"}) {
      all[kind] = {};
    }
    all["identity"].free = true;
    all["not"] = {"", "mask"};
    for (const char* kind : {"add", "sub", "mul", "div", "pow", "max", "min", "mod", "equal",
                             "less", "less_equal", "greater", "greater_equal", "prelu"}) {
      all[kind] = {"", "image, image"};
    }
    for (const char* kind : {"and", "or", "xor"}) all[kind] = {"", "mask, mask"};
    for (const char* kind :
         {"reduce_sum", "reduce_mean", "reduce_max", "reduce_min", "reduce_prod", "reduce_l1",
          "reduce_l2", "reduce_sum_square", "reduce_log_sum", "reduce_log_sum_exp"}) {
      all[kind] = {"axes: [1, 3], keep: true"};
    }
    return all;
  }();
  return kRows;
}

std::string network(const std::string& kind, const Row& row) {
  std::string inputs = row.input;
  std::string text =
      "inputs:\n"
      "  image: [2, 4, 6, 6]\n"
      "  mask: {shape: [2, 4, 6, 6], dtype: bool}\n"
      "  sequence: [5, 2, 6]\n"
      "  ids: {shape: [2, 3], dtype: int64}\n"
      "layers:\n"
      "  - {name: it, op: " +
      kind + (inputs.empty() ? "" : ", inputs: [" + inputs + "]");
  if (*row.keys != 0) text += std::string(", ") + row.keys;
  text += "}\n";
  if (kind == "parameter") text += "  - {name: used, op: add, inputs: [image, it]}\n";
  const char* result = kind == "parameter" ? "used" : kind == "split" ? "it.0" : "it";
  return text + "outputs: [" + result + "]\n";
}

std::uint64_t work_of(const RegionGraph& regions) {
  std::uint64_t work = 0;
  for (const Region& region : regions.regions) {
    const VectorWork& v = region.vector;
    const std::int64_t a_row = v.moves_only ? v.row_elements : v.lane_ops_per_row;
    work += region.kind == Region::Kind::kMatrix
                ? region.matrix.macs()
                : static_cast<std::uint64_t>(v.images * v.rows * a_row);
  }
  return work;
}

TEST(LayerKinds, EveryKindHasARow) {
  const std::vector<std::string> names = kind_names();
  const std::set<std::string> kinds(names.begin(), names.end());
  std::set<std::string> listed;
  for (const auto& [kind, row] : rows()) {
    (void)row;
    listed.insert(kind);
  }
  EXPECT_EQ(listed, kinds);
}

TEST(LayerKinds, EveryKindIsReadCostsAndIsWritten) {
  for (const auto& [kind, row] : rows()) {
    SCOPED_TRACE(kind);
    const auto graph = read_network_text(network(kind, row), "net.yaml", {});
    ASSERT_TRUE(graph.ok()) << to_string(graph.errors());
    const auto regions = fuse(*graph, {});
    ASSERT_TRUE(regions.ok()) << to_string(regions.errors());
    if (!row.free) {
      EXPECT_GT(work_of(*regions), 0U);
    }
    const auto written = write_network(*graph);
    ASSERT_TRUE(written.ok()) << to_string(written.errors());
    const auto again = read_network_text(*written, "again.yaml", {});
    ASSERT_TRUE(again.ok()) << to_string(again.errors()) << *written;
    EXPECT_EQ(total_macs(*again), total_macs(*graph));
    const auto same = fuse(*again, {});
    ASSERT_TRUE(same.ok());
    EXPECT_EQ(work_of(*same), work_of(*regions)) << *written;
  }
}

}  // namespace
}  // namespace takt
