// SPDX-License-Identifier: Apache-2.0
#pragma once
// A line of `constraints:`: arithmetic over keys of the machine, compared. Points for which it does
// not hold are left out of the sweep.
//
//   constraint = sum ("<=" | "<" | ">=" | ">" | "==" | "!=") sum
//   sum        = product {("+" | "-") product}
//   product    = atom {("*" | "/") atom}
//   atom       = number [unit] | key | "(" sum ")" | "-" atom

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/config/node.h"
#include "sim/sweep/measure.h"

namespace takt {

/// Exponents of what is measured: a bandwidth is bytes 1, seconds -1. Cycles are plain counts.
struct Dimensions {
  int bytes = 0, seconds = 0, joules = 0;
  bool operator==(const Dimensions& o) const {
    return bytes == o.bytes && seconds == o.seconds && joules == o.joules;
  }
};

/// number x 10^exponent. Whole numbers below 2^53 stay exact whatever their unit.
struct Scalar {
  double number = 0;
  int exponent = 0;
  Dimensions dimensions;
};

/// The same, in bytes, seconds and joules.
Scalar scalar_of(const Measure& measure);

/// The numbers that a constraint may name, at one point.
struct KeyValues {
  std::function<std::optional<Measure>(const std::string& key)> find;
  std::function<std::vector<std::string>()> names;  ///< all of them, for suggestions
};

class Constraint {
 public:
  enum class Operator { kNumber, kKey, kAdd, kSubtract, kMultiply, kDivide, kNegate };
  enum class Comparison { kLess, kLessEqual, kGreater, kGreaterEqual, kEqual, kNotEqual };
  /// A step of the expression; operands stand before it.
  struct Step {
    Operator op = Operator::kNumber;
    std::size_t at = 0;  ///< offset in the text
    Scalar number;
    std::string key;
    std::size_t left = 0, right = 0;
  };

  /// Reads a scalar; what is wrong with it goes to `errors`, at its column.
  static std::optional<Constraint> parse(const Node& node, const std::string& path,
                                         Diagnostics& errors);
  /// Does it hold? Nothing, and an error, if a key is not there or units do not match.
  std::optional<bool> holds(const KeyValues& values, Diagnostics& errors) const;
  const std::string& text() const { return node_.text; }

 private:
  friend class ConstraintParser;
  friend class ConstraintEvaluation;
  /// An error at that offset of the text.
  Diagnostic error(std::size_t at, std::string message, std::string hint = "") const;

  Node node_;
  std::string path_;
  std::vector<Step> steps_;
  Comparison comparison_ = Comparison::kLess;
  std::size_t comparison_at_ = 0, left_ = 0, right_ = 0;
};

}  // namespace takt
