// SPDX-License-Identifier: Apache-2.0
#include "models/tpu/boxes.h"

#include <vector>

namespace takt {
namespace {

Box box_of(std::uint64_t base, std::int64_t offset, unsigned element_bytes,
           std::initializer_list<Steps> dims, bool joins_rows) {
  Box box;
  box.address = base + static_cast<std::uint64_t>(offset) * element_bytes;
  // From the innermost dimension outwards: a run grows while the next dimension continues it.
  std::int64_t run = 1;
  std::vector<Steps> outer;
  for (auto it = std::rbegin(dims); it != std::rend(dims); ++it) {
    if (it->count == 0) {
      box.row_bytes = 0;
      return box;
    }
    if (it->count == 1) continue;
    const bool innermost = it == std::rbegin(dims);
    if (outer.empty() && it->stride == run && (joins_rows || innermost)) {
      run *= it->count;
    } else if (!outer.empty() && it->stride == outer.back().stride * outer.back().count) {
      outer.back().count *= it->count;
    } else {
      outer.push_back(*it);
    }
  }
  CHECK(outer.size() <= box.dims.size()) << "a box of " << outer.size() << " strided dimensions";
  box.row_bytes = static_cast<std::uint64_t>(run) * element_bytes;
  for (std::size_t i = 0; i < outer.size(); ++i) {
    Box::Dim& dim = box.dims[box.dims.size() - 1 - i];
    dim.count = static_cast<std::uint32_t>(outer[i].count);
    dim.stride = outer[i].stride * element_bytes;
  }
  return box;
}

}  // namespace

Box make_box(std::uint64_t base, std::int64_t offset, unsigned element_bytes,
             std::initializer_list<Steps> dims) {
  return box_of(base, offset, element_bytes, dims, true);
}

Box make_box_of_rows(std::uint64_t base, std::int64_t offset, unsigned element_bytes,
                     std::initializer_list<Steps> dims) {
  return box_of(base, offset, element_bytes, dims, false);
}

}  // namespace takt
