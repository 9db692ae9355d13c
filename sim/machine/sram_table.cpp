// SPDX-License-Identifier: Apache-2.0
#include "sim/machine/sram_table.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "sim/base/check.h"

namespace takt {
namespace {

struct Sample {
  double at = 0;
  double value = 0;
};

/// Linear in log(at) and log(value) between the neighbours; beyond the ends, the end's value.
double between(std::vector<Sample> samples, double at, bool& outside) {
  std::sort(samples.begin(), samples.end(),
            [](const Sample& a, const Sample& b) { return a.at < b.at; });
  if (at <= samples.front().at || samples.size() == 1) {
    outside = outside || at != samples.front().at;
    return samples.front().value;
  }
  if (at >= samples.back().at) {
    outside = outside || at > samples.back().at;
    return samples.back().value;
  }
  std::size_t i = 1;
  while (samples[i].at < at) ++i;
  const Sample &low = samples[i - 1], &high = samples[i];
  const double share = std::log(at / low.at) / std::log(high.at / low.at);
  return low.value * std::pow(high.value / low.value, share);
}

std::uint32_t ports_of(const Buffer& buffer) {
  return buffer.shared_port ? std::max(buffer.read_ports, buffer.write_ports)
                            : buffer.read_ports + buffer.write_ports;
}

}  // namespace

SramValue interpolate(const SramTable& table, double bank_bytes, double width_bytes) {
  CHECK(!table.points.empty()) << "a table of memories without points";
  std::map<double, std::vector<Sample>> by_width;
  for (const SramPoint& p : table.points) by_width[p.width].push_back({p.size, p.value});
  SramValue out;
  std::vector<Sample> across;
  for (const auto& [width, samples] : by_width) {
    across.push_back({width, between(samples, bank_bytes, out.outside)});
  }
  out.value = between(across, width_bytes, out.outside);
  return out;
}

SramValue value_of_bank(const SramTable& table, const Buffer& buffer) {
  SramValue out = interpolate(table, static_cast<double>(buffer.size.value()) / buffer.banks,
                              static_cast<double>(buffer.width.value()));
  out.value *= std::pow(table.port_factor, ports_of(buffer) - 1.0);
  return out;
}

}  // namespace takt
