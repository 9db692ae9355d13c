// SPDX-License-Identifier: Apache-2.0
#pragma once
// Medians of many, with warm-up. Included by device.h.

#include <algorithm>
#include <cmath>

#include "device.h"

namespace takt::gpu {

/// Runs `launch` until it is warm, then `most_samples` times or as long as the budget lasts. A
/// sample is as many launches back to back as fill 50 µs, so that the clock's own steps (0.5 µs)
/// and the gap before a first launch count little; caches are warm, as behind another layer.
template <class F>
Timing time_of(const F& launch, double budget_seconds, int most_samples) {
  Stopwatch watch;
  launch();
  wait();
  watch.start();
  launch();
  const double first = watch.stop();
  Timing timing;
  timing.repeats = static_cast<int>(std::clamp(std::ceil(5e-5 / std::max(first, 1e-7)), 1.0, 40.0));
  const auto begin = std::chrono::steady_clock::now();
  const auto left = [&] {
    const std::chrono::duration<double> gone = std::chrono::steady_clock::now() - begin;
    return gone.count() < budget_seconds;
  };
  for (int warm = 0; warm < 3 && left(); ++warm) launch();
  wait();
  std::vector<double> seconds;
  do {
    watch.start();
    for (int i = 0; i < timing.repeats; ++i) launch();
    seconds.push_back(watch.stop() / timing.repeats);
  } while (static_cast<int>(seconds.size()) < most_samples && left());
  std::sort(seconds.begin(), seconds.end());
  timing.median = seconds[seconds.size() / 2];
  timing.least = seconds.front();
  timing.most = seconds.back();
  timing.samples = static_cast<int>(seconds.size());
  return timing;
}

}  // namespace takt::gpu
