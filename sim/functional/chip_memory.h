// SPDX-License-Identifier: Apache-2.0
#pragma once
// The buffers of one core as bytes, and which elements of which tensors were loaded where: operands
// of vector work are found by it.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "sim/machine/machine.h"
#include "sim/program/tile_op.h"

namespace takt {

class ChipMemory {
 public:
  explicit ChipMemory(const Machine& machine);

  /// Null if the range is not within the buffer.
  std::byte* bytes(BufferId buffer, std::uint64_t address, std::uint64_t count);
  /// A load wrote `box` of a tensor densely at `address`.
  void loaded(BufferId buffer, std::uint64_t address, TensorId tensor, const Box& box);
  /// Something else wrote there.
  void overwritten(BufferId buffer, std::uint64_t address, std::uint64_t count);
  /// Where the byte of `tensor` that was at `remote` lies within [address, +span), if it does.
  std::optional<std::uint64_t> find(BufferId buffer, std::uint64_t address, std::uint64_t span,
                                    TensorId tensor, std::uint64_t remote);

 private:
  /// What one load left. Rows of the box by their remote address, made when first asked for.
  struct Fill {
    std::uint64_t end = 0;
    TensorId tensor;
    Box box;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> rows;  ///< remote, offset in the slot
    std::size_t row = 0;  ///< the one that was found last: neighbours are asked for in turn
  };
  /// The only fill of a tensor within a range, as long as nothing is written.
  struct Last {
    BufferId buffer;
    std::uint64_t address = 0, span = 0, at = 0;
    Fill* fill = nullptr;
  };
  using Fills = std::map<std::uint64_t, Fill>;
  static std::optional<std::uint64_t> within(Fill& fill, std::uint64_t remote);

  std::vector<std::vector<std::byte>> buffers_;
  std::vector<Fills> fills_;  ///< by buffer, by address
  Last last_;
};

/// Calls visit(address) for each row of a box, in the box's order.
template <class Visit>
void for_each_row(const Box& box, const Visit& visit) {
  std::array<std::uint32_t, Box::kDims> i{};
  const std::uint64_t rows = box.rows();
  std::uint64_t address = box.address;
  for (std::uint64_t row = 0; row < rows; ++row) {
    visit(address);
    for (std::size_t d = Box::kDims; d-- > 0;) {
      address += static_cast<std::uint64_t>(box.dims[d].stride);
      if (++i[d] < box.dims[d].count) break;
      address -= static_cast<std::uint64_t>(box.dims[d].stride) * i[d];
      i[d] = 0;
    }
  }
}

}  // namespace takt
