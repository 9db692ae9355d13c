// SPDX-License-Identifier: Apache-2.0
#pragma once
// Counts activations of our processes and looks after the run: has the user asked to stop, does
// time still move?

#include <atomic>
#include <cstdint>

namespace takt {

class Watchdog {
 public:
  /// `stop` may be null.
  explicit Watchdog(const std::atomic<bool>* stop) : stop_(stop) {}

  /// To be called by every process each time it runs.
  void tick() {
    if ((++activations_ & kMask) == 0) look();
  }

  std::uint64_t activations() const { return activations_; }
  bool interrupted() const { return interrupted_; }

 private:
  /// An atomic load each time would cost little, but a comparison of times does not. One activation
  /// may play many ops: 64 of them are some milliseconds at most.
  static constexpr std::uint64_t kMask = 63;
  /// So many activations at one moment are a loop that never ends.
  static constexpr std::uint64_t kStuck = std::uint64_t{1} << 26;
  void look();

  const std::atomic<bool>* stop_;
  std::uint64_t activations_ = 0;
  std::uint64_t moved_at_ = 0;  ///< activations when time was last seen to move
  std::uint64_t last_time_ = 0;
  bool interrupted_ = false;
};

}  // namespace takt
