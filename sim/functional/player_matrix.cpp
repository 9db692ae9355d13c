// SPDX-License-Identifier: Apache-2.0
// A pass of the array, from the bytes of slots to sums in accumulators.
#include <algorithm>
#include <cmath>

#include "sim/functional/pass_operands.h"
#include "sim/functional/player.h"

namespace takt {

/// Operands of int8 and int16: their products and sums are whole numbers that wrap in 32 bits.
bool FunctionalPlayer::in_whole_steps(const TileOp& op) const {
  const auto narrow = [&](TensorId tensor) {
    const DType type = program_.graph->tensors[tensor.index].dtype;
    return type == DType::kInt8 || type == DType::kInt16;
  };
  const MatrixWork& work = region(op).matrix;
  return narrow(work.input.tensor) && narrow(work.weight.tensor);
}

template <class T>
bool FunctionalPlayer::read_operands(const TileOp& op, std::vector<T>& inputs,
                                     std::vector<T>& weights) {
  const Place5& at = op.place;
  const PassOperands operands(program_, op);
  ChipMemory& chip = chips_[program_.units[op.unit.index].core];
  const Range pixels{0, at.flat.count}, terms{0, at.g.count * at.k.count};
  if (operands.brings_inputs()) {
    inputs.resize(static_cast<std::size_t>(pixels.count * terms.count));
    if (!operands.read_inputs(chip, pixels, terms, inputs.data(), terms.count)) {
      find(op, "needs inputs outside the bytes it reads");
    }
  }
  if (operands.brings_weights()) {
    weights.resize(static_cast<std::size_t>(terms.count * at.o.count));
    for (std::int64_t g = 0; g < at.g.count; ++g) {  // the blocks on the diagonal
      T* const to = weights.data() + g * at.k.count * at.o.count;
      if (!operands.read_weights(chip, {g * at.k.count, at.k.count}, {g * at.o.count, at.o.count},
                                 to, at.o.count)) {
        find(op, "needs weights outside the bytes it reads");
      }
    }
  }
  return inputs.size() == static_cast<std::size_t>(pixels.count * terms.count) &&
         weights.size() == static_cast<std::size_t>(terms.count * at.o.count);
}

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
  // What is there in the other form is of an earlier layer.
  bool whole = false;
  if (in_whole_steps(op)) {
    held.inputs.clear();
    held.weights.clear();
    whole = read_operands(op, held.whole_inputs, held.whole_weights);
  } else {
    held.whole_inputs.clear();
    held.whole_weights.clear();
    whole = read_operands(op, held.inputs, held.weights);
  }
  if (!whole) find(op, "finds no operand of its shape in the array");
  return whole;
}

void FunctionalPlayer::matrix(const TileOp& op) {
  if (take_operands(op)) accumulate(op);
}

/// line[o] += the products of pixel i and group g; `line` has one sum an output of the group.
void FunctionalPlayer::add_products(const TileOp& op, std::size_t i, std::size_t g,
                                    std::int32_t* line) const {
  const Stationary& held = stationary_[op.unit.index];
  const auto groups = static_cast<std::size_t>(op.place.g.count);
  const auto outputs = static_cast<std::size_t>(op.place.o.count);
  const auto terms = static_cast<std::size_t>(op.place.k.count);
  for (std::size_t k = 0; k < terms; ++k) {
    const std::int16_t x = held.whole_inputs[(i * groups + g) * terms + k];
    if (x == 0) continue;
    const std::int16_t* const weights = held.whole_weights.data() + (g * terms + k) * outputs;
    for (std::size_t o = 0; o < outputs; ++o) {
      const auto product = static_cast<std::uint32_t>(std::int32_t{x} * std::int32_t{weights[o]});
      line[o] = static_cast<std::int32_t>(static_cast<std::uint32_t>(line[o]) + product);
    }
  }
}

