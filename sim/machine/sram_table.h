// SPDX-License-Identifier: Apache-2.0
#pragma once
// A quantity of memory banks that depends on their size and on how wide they are accessed, known at
// some points of a grid: energy of a byte, area of a MiB.

#include <vector>

#include "sim/machine/machine.h"

namespace takt {

struct SramPoint {
  double size = 0;   ///< bytes of a bank
  double width = 0;  ///< bytes of an access
  double value = 0;
};

struct SramTable {
  std::vector<SramPoint> points;
  double port_factor = 1;  ///< what each port beyond the first multiplies the value by
};

struct SramValue {
  double value = 0;
  bool outside = false;  ///< beyond the points: the nearest one's
};

/// Linear in the logarithms of size, width and value: by size along each width of the table, then
/// across widths. The table has points.
SramValue interpolate(const SramTable& table, double bank_bytes, double width_bytes);

/// The same, for one of a buffer's banks and its ports.
SramValue value_of_bank(const SramTable& table, const Buffer& buffer);

}  // namespace takt
