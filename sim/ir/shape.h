// SPDX-License-Identifier: Apache-2.0
#pragma once
// Arithmetic on shapes that refuses to overflow.

#include <optional>
#include <string>

#include "sim/ir/graph.h"

namespace takt {

/// More dimensions than this no network has, and loops over shapes stay cheap.
inline constexpr std::size_t kMaxRank = 16;
/// Elements of one tensor: room for any real one, and its bytes fit 64 bits with ease.
inline constexpr std::int64_t kMaxTensorElements = std::int64_t{1} << 40;
/// Elements of all tensors of a graph together.
inline constexpr std::int64_t kMaxGraphElements = std::int64_t{1} << 46;

/// The product of the dimensions; nothing if one is negative or the product passes `limit`.
std::optional<std::int64_t> element_count(const Shape& shape,
                                          std::int64_t limit = kMaxTensorElements);
/// Numpy's rule: aligned at the last dimension, 1 stretches. Nothing if they do not fit.
std::optional<Shape> broadcast(const Shape& a, const Shape& b);
/// The product of shape[first, last), for shapes that element_count accepts.
std::int64_t product(const Shape& shape, std::size_t first, std::size_t last);
/// `[1, 64, 56, 56]`
std::string to_string(const Shape& shape);

}  // namespace takt
