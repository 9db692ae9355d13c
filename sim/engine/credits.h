// SPDX-License-Identifier: Apache-2.0
#pragma once
// The credits of a token channel with the moments at which they became available, oldest first.
// Equal neighbours are one run: a thousand free accumulators are one entry.

#include <cstdint>
#include <vector>

#include "sim/base/check.h"
#include "sim/base/quantity.h"

namespace takt {

class Credits {
 public:
  struct Run {
    Cycles when{};
    std::uint64_t count = 0;
  };

  std::uint64_t total() const { return total_; }
  void give(Cycles when, std::uint64_t count) {
    if (count == 0) return;
    total_ += count;
    if (head_ < runs_.size() && runs_.back().when == when) {
      runs_.back().count += count;
    } else {
      runs_.push_back({when, count});
    }
  }
  /// Takes the oldest `count`; the moment at which all of them were there.
  Cycles take(std::uint64_t count) {
    CHECK(count <= total_) << "credits that are not there";
    total_ -= count;
    Cycles latest{};
    while (count > 0) {
      Run& run = runs_[head_];
      if (latest < run.when) latest = run.when;
      if (run.count > count) {
        run.count -= count;
        return latest;
      }
      count -= run.count;
      ++head_;
    }
    forget_taken();
    return latest;
  }

  Run* begin() { return runs_.data() + head_; }
  Run* end() { return runs_.data() + runs_.size(); }

 private:
  void forget_taken() {
    constexpr std::size_t kTakenMax = 32;
    if (head_ == runs_.size()) {
      runs_.clear();
      head_ = 0;
    } else if (head_ > kTakenMax && 2 * head_ > runs_.size()) {
      runs_.erase(runs_.begin(), runs_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
  }
  std::vector<Run> runs_;
  std::size_t head_ = 0;  ///< runs before it are taken
  std::uint64_t total_ = 0;
};

}  // namespace takt
