// SPDX-License-Identifier: Apache-2.0
#pragma once
// Ctrl-C in work of which a part is of no use (mapping, verifying): it is unwound. Engines, of
// whose work a part is kept, look at the flag themselves and return what they have.

#include <atomic>
#include <exception>

namespace takt {

/// Set by a signal; null = nobody can ask.
using StopFlag = const std::atomic<bool>*;

/// Thrown by check_stop(); app turns it into exit code 130.
class Stopped : public std::exception {
 public:
  const char* what() const noexcept override { return "interrupted"; }
};

inline bool stop_asked(StopFlag stop) {
  return stop != nullptr && stop->load(std::memory_order_relaxed);
}
inline void check_stop(StopFlag stop) {
  if (stop_asked(stop)) throw Stopped();
}

}  // namespace takt
