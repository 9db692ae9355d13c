// SPDX-License-Identifier: Apache-2.0
#pragma once
// Elements of tensors as bytes and as numbers. A number is a double: it holds every value of every
// type exactly but whole numbers beyond 2^53, which no network here computes with.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/base/dtype.h"

namespace takt {

/// The nearest value of a type: floats to nearest, ties to even (fp8 is E4M3 and saturates, the
/// others overflow to infinity); whole numbers wrap as two's complement does.
double rounded(DType dtype, double value);
double load_element(DType dtype, const std::byte* at);
/// `value` must be one of the type's (see rounded).
void store_element(DType dtype, std::byte* at, double value);

/// Values of one tensor, row-major in the graph's own order of dimensions.
class TensorValues {
 public:
  TensorValues() = default;
  TensorValues(DType dtype, std::int64_t elements)
      : dtype_(dtype), bytes_(static_cast<std::size_t>(elements) * bytes_of(dtype)) {}
  DType dtype() const { return dtype_; }
  std::int64_t elements() const {
    return static_cast<std::int64_t>(bytes_.size() / bytes_of(dtype_));
  }
  bool empty() const { return bytes_.empty(); }
  double at(std::int64_t i) const {
    return load_element(dtype_, bytes_.data() + static_cast<std::size_t>(i) * bytes_of(dtype_));
  }
  void set(std::int64_t i, double value) {
    store_element(dtype_, bytes_.data() + static_cast<std::size_t>(i) * bytes_of(dtype_), value);
  }
  const std::byte* bytes() const { return bytes_.data(); }

 private:
  DType dtype_ = DType::kFp32;
  std::vector<std::byte> bytes_;
};

}  // namespace takt
