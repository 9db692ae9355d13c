// SPDX-License-Identifier: Apache-2.0
// workloads/README.md and the schema know exactly the kinds of layers that the reader knows.
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "sim/config/parse.h"
#include "sim/workload/yaml_layers.h"

namespace takt {
namespace {

std::set<std::string> known_kinds() {
  std::set<std::string> kinds;
  for (const auto* table : {&matrix_layers(), &vector_layers(), &move_layers()}) {
    for (const auto& [name, kind] : *table) {
      (void)kind;
      EXPECT_TRUE(kinds.insert(name).second) << name << " is in two tables";
    }
  }
  return kinds;
}

TEST(Documents, SchemaHasEveryKind) {
  Diagnostics errors;
  const auto schema =
      parse_file(std::string(TAKT_SOURCE_DIR) + "/configs/schema/workload.json", errors);
  ASSERT_TRUE(schema.has_value()) << to_string(errors);
  std::set<std::string> kinds;
  for (const Node& layer : schema->find("definitions")->find("layer")->find("anyOf")->children) {
    const Node* op = layer.find("properties")->find("op");
    if (op == nullptr) continue;  // the block
    for (const Node& word : op->find("enum")->children) {
      EXPECT_TRUE(kinds.insert(word.text).second) << word.text << " is there twice";
    }
  }
  EXPECT_EQ(kinds, known_kinds());
}

TEST(Documents, ReadmeHasEveryKind) {
  std::ifstream file(std::string(TAKT_SOURCE_DIR) + "/workloads/README.md");
  std::set<std::string> kinds;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("## ", 0) == 0) inside = line == "## Kinds of layers";
    if (!inside || line.rfind("| `", 0) != 0 || line.rfind("| `op`", 0) == 0) continue;
    const std::string cell = line.substr(1, line.find('|', 1) - 1);
    for (std::size_t at = cell.find('`'); at != std::string::npos; at = cell.find('`', at + 1)) {
      const std::size_t end = cell.find('`', at + 1);
      kinds.insert(cell.substr(at + 1, end - at - 1));
      at = end;
    }
  }
  EXPECT_EQ(kinds, known_kinds());
}

}  // namespace
}  // namespace takt
