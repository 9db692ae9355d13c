// SPDX-License-Identifier: Apache-2.0
// LSTM, GRU and plain recurrent layers.
#include "sim/ir/infer_rules.h"

namespace takt::rules {

std::string recurrent(const OpView& op, Types& out) {
  const auto& attrs = op.attributes<RecurrentAttrs>();
  const std::int64_t hidden = attrs.hidden, directions = attrs.directions;
  const Shape& x = op.shape(0);
  if (x.size() != 3) return "its input must be [time, batch, features], not " + to_string(x);
  if (hidden < 1 || hidden > (1 << 24)) return "its hidden size must be 1 or more";
  if (directions < 1 || directions > 2) return "has " + std::to_string(directions) + " directions";
  const OpKind kind = op.op().kind;
  const std::int64_t gates = kind == OpKind::kLstm ? 4 : kind == OpKind::kGru ? 3 : 1;
  const Shape state{directions, x[1], hidden};
  const Shape expected[] = {x,
                            {directions, gates * hidden, x[2]},
                            {directions, gates * hidden, hidden},
                            {directions, 2 * gates * hidden},
                            {},
                            state,
                            state};
  for (std::size_t i = 1; i < op.input_count(); ++i) {
    if (!op.has(i)) continue;
    if (i == 4) return "sequences of different lengths in a batch are not supported";
    if (op.shape(i) != expected[i]) {
      return "input " + std::to_string(i) + " is " + to_string(op.shape(i)) + ", not " +
             to_string(expected[i]);
    }
  }
  out.push_back({{x[0], directions, x[1], hidden}, op.dtype(0)});
  while (out.size() < op.output_count()) out.push_back({state, op.dtype(0)});
  return "";
}

}  // namespace takt::rules
