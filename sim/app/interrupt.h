// SPDX-License-Identifier: Apache-2.0
#pragma once
// Ctrl-C: the first SIGINT or SIGTERM asks the engine to stop and keep what is finished, the second
// ends the process at once.

#include <atomic>

namespace takt {

/// While it lives, the signals set its flag. One at a time.
class InterruptScope {
 public:
  InterruptScope();
  ~InterruptScope();
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;
  const std::atomic<bool>& flag() const;
};

}  // namespace takt
