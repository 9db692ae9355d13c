// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a value of a key may be: a whole number in a range, a size, one of a list of words … Each
// type reads a node into a value or says what is wrong, and writes the value back in one canonical
// form.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/dtype.h"
#include "sim/base/quantity.h"
#include "sim/config/node.h"
#include "sim/config/suggest.h"
#include "sim/config/units.h"

namespace takt {

/// A value to be read: the node, what it is called, and where complaints go.
struct Field {
  const Node& node;
  const std::string& path;
  Diagnostics& errors;

  void error(std::string name, std::string message, std::string hint = "") const;
  /// The node is a scalar; if not, says that `expected` was.
  bool expect_scalar(const std::string& expected) const;
};

enum class Zero { kRefused, kAllowed };

/// A whole number from `min` to `max`.
struct Whole {
  using value_type = std::uint64_t;
  static constexpr bool kNumber = true;
  std::uint64_t min = 1;
  std::uint64_t max = INT64_MAX;
  std::optional<std::uint64_t> read(const Field& field) const;
  std::string format(std::uint64_t value) const { return std::to_string(value); }
};

/// A whole number from `min` to `max`, which may be negative (padding, strides of a tensor).
struct Signed {
  using value_type = std::int64_t;
  static constexpr bool kNumber = true;
  std::int64_t min = INT64_MIN;
  std::int64_t max = INT64_MAX;
  std::optional<std::int64_t> read(const Field& field) const;
  std::string format(std::int64_t value) const { return std::to_string(value); }
};

/// A whole number that is a power of two.
struct PowerOfTwo {
  using value_type = std::uint64_t;
  static constexpr bool kNumber = true;
  std::uint64_t min = 1;
  std::uint64_t max = std::uint64_t{1} << 62;
  std::optional<std::uint64_t> read(const Field& field) const;
  std::string format(std::uint64_t value) const { return std::to_string(value); }
};

/// A decimal number without unit, such as a probability or a tolerance.
struct Real {
  using value_type = double;
  static constexpr bool kNumber = true;
  double min = 0;
  double max = 1e18;
  std::optional<double> read(const Field& field) const;
  std::string format(double value) const { return format_real(value, ""); }
};

/// A number with a unit that is a whole number of base units: the value of `read_base`.
struct BaseQuantity {
  const Dimension& dimension;
  Zero zero = Zero::kRefused;
  std::optional<std::uint64_t> read_base(const Field& field) const;
};

/// A number with a unit in which a fraction of the base unit makes sense.
struct RealQuantity {
  const Dimension& dimension;
  Zero zero = Zero::kRefused;
  std::optional<double> read_real(const Field& field) const;
};

struct Size {
  using value_type = Bytes;
  static constexpr bool kNumber = true;
  Zero zero = Zero::kRefused;
  std::optional<Bytes> read(const Field& field) const;
  std::string format(Bytes value) const { return format_base(value.value(), size_dimension()); }
};

/// A size that is a power of two bytes.
struct PowerOfTwoSize {
  using value_type = Bytes;
  static constexpr bool kNumber = true;
  std::uint64_t min_bytes = 1;
  std::uint64_t max_bytes = std::uint64_t{1} << 62;
  std::optional<Bytes> read(const Field& field) const;
  std::string format(Bytes value) const { return format_base(value.value(), size_dimension()); }
};

/// Bytes a second.
struct Bandwidth {
  using value_type = std::uint64_t;
  static constexpr bool kNumber = true;
  std::optional<std::uint64_t> read(const Field& field) const;
  std::string format(std::uint64_t value) const {
    return format_base(value, bandwidth_dimension());
  }
};

/// Hertz.
struct Frequency {
  using value_type = std::uint64_t;
  static constexpr bool kNumber = true;
  std::uint64_t max_hz = 1'000'000'000'000;
  std::optional<std::uint64_t> read(const Field& field) const;
  std::string format(std::uint64_t value) const {
    return format_base(value, frequency_dimension());
  }
};

struct Duration {
  using value_type = Femtoseconds;
  static constexpr bool kNumber = true;
  Zero zero = Zero::kAllowed;
  std::optional<Femtoseconds> read(const Field& field) const;
  std::string format(Femtoseconds value) const {
    return format_base(value.value(), duration_dimension());
  }
};

struct CycleCount {
  using value_type = Cycles;
  static constexpr bool kNumber = true;
  std::uint64_t max = 1'000'000;
  std::optional<Cycles> read(const Field& field) const;
  std::string format(Cycles value) const { return format_base(value.value(), cycles_dimension()); }
};

/// Of one action.
struct Energy {
  using value_type = Picojoules;
  static constexpr bool kNumber = true;
  Zero zero = Zero::kAllowed;
  std::optional<Picojoules> read(const Field& field) const;
  std::string format(Picojoules value) const { return format_real(value.value(), "pJ"); }
};

/// Of a byte moved.
struct ByteEnergy {
  using value_type = Picojoules;
  static constexpr bool kNumber = true;
  Zero zero = Zero::kAllowed;
  std::optional<Picojoules> read(const Field& field) const;
  std::string format(Picojoules value) const { return format_real(value.value(), "pJ/B"); }
};

/// Watts.
struct Power {
  using value_type = double;
  static constexpr bool kNumber = true;
  Zero zero = Zero::kAllowed;
  std::optional<double> read(const Field& field) const;
  std::string format(double value) const { return format_real(value, "W"); }
};

/// A positive real number of a dimension that few keys have, in its base unit.
struct RealOf {
  using value_type = double;
  static constexpr bool kNumber = true;
  const Dimension& dimension;
  std::string_view unit;  ///< the base unit's name
  std::optional<double> read(const Field& field) const;
  std::string format(double value) const { return format_real(value, unit); }
};
inline RealOf area_type() { return {area_dimension(), "mm2"}; }
inline RealOf size_area_type() { return {size_area_dimension(), "mm2/MiB"}; }
inline RealOf power_area_type() { return {power_area_dimension(), "W/mm2"}; }

/// A positive fraction: "2", "0.25" or "1/3", in lowest terms.
struct Fraction {
  struct value_type {
    std::uint32_t numerator = 0, denominator = 1;
  };
  static constexpr std::uint64_t kDenominatorMax = 65536;  ///< of numerators too
  static constexpr bool kNumber = true;
  std::optional<value_type> read(const Field& field) const;
  std::string format(value_type value) const;
};

/// Any text of at least one character.
struct Text {
  using value_type = std::string;
  static constexpr bool kNumber = false;
  std::optional<std::string> read(const Field& field) const;
  std::string format(const std::string& value) const;
};

/// `true` or `false`, and nothing else that YAML takes for one.
struct Flag {
  using value_type = bool;
  static constexpr bool kNumber = false;
  std::optional<bool> read(const Field& field) const;
  std::string format(bool value) const { return value ? "true" : "false"; }
};

/// The index of a scalar in `words`, or nothing and an error that lists them.
std::optional<std::size_t> read_choice(const Field& field, const std::vector<std::string>& words);

/// One of a list of words, each with what it stands for.
template <class E>
struct Choice {
  using value_type = E;
  static constexpr bool kNumber = false;
  std::vector<std::pair<std::string, E>> words;
  std::optional<E> read(const Field& field) const {
    std::vector<std::string> names;
    for (const auto& word : words) names.push_back(word.first);
    const std::optional<std::size_t> index = read_choice(field, names);
    if (!index) return std::nullopt;
    return words[*index].second;
  }
  std::string format(E value) const {
    for (const auto& word : words) {
      if (word.second == value) return word.first;
    }
    return words.front().first;
  }
};

/// A precision that layers may have (`DTypeInfo::computes`).
Choice<DType> compute_dtype();

/// In double quotes, with escapes: text as YAML and JSON write it.
std::string quote_yaml(const std::string& text);

}  // namespace takt