void FunctionalPlayer::add_products(const TileOp& op, std::size_t i, std::size_t g,
                                    double* line) const {
  const Stationary& held = stationary_[op.unit.index];
  const bool whole = !info(region(op).dtype).is_float;
  const auto groups = static_cast<std::size_t>(op.place.g.count);
  const auto outputs = static_cast<std::size_t>(op.place.o.count);
  const auto terms = static_cast<std::size_t>(op.place.k.count);
  for (std::size_t k = 0; k < terms; ++k) {
    const double x = held.inputs[(i * groups + g) * terms + k];
    if (x == 0) continue;
    const double* const weights = held.weights.data() + (g * terms + k) * outputs;
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

/// The sums of pixel i and group g, as 32 bits hold them, on top of those that wait in the lanes.
void FunctionalPlayer::sum_products(const TileOp& op, std::size_t i, std::size_t g,
                                    std::vector<double>& line) {
  const auto outputs = static_cast<std::size_t>(op.place.o.count);
  const std::vector<double>& held = lane_sums_[op.unit.index];
  const std::size_t first = (i * static_cast<std::size_t>(op.place.g.count) + g) * outputs;
  line.assign(outputs, 0);
  if (!held.empty() && first + outputs <= held.size()) {
    std::copy_n(held.begin() + static_cast<std::ptrdiff_t>(first), outputs, line.begin());
  }
  if (in_whole_steps(op)) {
    whole_line_.resize(outputs);
    for (std::size_t o = 0; o < outputs; ++o) whole_line_[o] = static_cast<std::int32_t>(line[o]);
    add_products(op, i, g, whole_line_.data());
    line.assign(whole_line_.begin(), whole_line_.end());
    return;
  }
  add_products(op, i, g, line.data());
  if (info(region(op).dtype).is_float) return;
  for (double& sum : line) sum = rounded(DType::kInt32, sum);
}

void FunctionalPlayer::accumulate(const TileOp& op) {
  const Place5& at = op.place;
  const Machine& machine = *program_.machine;
  const std::uint32_t core = program_.units[op.unit.index].core;
  const bool turned = machine.matrix.dataflow == Dataflow::kInputStationary;
  const bool wide = machine.matrix.dataflow == Dataflow::kRowStationary;
  const bool whole = !info(region(op).dtype).is_float, steps = in_whole_steps(op);
  Accumulators& sums = sums_[core];
  const auto cols = static_cast<std::size_t>(machine.matrix.cols);
  const auto pixels = static_cast<std::size_t>(at.flat.count);
  const auto outputs = static_cast<std::size_t>(at.o.count);
  const std::size_t all = static_cast<std::size_t>(at.g.count) * outputs;
  const std::size_t rows = turned ? all : pixels, width = turned ? pixels : all;
  // More outputs than columns lie in blocks of `cols` columns, one behind the other.
  const std::size_t blocks = wide ? (width + cols - 1) / cols : 1;
  if ((width > cols && !wide) || (op.accumulator + rows * blocks) * cols > sums.size()) {
    return find(op, "has more results than accumulators");
  }
  std::vector<double> line(outputs);
  whole_line_.resize(outputs);
  std::int32_t* const wholes = sums.data<std::int32_t>();
  for (std::size_t i = 0; i < pixels; ++i) {
    for (std::size_t first = 0; first < all; first += outputs) {
      const auto slot = [&](std::size_t o) {
        if (turned) return (op.accumulator + first + o) * cols + i;
        const std::size_t block = wide ? (first + o) / cols : 0;
        return (op.accumulator + block * pixels + i) * cols + first + o - block * cols;
      };
      const std::size_t group = first / outputs;
      if (steps) {
        for (std::size_t o = 0; o < outputs; ++o) {
          whole_line_[o] = op.matrix.accumulate ? wholes[slot(o)] : 0;
        }
        add_products(op, i, group, whole_line_.data());
        for (std::size_t o = 0; o < outputs; ++o) wholes[slot(o)] = whole_line_[o];
        continue;
      }
      for (std::size_t o = 0; o < outputs; ++o) {
        line[o] = op.matrix.accumulate ? sums.at(!whole, slot(o)) : 0;
      }
      add_products(op, i, group, line.data());
      for (std::size_t o = 0; o < outputs; ++o) {
        sums.set(!whole, slot(o), whole ? rounded(DType::kInt32, line[o]) : line[o]);
      }
    }
  }
}

}  // namespace takt
