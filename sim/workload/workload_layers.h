// SPDX-License-Identifier: Apache-2.0
#pragma once
// The regions of a network as a plain list, for programs that read no YAML:
//
//   takt_layers 1 resnet18 batch 1
//   matrix conv1 conv int8 g 1 n 1 p 112 q 112 o 64 r 7 s 7 c 3 in_h 224 in_w 224 stride_h 2
//   stride_w 2
//     dilation_h 1 dilation_w 1 pad_h 3 pad_w 3 steps bias relu requantise          (one line)
//   vector maxpool max_pool int8 images 1 rows 56 elements 3584 steps max_pool
//
// Words are separated by single spaces; names have none (they are written as `_`).

#include <string>

#include "sim/ir/region.h"

namespace takt {

std::string write_layers(const RegionGraph& regions);

}  // namespace takt
