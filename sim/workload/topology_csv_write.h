// SPDX-License-Identifier: Apache-2.0
#pragma once
// Matrix regions as a SCALE-Sim topology. SCALE-Sim has convolutions without padding, dilation,
// groups or batch: a row describes a convolution of the same MACs and output, padding being part of
// the input; groups and images are rows of their own. A network of products alone is written in the
// gemm form, in others a product is a 1x1 convolution of a column of pixels.

#include <string>

#include "sim/base/result.h"
#include "sim/ir/region.h"

namespace takt {

/// Or that there is no matrix region to write. Vector regions are left out.
Result<std::string> write_topology(const RegionGraph& regions);

}  // namespace takt
