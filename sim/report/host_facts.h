// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a run cost the computer it ran on. Never in the record: two runs differ in it.

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "sim/base/quantity.h"

namespace takt {

struct HostFacts {
  double wall_seconds = 0;    ///< the whole run, reading and mapping included
  double engine_seconds = 0;  ///< the engine alone
  std::uint64_t peak_rss_bytes = 0;
  std::uint64_t kernel_activations = 0;  ///< 0 for engines without SystemC
  Cycles simulated{};
};

/// Seconds since `begin`.
double seconds_since(std::chrono::steady_clock::time_point begin);
/// Largest resident memory of a child that has ended. A program that replaced a script by `exec`
/// inherits the script's children: take the figure before a run as well.
std::uint64_t children_peak_rss_bytes();
/// Largest resident memory so far, of this process or of a child that ended since
/// children_peak_rss_bytes() was `before`, whichever is larger.
std::uint64_t peak_rss_bytes(std::uint64_t before);

/// host.json.
nlohmann::ordered_json to_json(const HostFacts& facts);

}  // namespace takt
