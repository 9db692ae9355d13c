// SPDX-License-Identifier: Apache-2.0
#pragma once
// Credits of something in flight: a fixed number, each back at a known moment. Those of one run
// come back at even distances and are kept as one entry, so that a run costs the same however long
// it is.

#include <algorithm>
#include <vector>

#include "sim/base/check.h"
#include "sim/base/quantity.h"

namespace takt {

class CreditRing {
 public:
  explicit CreditRing(std::uint32_t credits) : known_(credits) {
    // At most one entry a credit, and one that is being taken from.
    entries_.resize(credits + 1);
    if (credits > 0) push({0, 0, credits});
  }

  /// Credits whose return is known.
  std::uint32_t known() const { return known_; }

  struct Span {
    Femtoseconds first{}, last{};  ///< when the first and the last of them is there
  };
  /// Takes `count` credits, in the order in which give() named them.
  Span take(std::uint32_t count) {
    CHECK(count > 0 && count <= known_) << count << " credits of " << known_;
    known_ -= count;
    Span span{Femtoseconds(entries_[head_].next), Femtoseconds(0)};
    while (count > 0) {
      Entry& entry = entries_[head_];
      const std::uint32_t taken = std::min(count, entry.count);
      span.last = std::max(span.last, Femtoseconds(entry.next + (taken - 1) * entry.step));
      entry.next += taken * entry.step;
      entry.count -= taken;
      count -= taken;
      if (entry.count == 0) head_ = after(head_);
    }
    return span;
  }
  /// `count` credits come back between `first` and `last`, at even distances.
  void give(std::uint32_t count, Femtoseconds first, Femtoseconds last) {
    const std::uint64_t step = count > 1 ? (last - first).value() / (count - 1) : 0;
    // The last comes back exactly at `last`: rounding goes to the front.
    push({last.value() - step * (count - 1), step, count});
    known_ += count;
  }

 private:
  struct Entry {
    std::uint64_t next, step;
    std::uint32_t count;
  };
  std::size_t after(std::size_t index) const {
    return index + 1 == entries_.size() ? 0 : index + 1;
  }
  void push(const Entry& entry) {
    entries_[tail_] = entry;
    tail_ = after(tail_);
  }

  std::vector<Entry> entries_;  ///< a ring: [head_, tail_)
  std::size_t head_ = 0, tail_ = 0;
  std::uint32_t known_;
};

}  // namespace takt
