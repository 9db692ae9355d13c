// SPDX-License-Identifier: Apache-2.0
// Every operator of docs/onnx.md, in the form that each opset from 7 to 21 gives it: it is read, it
// becomes regions, and it costs something unless it moves nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "sim/ir/fuse.h"
#include "sim/workload/onnx_table.h"
#include "tests/unit/onnx/coverage_rows.h"

namespace takt {
namespace {

using test::Ints;
using test::OnnxModel;
using Row = test::OperatorRow;

constexpr int kOldest = 7, kNewest = 21;

std::vector<Row> rows() {
  std::vector<Row> all = test::computing_operators();
  for (const Row& row : test::moving_operators()) all.push_back(row);
  return all;
}

/// Work of all regions: MACs, lane operations, and elements that are only moved.
std::uint64_t work_of(const RegionGraph& regions) {
  std::uint64_t work = 0;
  for (const Region& region : regions.regions) {
    if (region.kind == Region::Kind::kMatrix) {
      work += region.matrix.macs();
      continue;
    }
    const VectorWork& v = region.vector;
    const std::int64_t a_row = v.moves_only ? v.row_elements : v.lane_ops_per_row;
    work += static_cast<std::uint64_t>(v.images * v.rows * a_row);
  }
  return work;
}

TEST(OnnxCoverage, EveryOperatorHasARow) {
  std::set<std::string> listed;
  for (const Row& row : rows()) listed.insert(row.op);
  for (const auto& [op, convert] : onnx_table()) {
    (void)convert;
    EXPECT_EQ(listed.erase(op), 1U) << op << " is read, but no row tries it";
  }
  EXPECT_THAT(listed, testing::IsEmpty());
}

TEST(OnnxCoverage, EveryOperatorIsDocumented) {
  std::ifstream file(std::string(TAKT_SOURCE_DIR) + "/docs/onnx.md");
  std::stringstream text;
  text << file.rdbuf();
  const std::string page = text.str();
  for (const Row& row : rows()) {
    EXPECT_TRUE(std::regex_search(page, std::regex("\\b" + std::string(row.op) + "\\b"))) << row.op;
  }
}

TEST(OnnxCoverage, EveryOperatorAtEveryOpset) {
  for (const Row& row : rows()) {
    const bool upsample = row.op == std::string("Upsample");  // Resize from opset 10 on
    for (int opset = std::max(row.since, kOldest); opset <= (upsample ? 9 : kNewest); ++opset) {
      SCOPED_TRACE(row.op + std::string(" at opset ") + std::to_string(opset));
      OnnxModel m(opset);
      m.input("x", Ints{2, 4, 6, 6});
      row.build(m, opset);
      m.output("y");
      const auto graph = m.read();
      ASSERT_TRUE(graph.ok()) << to_string(graph.errors());
      const auto regions = fuse(*graph, {});
      ASSERT_TRUE(regions.ok()) << to_string(regions.errors());
      if (row.free == nullptr) {
        EXPECT_GT(work_of(*regions), 0U);
      }
    }
  }
}

}  // namespace
}  // namespace takt
