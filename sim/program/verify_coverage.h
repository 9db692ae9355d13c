// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which bytes of a tensor there are, each written once.

#include <cstdint>
#include <vector>

#include "sim/program/tile_op.h"

namespace takt {

/// Holds its bits only until all bytes are there.
class Coverage {
 public:
  explicit Coverage(std::uint64_t bytes = 0) : total_(bytes) {}
  enum class Mark { kNew, kRepeated, kOutside };
  Mark mark(std::uint64_t begin, std::uint64_t count);
  /// `count` bytes somewhere within the tensor: what a strided write says of itself.
  void count_only(std::uint64_t count) {
    covered_ += count;
    exact_ = false;
  }
  bool has(std::uint64_t begin, std::uint64_t count) const;
  bool empty() const { return covered_ == 0; }
  bool complete() const { return covered_ == total_; }
  std::uint64_t covered() const { return covered_; }
  std::uint64_t total() const { return total_; }
  /// The first byte that is missing; for messages.
  std::uint64_t first_gap() const;
  bool exact() const { return exact_; }

 private:
  std::uint64_t total_ = 0, covered_ = 0;
  bool exact_ = true;
  std::vector<std::uint64_t> bits_;  ///< empty before the first mark and after the last
};

/// Calls visit(address) for each row of a box.
template <class Visit>
void for_each_box_row(const Box& box, const Visit& visit) {
  std::array<std::uint32_t, Box::kDims> i{};
  const std::uint64_t rows = box.rows();
  std::uint64_t address = box.address;
  for (std::uint64_t row = 0; row < rows; ++row) {
    visit(address);
    for (std::size_t d = Box::kDims; d-- > 0;) {
      address += static_cast<std::uint64_t>(box.dims[d].stride);
      if (++i[d] < box.dims[d].count) break;
      address -= static_cast<std::uint64_t>(box.dims[d].stride) * i[d];
      i[d] = 0;
    }
  }
}
/// From the first to behind the last byte. Strides may be negative.
std::pair<std::uint64_t, std::uint64_t> hull_of(const Box& box);
bool boxes_overlap(const Box& a, const Box& b);

}  // namespace takt
