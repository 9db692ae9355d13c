// SPDX-License-Identifier: Apache-2.0
#pragma once
// Whole-number arithmetic in network files: `4 * hidden`, `(size + 15) / 16`, `stride != 1`.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/config/types.h"

namespace takt {

/// Names that expressions may use: dimensions of the network, parameters of a block.
class Scope {
 public:
  explicit Scope(const Scope* outer = nullptr) : outer_(outer) {}
  void set(const std::string& name, std::int64_t value) { values_[name] = value; }
  std::optional<std::int64_t> find(const std::string& name) const;
  std::vector<std::string> names() const;
  /// Did anybody find it here?
  bool used(const std::string& name) const { return used_.count(name) > 0; }

 private:
  const Scope* outer_;
  mutable std::set<std::string> used_;
  std::map<std::string, std::int64_t> values_;
};

/// + - * / % and comparisons (1 or 0), parentheses, names; `/` rounds down. Or why not.
struct Evaluated {
  std::optional<std::int64_t> value;
  std::string problem, hint;
};
Evaluated evaluate(const std::string& text, const Scope& scope);

/// A value of a key: a whole number or an expression of one, from `min` to `max`.
struct Amount {
  using value_type = std::int64_t;
  static constexpr bool kNumber = true;
  const Scope* scope;
  std::int64_t min = 1;
  std::int64_t max = std::int64_t{1} << 31;
  std::optional<std::int64_t> read(const Field& field) const;
  std::string format(std::int64_t value) const { return std::to_string(value); }
};

/// A number with a fraction: "0.125", "1e-5".
struct AnyReal {
  using value_type = double;
  static constexpr bool kNumber = true;
  std::optional<double> read(const Field& field) const;
  std::string format(double value) const;
};

}  // namespace takt
