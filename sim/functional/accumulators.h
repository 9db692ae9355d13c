// SPDX-License-Identifier: Apache-2.0
#pragma once
// The accumulators of a core: 32-bit sums, whole numbers or floats as the pass that made them.

#include <cstdint>
#include <type_traits>
#include <vector>

namespace takt {

class Accumulators {
 public:
  explicit Accumulators(std::size_t sums) : whole_(sums), real_(sums) {}
  std::size_t size() const { return whole_.size(); }

  double at(bool is_float, std::size_t i) const {
    return is_float ? static_cast<double>(real_[i]) : whole_[i];
  }
  /// `value` must be one that 32 bits hold.
  void set(bool is_float, std::size_t i, double value) {
    if (is_float) {
      real_[i] = static_cast<float>(value);
    } else {
      whole_[i] = static_cast<std::int32_t>(value);
    }
  }
  /// The registers as an array writes them.
  template <class Sum>
  Sum* data() {
    if constexpr (std::is_same_v<Sum, float>) {
      return real_.data();
    } else {
      return whole_.data();
    }
  }

 private:
  std::vector<std::int32_t> whole_;
  std::vector<float> real_;
};

}  // namespace takt
