// SPDX-License-Identifier: Apache-2.0
#include "sim/report/host_facts.h"

#include <sys/resource.h>

#include <algorithm>

namespace takt {

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

namespace {

std::uint64_t peak_of(int who) {
  rusage usage{};
  getrusage(who, &usage);
  // Linux counts ru_maxrss in KiB.
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace

std::uint64_t children_peak_rss_bytes() { return peak_of(RUSAGE_CHILDREN); }

std::uint64_t peak_rss_bytes(std::uint64_t before) {
  const std::uint64_t own = peak_of(RUSAGE_SELF), children = children_peak_rss_bytes();
  return children > before ? std::max(own, children) : own;
}

nlohmann::ordered_json to_json(const HostFacts& facts) {
  nlohmann::ordered_json json;
  json["wall_seconds"] = facts.wall_seconds;
  json["engine_seconds"] = facts.engine_seconds;
  json["peak_rss_bytes"] = facts.peak_rss_bytes;
  if (facts.engine_seconds > 0) {
    json["simulated_cycles_per_s"] =
        static_cast<double>(facts.simulated.value()) / facts.engine_seconds;
  }
  if (facts.kernel_activations > 0) json["kernel_activations"] = facts.kernel_activations;
  return json;
}

}  // namespace takt
