// SPDX-License-Identifier: Apache-2.0
// configs/README.md and the schemas name exactly the keys that the reader knows.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "sim/config/parse.h"
#include "sim/machine/machine_spec.h"

namespace takt {
namespace {

std::set<std::string> known_keys() {
  std::set<std::string> keys;
  for (const std::string& key : machine_keys()) {
    // The three keys of an energy entry are documented once, in words.
    const std::string last = key.substr(key.rfind('.') + 1);
    const bool entry = key.rfind("energy.", 0) == 0 && key.rfind("energy.sram.", 0) != 0 &&
                       (last == "value" || last == "kind" || last == "source");
    if (!entry) keys.insert(key);
  }
  return keys;
}

TEST(Documents, readme_has_every_key_and_no_other) {
  std::ifstream file("configs/README.md");
  std::set<std::string> documented;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("| `", 0) != 0) continue;
    const std::string key = line.substr(3, line.find('`', 3) - 3);
    if (key.find(".yaml") == std::string::npos) documented.insert(key);
  }
  EXPECT_EQ(documented, known_keys());
}

/// The key paths under the `properties` of a JSON Schema object.
void collect(const Node& schema, const Node& definitions, const std::string& path,
             std::set<std::string>& out) {
  if (const Node* choices = schema.find("oneOf")) {
    for (const Node& choice : choices->children) {
      if (const Node* ref = choice.find("$ref")) {
        const std::string name = ref->text.substr(ref->text.rfind('/') + 1);
        collect(*definitions.find(name), definitions, path, out);
      }
    }
  }
  const Node* properties = schema.find("properties");
  if (properties == nullptr) return;
  for (std::size_t i = 0; i < properties->keys.size(); ++i) {
    const std::string& key = properties->keys[i];
    if (key == "extends") continue;
    out.insert(join_path(path, key));
    collect(properties->children[i], definitions, join_path(path, key), out);
  }
}

TEST(Documents, arch_schema_has_every_key_and_no_other) {
  Diagnostics errors;
  const auto schema = parse_file("configs/schema/arch.json", errors);
  ASSERT_TRUE(schema) << to_string(errors);
  std::set<std::string> all, keys;
  collect(*schema, *schema->find("definitions"), "", all);
  for (const std::string& key : all) {
    const std::string last = key.substr(key.rfind('.') + 1);
    const bool entry = key.rfind("energy.", 0) == 0 && key.rfind("energy.sram.", 0) != 0 &&
                       (last == "value" || last == "kind" || last == "source");
    // The keys of `weights` are those of `unified`.
    if (!entry && key.rfind("core.buffers.weights.", 0) != 0) keys.insert(key);
  }
  EXPECT_EQ(keys, known_keys());
}

}  // namespace
}  // namespace takt
