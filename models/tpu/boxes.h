// SPDX-License-Identifier: Apache-2.0
#pragma once
// Strided views of stored tensors as DMA boxes: contiguous dimensions are merged.

#include <initializer_list>

#include "sim/ir/region.h"
#include "sim/program/tile_op.h"

namespace takt {

/// One dimension of a piece: `count` steps of `stride` elements.
struct Steps {
  std::int64_t count = 1;
  std::int64_t stride = 0;
};

/// The bytes of a piece that starts `offset` elements into a tensor at `base`, walked by `dims`
/// (outermost first). A piece with no element has no bytes.
Box make_box(std::uint64_t base, std::int64_t offset, unsigned element_bytes,
             std::initializer_list<Steps> dims);
/// The same bytes with the innermost dimension alone as a row, for engines that take rows one by
/// one.
Box make_box_of_rows(std::uint64_t base, std::int64_t offset, unsigned element_bytes,
                     std::initializer_list<Steps> dims);

}  // namespace takt
