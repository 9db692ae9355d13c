// SPDX-License-Identifier: Apache-2.0
#include "sim/functional/chip_memory.h"

#include <algorithm>

namespace takt {

ChipMemory::ChipMemory(const Machine& machine) {
  for (const Buffer& buffer : machine.buffers) buffers_.emplace_back(buffer.size.value());
  fills_.resize(machine.buffers.size());
}

std::byte* ChipMemory::bytes(BufferId buffer, std::uint64_t address, std::uint64_t count) {
  std::vector<std::byte>& all = buffers_[buffer.index];
  if (address > all.size() || count > all.size() - address) return nullptr;
  return all.data() + address;
}

void ChipMemory::overwritten(BufferId buffer, std::uint64_t address, std::uint64_t count) {
  Fills& fills = fills_[buffer.index];
  auto at = fills.upper_bound(address);
  if (at != fills.begin() && std::prev(at)->second.end > address) --at;
  while (at != fills.end() && at->first < address + count) at = fills.erase(at);
}

void ChipMemory::loaded(BufferId buffer, std::uint64_t address, TensorId tensor, const Box& box) {
  const std::uint64_t count = box.bytes().value();
  if (count == 0) return;
  overwritten(buffer, address, count);
  Fill fill;
  fill.end = address + count;
  fill.tensor = tensor;
  fill.box = box;
  fills_[buffer.index][address] = std::move(fill);
}

std::optional<std::uint64_t> ChipMemory::within(Fill& fill, std::uint64_t remote) {
  if (fill.rows.empty()) {
    std::uint64_t offset = 0;
    for_each_row(fill.box, [&](std::uint64_t address) {
      fill.rows.emplace_back(address, offset);
      offset += fill.box.row_bytes;
    });
    std::sort(fill.rows.begin(), fill.rows.end());
  }
  const auto behind =
      std::upper_bound(fill.rows.begin(), fill.rows.end(), remote,
                       [](std::uint64_t a, const std::pair<std::uint64_t, std::uint64_t>& row) {
                         return a < row.first;
                       });
  if (behind == fill.rows.begin()) return std::nullopt;
  const auto& row = *std::prev(behind);
  if (remote - row.first >= fill.box.row_bytes) return std::nullopt;
  return row.second + (remote - row.first);
}

std::optional<std::uint64_t> ChipMemory::find(BufferId buffer, std::uint64_t address,
                                              std::uint64_t span, TensorId tensor,
                                              std::uint64_t remote) {
  Fills& fills = fills_[buffer.index];
  auto at = fills.upper_bound(address);
  if (at != fills.begin() && std::prev(at)->second.end > address) --at;
  for (; at != fills.end() && at->first < address + span; ++at) {
    if (at->second.tensor != tensor) continue;
    const auto offset = within(at->second, remote);
    if (offset && at->first + *offset >= address && at->first + *offset < address + span) {
      return at->first + *offset;
    }
  }
  return std::nullopt;
}

}  // namespace takt
