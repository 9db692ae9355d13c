// SPDX-License-Identifier: Apache-2.0
// A pass of the array, from the bytes of slots to sums in accumulators.
#include <algorithm>
#include <cmath>

#include "sim/functional/pass_operands.h"
#include "sim/functional/player.h"

namespace takt {
/// The operands that an op reads, or finds in the array; false if they are not of its shape.
bool FunctionalPlayer::take_operands(const TileOp& op) {
  Stationary& held = stationary_[op.unit.index];
  const Place5& at = op.place;
  const std::int64_t work = at.g.count * at.flat.count * at.o.count * at.k.count;
  const bool lanes = op.kind == TileOpKind::kVector;
  const bool groups = lanes || op.matrix.blocks == at.g.count;
  if (!groups || (lanes ? op.vector.macs : op.matrix.macs()) != static_cast<std::uint64_t>(work)) {
    find(op, "does not do the work of its place");
  }
  const PassOperands operands(program_, op);
  ChipMemory& chip = chips_[program_.units[op.unit.index].core];
  const Range pixels{0, at.flat.count}, terms{0, at.g.count * at.k.count};
  if (operands.brings_inputs()) {
    held.inputs.resize(static_cast<std::size_t>(pixels.count * terms.count));
    if (!operands.read_inputs(chip, pixels, terms, held.inputs.data(), terms.count)) {
      find(op, "needs inputs outside the bytes it reads");
    }
  }
  if (operands.brings_weights()) {
    held.weights.resize(static_cast<std::size_t>(terms.count * at.o.count));
    for (std::int64_t g = 0; g < at.g.count; ++g) {  // the blocks on the diagonal
      double* const to = held.weights.data() + g * at.k.count * at.o.count;
      if (!operands.read_weights(chip, {g * at.k.count, at.k.count}, {g * at.o.count, at.o.count},
                                 to, at.o.count)) {
        find(op, "needs weights outside the bytes it reads");
      }
    }
  }
  const bool whole = held.inputs.size() == static_cast<std::size_t>(pixels.count * terms.count) &&
                     held.weights.size() == static_cast<std::size_t>(terms.count * at.o.count);
  if (!whole) find(op, "finds no operand of its shape in the array");
  return whole;
}

void FunctionalPlayer::matrix(const TileOp& op) {
  if (take_operands(op)) accumulate(op);
}

/// line[o] += the products of pixel i and group g; `line` has one sum an output of the group.
void FunctionalPlayer::add_products(const TileOp& op, std::size_t i, std::size_t g,
                                    std::vector<double>& line) const {
  const Stationary& held = stationary_[op.unit.index];
  const bool whole = !info(region(op).dtype).is_float;
  const auto groups = static_cast<std::size_t>(op.place.g.count);
  const auto outputs = static_cast<std::size_t>(op.place.o.count);
  const auto terms = static_cast<std::size_t>(op.place.k.count);
  for (std::size_t k = 0; k < terms; ++k) {
    const double x = held.inputs[(i * groups + g) * terms + k];
    if (x == 0) continue;
    const double* weights = held.weights.data() + (g * terms + k) * outputs;
    if (whole) {
      for (std::size_t o = 0; o < outputs; ++o) line[o] += x * weights[o];
    } else {
      // Products are exact in double; each sum is rounded to 32 bits as the hardware's is.
      for (std::size_t o = 0; o < outputs; ++o) {
        line[o] = static_cast<double>(static_cast<float>(line[o] + x * weights[o]));
      }
    }
  }
}

void FunctionalPlayer::accumulate(const TileOp& op) {
  const Place5& at = op.place;
  const Machine& machine = *program_.machine;
  const std::uint32_t core = program_.units[op.unit.index].core;
  const bool turned = machine.matrix.dataflow == Dataflow::kInputStationary;
  const bool whole = !info(region(op).dtype).is_float;
  Accumulators& sums = sums_[core];
  const auto cols = static_cast<std::size_t>(machine.matrix.cols);
  const auto pixels = static_cast<std::size_t>(at.flat.count);
  const auto outputs = static_cast<std::size_t>(at.o.count);
  const std::size_t all = static_cast<std::size_t>(at.g.count) * outputs;
  const std::size_t rows = turned ? all : pixels, width = turned ? pixels : all;
  if (width > cols || (op.accumulator + rows) * cols > sums.size()) {
    return find(op, "has more results than accumulators");
  }
  std::vector<double> line(outputs);
  for (std::size_t i = 0; i < pixels; ++i) {
    for (std::size_t first = 0; first < all; first += outputs) {
      const auto slot = [&](std::size_t o) {
        return turned ? (op.accumulator + first + o) * cols + i
                      : (op.accumulator + i) * cols + first + o;
      };
      for (std::size_t o = 0; o < outputs; ++o) {
        line[o] = op.matrix.accumulate ? sums.at(!whole, slot(o)) : 0;
      }
      add_products(op, i, first / outputs, line);
      for (std::size_t o = 0; o < outputs; ++o) {
        sums.set(!whole, slot(o), whole ? rounded(DType::kInt32, line[o]) : line[o]);
      }
    }
  }
}

}  // namespace takt
