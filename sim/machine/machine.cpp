// SPDX-License-Identifier: Apache-2.0
#include "sim/machine/machine.h"

namespace takt {

double peak_macs_per_cycle(const Machine& machine, DType dtype) {
  const MacRate rate = machine.matrix.rate_of(dtype);
  const double pes = static_cast<double>(machine.matrix.rows) * machine.matrix.cols;
  return pes * machine.matrix.count * machine.cores * rate.numerator / rate.denominator;
}

}  // namespace takt
