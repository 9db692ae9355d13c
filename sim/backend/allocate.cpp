// SPDX-License-Identifier: Apache-2.0
#include "sim/backend/allocate.h"

#include <algorithm>

namespace takt {

std::optional<std::uint64_t> BufferAllocator::gap(std::uint64_t bytes, std::size_t first,
                                                  std::size_t last) const {
  std::vector<Area> live;
  for (const Block& block : blocks_) {
    if (block.first > last || first > block.last) continue;
    for (const Area& area : block.areas) {
      if (area.first <= last && first <= area.last) live.push_back(area);
    }
  }
  std::sort(live.begin(), live.end(),
            [](const Area& a, const Area& b) { return a.address < b.address; });
  std::uint64_t at = 0;
  for (const Area& area : live) {
    if (area.address >= at && area.address - at >= bytes) return at;
    at = std::max(at, area.address + area.bytes);
  }
  if (at <= size_ && size_ - at >= bytes) return at;
  return std::nullopt;
}

std::optional<Area> BufferAllocator::take(std::uint64_t bytes, std::size_t first, std::size_t last,
                                          bool packed) {
  const std::size_t before = first == 0 || packed ? first : first - 1;
  std::optional<std::uint64_t> address = gap(bytes, before, last);
  if (!address) address = gap(bytes, first, last);
  if (!address) return std::nullopt;
  const Area area{*address, bytes, first, last};
  constexpr std::size_t kBlock = 256;
  if (blocks_.empty() || blocks_.back().areas.size() == kBlock) blocks_.emplace_back();
  Block& block = blocks_.back();
  block.first = std::min(block.first, first);
  block.last = std::max(block.last, last);
  block.areas.push_back(area);
  return area;
}

}  // namespace takt
