// SPDX-License-Identifier: Apache-2.0
#pragma once
// LSTM, GRU and plain recurrent layers by plain loops.

#include <vector>

#include "sim/functional/network_values.h"
#include "sim/functional/semantics.h"

namespace takt {

/// Row-major numbers of the layer's results, and the scale of its projected inputs.
struct RecurrentResult {
  std::vector<double> y;  ///< [time, direction, batch, hidden]
  std::vector<double> h;  ///< [direction, batch, hidden], the last state
  std::vector<double> c;  ///< alike; LSTM only
  Scale scale;
};

RecurrentResult recurrent_layer(const Semantics& semantics, OpId op, const NetworkValues& values);

}  // namespace takt
