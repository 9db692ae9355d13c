// SPDX-License-Identifier: Apache-2.0
#include "sim/ir/shape.h"

#include <algorithm>

#include "sim/base/math.h"

namespace takt {

std::optional<std::int64_t> element_count(const Shape& shape, std::int64_t limit) {
  // A zero makes the product zero whatever stands beside it: look for it before multiplying.
  bool has_zero = false;
  for (const std::int64_t dim : shape) {
    if (dim < 0 || dim > limit) return std::nullopt;
    has_zero = has_zero || dim == 0;
  }
  if (has_zero) return 0;
  std::int64_t count = 1;
  for (const std::int64_t dim : shape) {
    const auto next = checked_mul(count, dim);
    if (!next || *next > limit) return std::nullopt;
    count = *next;
  }
  return count;
}

std::optional<Shape> broadcast(const Shape& a, const Shape& b) {
  const Shape& longer = a.size() >= b.size() ? a : b;
  const Shape& shorter = a.size() >= b.size() ? b : a;
  Shape out = longer;
  const std::size_t shift = longer.size() - shorter.size();
  for (std::size_t i = 0; i < shorter.size(); ++i) {
    std::int64_t& dim = out[shift + i];
    if (dim == shorter[i] || shorter[i] == 1) continue;
    if (dim != 1) return std::nullopt;
    dim = shorter[i];
  }
  return out;
}

std::int64_t product(const Shape& shape, std::size_t first, std::size_t last) {
  std::int64_t out = 1;
  for (std::size_t i = first; i < last; ++i) out *= shape[i];
  return out;
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += (i ? ", " : "") + std::to_string(shape[i]);
  }
  return text + "]";
}

}  // namespace takt
