// SPDX-License-Identifier: Apache-2.0
#pragma once
// Tasks in worker processes of this machine. A worker is forked from this process, so it has all
// that was read so far, and takes one task after the other; if it dies, that costs the task it was
// at, and another worker takes its place.

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>

namespace takt {

struct PoolOptions {
  unsigned workers = 1;
  const std::atomic<bool>* stop = nullptr;  ///< set by a signal: end at once
  /// After each task.
  std::function<void(std::size_t done, std::size_t total)> progress;
};

struct TaskOutcome {
  std::size_t index = 0;  ///< of the task
  unsigned worker = 0;    ///< below PoolOptions::workers
  bool returned = false;
  bool killed = false;  ///< from outside, or for want of memory: no mistake of the task
  std::string text;     ///< what the task returned, or why it did not
};

/// Runs `task(0)` to `task(count - 1)` in workers and hands each outcome to `done` here, as they
/// come; `done` answers whether to go on. False if it was stopped: tasks under way are then lost,
/// and no worker is left behind. SystemC must not have been elaborated in this process.
bool run_pool(std::size_t count, const std::function<std::string(std::size_t)>& task,
              const std::function<bool(const TaskOutcome&)>& done, const PoolOptions& options);

}  // namespace takt
