// SPDX-License-Identifier: Apache-2.0
#pragma once
// Division by a number that is fixed for a run and nearly always a power of two: a shift then.

#include <cstdint>

#include "sim/base/check.h"

namespace takt {

class Divisor {
 public:
  Divisor() = default;
  explicit Divisor(std::uint64_t value) : value_(value) {
    CHECK(value > 0) << "division by zero";
    shift_ = (value & (value - 1)) == 0 ? static_cast<unsigned>(__builtin_ctzll(value)) : kNone;
  }
  std::uint64_t value() const { return value_; }
  std::uint64_t quotient(std::uint64_t of) const {
    return shift_ != kNone ? of >> shift_ : of / value_;
  }
  std::uint64_t remainder(std::uint64_t of) const {
    return shift_ != kNone ? of & (value_ - 1) : of % value_;
  }

 private:
  static constexpr unsigned kNone = 64;
  std::uint64_t value_ = 1;
  unsigned shift_ = 0;
};

}  // namespace takt
