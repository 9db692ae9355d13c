// SPDX-License-Identifier: Apache-2.0
#include "sim/program/verify_coverage.h"

#include <algorithm>

namespace takt {

Coverage::Mark Coverage::mark(std::uint64_t begin, std::uint64_t count) {
  if (count == 0) return Mark::kNew;
  if (begin >= total_ || count > total_ - begin) return Mark::kOutside;
  if (complete()) return Mark::kRepeated;
  if (bits_.empty()) bits_.resize((total_ + 63) / 64);
  bool repeated = false;
  const std::uint64_t end = begin + count;
  for (std::uint64_t at = begin; at < end;) {
    const std::uint64_t bit = at % 64;
    const std::uint64_t here = std::min(end - at, 64 - bit);
    const std::uint64_t mask = (here == 64 ? ~0ULL : (1ULL << here) - 1) << bit;
    std::uint64_t& word = bits_[at / 64];
    repeated = repeated || (word & mask) != 0;
    covered_ += static_cast<std::uint64_t>(__builtin_popcountll(mask & ~word));
    word |= mask;
    at += here;
  }
  if (complete()) std::vector<std::uint64_t>().swap(bits_);
  return repeated ? Mark::kRepeated : Mark::kNew;
}

bool Coverage::has(std::uint64_t begin, std::uint64_t count) const {
  if (begin >= total_ || count > total_ - begin) return false;
  if (complete()) return true;
  if (bits_.empty()) return false;
  for (std::uint64_t at = begin; at < begin + count;) {
    const std::uint64_t bit = at % 64;
    const std::uint64_t here = std::min(begin + count - at, 64 - bit);
    const std::uint64_t mask = (here == 64 ? ~0ULL : (1ULL << here) - 1) << bit;
    if ((bits_[at / 64] & mask) != mask) return false;
    at += here;
  }
  return true;
}

std::uint64_t Coverage::first_gap() const {
  for (std::uint64_t word = 0; word < bits_.size(); ++word) {
    if (bits_[word] != ~0ULL) {
      return word * 64 + static_cast<std::uint64_t>(__builtin_ctzll(~bits_[word]));
    }
  }
  return 0;
}

std::pair<std::uint64_t, std::uint64_t> hull_of(const Box& box) {
  std::int64_t low = 0, high = 0;
  for (const Box::Dim& dim : box.dims) {
    const std::int64_t reach = dim.stride * (static_cast<std::int64_t>(dim.count) - 1);
    (reach < 0 ? low : high) += reach;
  }
  return {box.address + static_cast<std::uint64_t>(low),
          box.address + static_cast<std::uint64_t>(high) + box.row_bytes};
}

bool boxes_overlap(const Box& a, const Box& b) {
  const auto [a_begin, a_end] = hull_of(a);
  const auto [b_begin, b_end] = hull_of(b);
  if (a_end <= b_begin || b_end <= a_begin) return false;
  if (a.rows() == 1 && b.rows() == 1) return true;
  Coverage bytes(a_end - a_begin);
  for_each_box_row(a,
                   [&, start = a_begin](std::uint64_t at) { bytes.mark(at - start, a.row_bytes); });
  bool meets = false;
  for_each_box_row(b, [&, start = a_begin, end = a_end](std::uint64_t at) {
    const std::uint64_t from = std::max(at, start), to = std::min(at + b.row_bytes, end);
    for (std::uint64_t i = from; i < to && !meets; ++i) meets = bytes.has(i - start, 1);
  });
  return meets;
}

}  // namespace takt
