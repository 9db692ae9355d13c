// SPDX-License-Identifier: Apache-2.0
#include "sim/base/dtype.h"

namespace takt {

std::optional<DType> dtype_from(std::string_view name) {
  for (const DTypeInfo& row : kDTypes) {
    if (row.name == name) return row.dtype;
  }
  return std::nullopt;
}

}  // namespace takt
