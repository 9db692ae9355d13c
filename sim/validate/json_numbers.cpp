// SPDX-License-Identifier: Apache-2.0
#include "sim/validate/json_numbers.h"

#include "sim/config/parse.h"
#include "sim/validate/read_number.h"

namespace takt {

JsonNumbers::JsonNumbers(const DataFile& file) : tree_(parse_text(file.text, file.path, errors_)) {}

double JsonNumbers::at(const std::vector<std::string>& keys) {
  if (!tree_) return 0;
  std::string path;
  for (const std::string& key : keys) path = join_path(path, key);
  const Node* node = &*tree_;
  for (const std::string& key : keys) {
    const Node* next = node->find(key);
    if (next == nullptr) {
      errors_.push_back(error_at(*node, path, "E-missing-key", "'" + key + "' is not there"));
      return 0;
    }
    node = next;
  }
  const std::optional<double> value =
      node->is_scalar() && !node->quoted ? read_number(node->text) : std::nullopt;
  if (!value) {
    errors_.push_back(
        error_at(*node, path, "E-not-a-number", "expected a number, got " + node->describe()));
    return 0;
  }
  if (*value < 0) {
    errors_.push_back(error_at(*node, path, "E-out-of-range", "is too small: " + node->text));
    return 0;
  }
  return *value;
}

}  // namespace takt
