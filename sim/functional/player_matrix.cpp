// SPDX-License-Identifier: Apache-2.0
// A pass of the array, from the bytes of slots to sums in accumulators.
#include <algorithm>
#include <cmath>

#include "sim/functional/pass_operands.h"
#include "sim/functional/player.h"

namespace takt {
void FunctionalPlayer::matrix(const TileOp& op) {
  Stationary& held = stationary_[op.unit.index];
  const Place5& at = op.place;
  if (std::uint64_t{op.matrix.m} * op.matrix.n * op.matrix.k !=
      static_cast<std::uint64_t>(at.flat.count * at.o.count * at.k.count)) {
    find(op, "does not do the work of its place");
  }
  const PassOperands operands(program_, op);
  ChipMemory& chip = chips_[program_.units[op.unit.index].core];
  const Range pixels{0, at.flat.count}, terms{0, at.k.count}, outputs{0, at.o.count};
  if (operands.brings_inputs()) {
    held.inputs.resize(static_cast<std::size_t>(pixels.count * terms.count));
    if (!operands.read_inputs(chip, pixels, terms, held.inputs.data(), terms.count)) {
      find(op, "needs inputs outside the bytes it reads");
    }
  }
  if (operands.brings_weights()) {
    held.weights.resize(static_cast<std::size_t>(terms.count * outputs.count));
    if (!operands.read_weights(chip, terms, outputs, held.weights.data(), outputs.count)) {
      find(op, "needs weights outside the bytes it reads");
    }
  }
  if (held.inputs.size() != static_cast<std::size_t>(at.flat.count * at.k.count) ||
      held.weights.size() != static_cast<std::size_t>(at.k.count * at.o.count)) {
    return find(op, "finds no operand of its shape in the array");
  }
  accumulate(op);
}

void FunctionalPlayer::accumulate(const TileOp& op) {
  const Place5& at = op.place;
  const Machine& machine = *program_.machine;
  const Stationary& held = stationary_[op.unit.index];
  const std::uint32_t core = program_.units[op.unit.index].core;
  const bool turned = machine.matrix.dataflow == Dataflow::kInputStationary;
  const bool whole = !info(region(op).dtype).is_float;
  Accumulators& sums = sums_[core];
  const auto cols = static_cast<std::size_t>(machine.matrix.cols);
  const auto rows = static_cast<std::size_t>(turned ? at.o.count : at.flat.count);
  const auto width = static_cast<std::size_t>(turned ? at.flat.count : at.o.count);
  if (width > cols || (op.accumulator + rows) * cols > sums.size()) {
    return find(op, "has more results than accumulators");
  }
  const auto outputs = static_cast<std::size_t>(at.o.count);
  const auto terms = static_cast<std::size_t>(at.k.count);
  std::vector<double> line(outputs);
  for (std::size_t i = 0; i < static_cast<std::size_t>(at.flat.count); ++i) {
    const auto slot = [&](std::size_t o) {
      return turned ? (op.accumulator + o) * cols + i : (op.accumulator + i) * cols + o;
    };
    for (std::size_t o = 0; o < outputs; ++o) {
      line[o] = op.matrix.accumulate ? sums.at(!whole, slot(o)) : 0;
    }
    for (std::size_t k = 0; k < terms; ++k) {
      const double x = held.inputs[i * terms + k];
      if (x == 0) continue;
      const double* weights = held.weights.data() + k * outputs;
      if (whole) {
        for (std::size_t o = 0; o < outputs; ++o) line[o] += x * weights[o];
      } else {
        // Products are exact in double; each sum is rounded to 32 bits as the hardware's is.
        for (std::size_t o = 0; o < outputs; ++o) {
          line[o] = static_cast<double>(static_cast<float>(line[o] + x * weights[o]));
        }
      }
    }
    for (std::size_t o = 0; o < outputs; ++o) {
      sums.set(!whole, slot(o), whole ? rounded(DType::kInt32, line[o]) : line[o]);
    }
  }
}

}  // namespace takt
