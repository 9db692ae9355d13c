// SPDX-License-Identifier: Apache-2.0
#pragma once
// One evaluation, one process: SystemC elaborates once a process, and a crash must cost one point.

#include <atomic>
#include <functional>
#include <string>

#include "sim/base/result.h"

namespace takt {

struct ChildOutcome {
  enum class Kind {
    kReturned,     ///< `bytes` is what the function returned
    kThrew,        ///< it threw; `error` says what
    kKilled,       ///< a signal ended it; `error` names it
    kOutOfMemory,  ///< it had no memory left
    kInterrupted,  ///< SIGINT or SIGTERM ended it before it could return
  } kind = Kind::kReturned;
  std::string bytes;
  std::string error;
};

/// Runs `work` in a child forked now, and waits. SystemC must not have been elaborated in this
/// process. When `stop` is set meanwhile, SIGINT is passed on once and the child may still return.
ChildOutcome run_in_child(const std::function<std::string()>& work,
                          const std::atomic<bool>* stop = nullptr);

/// The same, with the failures as exceptions: std::bad_alloc, InternalError for a crash or a throw.
/// An interrupted child returns an empty string.
std::string run_in_child_or_throw(const std::function<std::string()>& work,
                                  const std::atomic<bool>* stop = nullptr);

}  // namespace takt
