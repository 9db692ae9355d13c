// SPDX-License-Identifier: Apache-2.0
#include "sim/ir/cost.h"

#include <gtest/gtest.h>

#include "sim/ir/print_names.h"
#include "tests/unit/fuse/graph_maker.h"

namespace takt {
namespace {

TEST(Cost, EveryFunctionHasACostAndAReason) {
  for (const std::string& name : unary_names()) {
    for (DType dtype : {DType::kInt8, DType::kFp16}) {
      const LaneCost cost = lane_cost(*unary_kind_from(name), dtype);
      EXPECT_EQ(cost.per_element > 0, name != "identity") << name;
      EXPECT_FALSE(cost.reason.empty()) << name;
    }
  }
  for (const std::string& name : binary_names()) {
    EXPECT_GT(lane_cost(*binary_kind_from(name), DType::kFp32).per_element, 0u) << name;
  }
  for (const std::string& name : reduce_names()) {
    EXPECT_GT(lane_cost(*reduce_kind_from(name), DType::kFp32).per_element, 0u) << name;
  }
}

TEST(Cost, BytesUseTables) {
  EXPECT_EQ(lane_cost(UnaryKind::kGelu, DType::kInt8).per_element, 1u);
  EXPECT_EQ(lane_cost(UnaryKind::kGelu, DType::kFp16).per_element, 8u);
}

TEST(Cost, ReductionsCountWhatTheyRead) {
  testing::GraphMaker make;
  const TensorId x = make.input({2, 3, 8, 8});
  make.global_pool(x);
  make.max_pool(x, 3, 2, 1);
  AxesAttrs all;  // no axes = all
  make.op(OpKind::kReduce, {x}, all);
  const auto cost = [&](std::size_t op) {
    return lane_cost(make.graph, make.graph.ops[op], DType::kFp32).per_element;
  };
  EXPECT_EQ(cost(0), 64u);  // 63 additions, one product
  EXPECT_EQ(cost(1), 8u);   // 8 maxima
  EXPECT_EQ(cost(2), 2u * 3 * 64);
}

}  // namespace
}  // namespace takt
