// SPDX-License-Identifier: Apache-2.0
#pragma once
// How far a long run is: a bar with the time left on a terminal, lines of JSON, or nothing.

#include <chrono>
#include <string>

#include "sim/app/console.h"
#include "sim/app/options.h"

namespace takt {

class Progress {
 public:
  using Clock = std::chrono::steady_clock;
  /// A bar only if standard error is a terminal and nothing asks for quiet.
  Progress(const Options& options, const Console& console, std::string what);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void update(std::size_t done, std::size_t total) { update(done, total, Clock::now()); }
  /// With the time as an argument, for tests.
  void update(std::size_t done, std::size_t total, Clock::time_point now);

 private:
  enum class Form { kNone, kBar, kJson } form_ = Form::kNone;
  void clear();
  std::ostream& err_;
  std::string what_;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point last_{};
  bool shown_ = false;
};

}  // namespace takt
