// SPDX-License-Identifier: Apache-2.0
#pragma once
// A run on the terminal: a row a layer, then totals, where the cycles went, and the roofline.

#include <string>

#include "sim/report/host_facts.h"
#include "sim/stats/record.h"

namespace takt {

struct TextStyle {
  std::size_t width = 120;
  bool color = false;
};

/// `bottlenecks`: what would relieve each layer, by layer; what is missing is printed as "-".
std::string run_summary(const RunRecord& record, const std::vector<std::string>& bottlenecks,
                        const HostFacts& host, const TextStyle& style);

/// The ledger as a bar of `width` characters with its legend: accounts that hold no cycle are left
/// out.
std::string ledger_bar(const MatrixLedger& ledger, std::size_t width, const TextStyle& style);
/// A shape in few characters: "64x56x56 k64 3x3/2" (channels x rows x columns, kernels, window,
/// stride), "m512 n512 k512", "rows 1 elements 62720".
std::string short_shape(const LayerRecord& layer);

}  // namespace takt
