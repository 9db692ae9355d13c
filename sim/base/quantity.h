// SPDX-License-Identifier: Apache-2.0
#pragma once
// Numbers that keep their unit. `Cycles + Bytes` does not compile, nor does `Cycles` from a double.

#include <cstdint>
#include <ostream>
#include <type_traits>

namespace takt {

/// A number with a unit in its type. There is no implicit way in or out.
template <class Unit, class Rep>
class Quantity {
 public:
  using rep = Rep;
  constexpr Quantity() = default;
  template <class T, std::enable_if_t<std::is_arithmetic_v<T> &&
                                          std::is_integral_v<T> == std::is_integral_v<Rep>,
                                      int> = 0>
  constexpr explicit Quantity(T value) : value_(static_cast<Rep>(value)) {}

  constexpr Rep value() const { return value_; }

  constexpr Quantity& operator+=(Quantity o) {
    value_ += o.value_;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity o) {
    value_ -= o.value_;
    return *this;
  }
  friend constexpr Quantity operator+(Quantity a, Quantity b) {
    return Quantity(a.value_ + b.value_);
  }
  friend constexpr Quantity operator-(Quantity a, Quantity b) {
    return Quantity(a.value_ - b.value_);
  }
  friend constexpr Quantity operator*(Quantity a, Rep n) { return Quantity(a.value_ * n); }
  friend constexpr Quantity operator*(Rep n, Quantity a) { return Quantity(a.value_ * n); }
  friend constexpr bool operator==(Quantity a, Quantity b) { return a.value_ == b.value_; }
  friend constexpr bool operator!=(Quantity a, Quantity b) { return a.value_ != b.value_; }
  friend constexpr bool operator<(Quantity a, Quantity b) { return a.value_ < b.value_; }
  friend constexpr bool operator>(Quantity a, Quantity b) { return a.value_ > b.value_; }
  friend constexpr bool operator<=(Quantity a, Quantity b) { return a.value_ <= b.value_; }
  friend constexpr bool operator>=(Quantity a, Quantity b) { return a.value_ >= b.value_; }
  friend std::ostream& operator<<(std::ostream& out, Quantity q) { return out << q.value_; }

 private:
  Rep value_ = 0;
};

using Cycles = Quantity<struct CyclesUnit, std::uint64_t>;
using Bytes = Quantity<struct BytesUnit, std::uint64_t>;
using Macs = Quantity<struct MacsUnit, std::uint64_t>;
using Picojoules = Quantity<struct PicojoulesUnit, double>;
/// Time in femtoseconds: the one unit in which clocks of different domains meet.
using Femtoseconds = Quantity<struct FemtosecondsUnit, std::uint64_t>;

}  // namespace takt
