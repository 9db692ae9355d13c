// SPDX-License-Identifier: Apache-2.0
#pragma once
// Addresses in an on-chip buffer: tensors that stay over several regions, and each region's slots.

#include <cstdint>
#include <optional>
#include <vector>

namespace takt {

/// A range of bytes in use during regions [first, last].
struct Area {
  std::uint64_t address = 0, bytes = 0;
  std::size_t first = 0, last = 0;
  bool overlaps(const Area& other) const {
    return address < other.address + other.bytes && other.address < address + bytes;
  }
};

/// First-fit over lifetimes. Slots avoid the bytes of the region before where they can, so that its
/// successor's first tiles can be fetched while it still works.
class BufferAllocator {
 public:
  explicit BufferAllocator(std::uint64_t size) : size_(size) {}
  /// Room for `bytes` during [first, last], or nothing. `packed`: the first there is.
  std::optional<Area> take(std::uint64_t bytes, std::size_t first, std::size_t last,
                           bool packed = false);

 private:
  std::optional<std::uint64_t> gap(std::uint64_t bytes, std::size_t first, std::size_t last) const;
  /// Areas come roughly in the order of their regions, so a block of them in the order of taking
  /// spans few regions: most blocks are passed over whole.
  struct Block {
    std::size_t first = SIZE_MAX, last = 0;
    std::vector<Area> areas;
  };
  std::uint64_t size_;
  std::vector<Block> blocks_;
};

}  // namespace takt
