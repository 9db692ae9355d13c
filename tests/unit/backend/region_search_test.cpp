// SPDX-License-Identifier: Apache-2.0
// Which regions share one search: all that differ in nothing a mapping's cost depends on.
#include "sim/backend/region_search.h"

#include <gtest/gtest.h>

namespace takt {
namespace {

/// Rows of 64 elements of one tensor into another.
struct Copies {
  RegionGraph graph;
  RegionRoom room;
  Region region;
  Copies() {
    graph.tensors.resize(2);
    for (StoredTensor& tensor : graph.tensors) tensor.elements = 4096;
    region.vector.rows = 64;
    region.vector.row_elements = 64;
    region.output.tensor = TensorId{1};
    VectorOperand operand;
    operand.tensor = TensorId{0};
    operand.rows = 64;
    operand.row_elements = 64;
    operand.row_run = 64;
    region.operands.push_back(operand);
    room.operand_resident.push_back(false);
  }
  std::string key() const { return signature(region, graph, room); }
};

TEST(SearchSignature, ANameIsNoPartOfIt) {
  Copies copies;
  copies.region.name = "other";
  copies.graph.tensors[0].name = "other";
  EXPECT_EQ(copies.key(), Copies().key());
}

// What does not change with the channel is fetched again for each part of a row (vector_traffic).
TEST(SearchSignature, RunsOfAnOperandAre) {
  Copies copies;
  copies.region.operands[0].row_run = 1;
  EXPECT_NE(copies.key(), Copies().key());
}

TEST(SearchSignature, ZerosOfEveryTensorAre) {
  for (const std::size_t tensor : {0, 1}) {
    Copies copies;
    copies.graph.tensors[tensor].zero_ppm = 500'000;
    EXPECT_NE(copies.key(), Copies().key()) << tensor;
  }
  Copies product, zeros;
  for (Copies* one : {&product, &zeros}) {
    one->region.kind = Region::Kind::kMatrix;
    one->region.operands.clear();
    one->region.matrix.input.tensor = TensorId{0};
    one->region.matrix.weight.tensor = TensorId{0};
  }
  zeros.graph.tensors[0].zero_ppm = 500'000;
  EXPECT_NE(product.key(), zeros.key());
}

}  // namespace
}  // namespace takt
