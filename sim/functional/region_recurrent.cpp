// SPDX-License-Identifier: Apache-2.0
// Regions of a recurrent layer: each makes one of its intermediate results, which no tensor of the
// graph holds. Which one follows from the region's name and steps (sim/ir/fuse_recurrent.h).
#include "sim/functional/region_values.h"

namespace takt {
namespace {

bool ends_with(const std::string& text, const char* end) {
  const std::string tail(end);
  return text.size() >= tail.size() &&
         text.compare(text.size() - tail.size(), tail.size(), tail) == 0;
}

}  // namespace

void RegionValues::enter_recurrent(const Region& region) {
  recurrent_.reset();
  for (const OpId id : region.members) {
    if (!is_recurrent(semantics_.op(id).kind)) continue;
    recurrent_.emplace(semantics_, id);
    recurrent_op_ = id;
    projects_ = region.kind == Region::Kind::kMatrix && ends_with(region.name, ".x");
    const std::string second = semantics_.op(id).name + ".bw.";
    direction_ = recurrent_->directions() == 2 && region.name.rfind(second, 0) == 0 ? 1 : 0;
  }
}

/// Element `column` of the row at hand of an operand.
double RegionValues::in_row(int operand, std::int64_t column) {
  const auto index = static_cast<std::size_t>(operand);
  const VectorOperand& o = regions_.regions[region_].operands[index];
  const std::int64_t element = o.view.offset + at_.h * o.view.stride_h + column * o.view.stride_c;
  if (const auto value = read_(index, element)) return *value;
  return miss("element " + std::to_string(element) + " of '" +
              regions_.tensors[o.tensor.index].name + "' is in no slot that it reads");
}

// The compiler stores both halves of the bias as their sum; what comes behind a GRU's reset gate is
// part of the instruction.
double RegionValues::recurrent_bias() const {
  const Op& op = semantics_.op(recurrent_op_);
  if (op.inputs.size() < 4 || !op.inputs[3].valid()) return 0;
  const std::int64_t half = recurrent_->gates() * recurrent_->hidden();
  return given_.tensors[op.inputs[3].index].at((2 * direction_ + 1) * half + at_.c);
}

double RegionValues::recurrent_product(double sum) {
  const Region& region = regions_.regions[region_];
  const RecurrentRules& rules = *recurrent_;
  double value = 0;
  if (projects_) {
    double bias = 0;
    for (const VectorStep& step : region.epilogue) {
      if (step.what != "bias") continue;
      bias = in_row(step.operand, at_.c);
      if (!rules.late_bias(at_.c)) bias += recurrent_bias();
    }
    return rules.projection(rules.wide_projection(sum, bias), given_.scales[recurrent_op_.index]);
  }
  value = rules.product(sum, rules.late_bias(at_.c) ? recurrent_bias() : 0);
  for (const VectorStep& step : region.epilogue) {
    if (step.what == "add") value = rules.add(value, in_row(step.operand, at_.c));
    if (step.what == "tanh") value = rules.tanh(value);
  }
  return value;
}

double RegionValues::recurrent(double sum) {
  const Region& region = regions_.regions[region_];
  const RecurrentRules& rules = *recurrent_;
  if (region.kind == Region::Kind::kMatrix) return recurrent_product(sum);
  const std::int64_t h = rules.hidden(), j = at_.c;
  if (region.op == "lstm_c") {  // gates: input, output, forget, candidate
    return rules.lstm_cell(in_row(0, j), in_row(0, 2 * h + j), in_row(0, 3 * h + j), in_row(1, j));
  }
  if (region.op == "lstm_h") return rules.lstm_hidden(in_row(0, h + j), in_row(1, j));
  if (region.op == "gru_r") return rules.gru_reset(in_row(0, h + j), in_row(1, j));
  if (region.op != "gru_h") return miss("a part '" + region.op + "' of a recurrent layer");
  const double update = in_row(0, j), last = in_row(2, j);
  if (!rules.resets_after()) return rules.gru_hidden(update, in_row(1, j), last);
  const double reset = rules.add(in_row(0, h + j), in_row(1, h + j));
  const double candidate =
      rules.gru_late_candidate(in_row(1, 2 * h + j), reset, in_row(0, 2 * h + j));
  return rules.gru_hidden(rules.add(update, in_row(1, j)), candidate, last);
}

}  // namespace takt
