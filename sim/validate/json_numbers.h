// SPDX-License-Identifier: Apache-2.0
#pragma once
// Numbers of a JSON data file by the keys on the way to them, and whatever is wrong with one by its
// place.

#include <optional>
#include <string>
#include <vector>

#include "sim/config/node.h"
#include "sim/validate/suite.h"

namespace takt {

class JsonNumbers {
 public:
  explicit JsonNumbers(const DataFile& file);
  /// The number behind `keys`. What is not there, is none or is below 0 is remembered in errors(),
  /// and is 0.
  double at(const std::vector<std::string>& keys);
  const Diagnostics& errors() const { return errors_; }

 private:
  Diagnostics errors_;
  std::optional<Node> tree_;
};

}  // namespace takt
