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
  last_ = Last{};
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
  if (const auto& row = fill.rows[fill.row];
      remote >= row.first && remote - row.first < fill.box.row_bytes &&
      (fill.row + 1 == fill.rows.size() || remote < fill.rows[fill.row + 1].first)) {
    return row.second + (remote - row.first);
  }
  const auto behind =
      std::upper_bound(fill.rows.begin(), fill.rows.end(), remote,
                       [](std::uint64_t a, const std::pair<std::uint64_t, std::uint64_t>& row) {
                         return a < row.first;
                       });
  if (behind == fill.rows.begin()) return std::nullopt;
  const auto& row = *std::prev(behind);
  if (remote - row.first >= fill.box.row_bytes) return std::nullopt;
  fill.row = static_cast<std::size_t>(std::prev(behind) - fill.rows.begin());
  return row.second + (remote - row.first);
}

std::optional<std::uint64_t> ChipMemory::find(BufferId buffer, std::uint64_t address,
                                              std::uint64_t span, TensorId tensor,
                                              std::uint64_t remote) {
  const auto inside = [&](std::uint64_t first, Fill& fill) -> std::optional<std::uint64_t> {
    const auto offset = within(fill, remote);
    if (!offset || first + *offset < address || first + *offset >= address + span) {
      return std::nullopt;
    }
    return first + *offset;
  };
  if (last_.fill != nullptr && last_.buffer == buffer && last_.address == address &&
      last_.span == span && last_.fill->tensor == tensor) {
    return inside(last_.at, *last_.fill);
  }
  Fills& fills = fills_[buffer.index];
  auto at = fills.upper_bound(address);
  if (at != fills.begin() && std::prev(at)->second.end > address) --at;
  std::optional<std::uint64_t> found;
  std::size_t of_tensor = 0;
  for (; at != fills.end() && at->first < address + span; ++at) {
    if (at->second.tensor != tensor) continue;
    if (!found) found = inside(at->first, at->second);
    last_ = {buffer, address, span, at->first, &at->second};
    ++of_tensor;
  }
  if (of_tensor != 1) last_ = Last{};
  return found;
}

}  // namespace takt
