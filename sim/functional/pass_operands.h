// SPDX-License-Identifier: Apache-2.0
#pragma once
// The operands of one pass of an array as they lie in the slots of its core, any piece of either.

#include "sim/functional/chip_memory.h"
#include "sim/program/program.h"

namespace takt {

/// The part of a kernel's rows or columns that a place names: Place5::r and s.
inline Range kernel_part(const Range& named, std::int64_t whole) {
  return named.count > 0 ? named : Range{0, whole};
}

/// Ranges of pieces count from 0 within the pass (pixel 0 is place.flat.begin). Several groups
/// stand side by side: term g * k.count + k, output g * o.count + o, with zeros as weights of a
/// term for another group's outputs. Ops of the vector unit that make products are read alike. A
/// piece's rows are written `pitch` elements apart. T is what the reader computes in: double, or
/// what an array's registers hold (int8_t, int16_t, float).
class PassOperands {
 public:
  /// Both must outlive it.
  PassOperands(const Program& program, const TileOp& op);

  /// The op says which bytes it reads of them; false: it uses what the op before left.
  bool brings_inputs() const { return inputs_ != nullptr; }
  bool brings_weights() const { return weights_ != nullptr; }
  std::int64_t pixels() const { return op_.place.flat.count; }
  std::int64_t terms() const { return op_.place.g.count * op_.place.k.count; }
  std::int64_t outputs() const { return op_.place.g.count * op_.place.o.count; }

  /// Inputs [pixels, terms]; padding is zero. False if some lie outside the bytes the op reads.
  template <class T>
  bool read_inputs(ChipMemory& chip, const Range& pixels, const Range& terms, T* to,
                   std::int64_t pitch) const;
  /// Weights [terms, outputs], likewise.
  template <class T>
  bool read_weights(ChipMemory& chip, const Range& terms, const Range& outputs, T* to,
                    std::int64_t pitch) const;

 private:
  template <class T>
  bool read(ChipMemory& chip, const SramAccess& access, std::uint64_t address, DType type,
            std::int64_t count, T* to) const;

  const Program& program_;
  const TileOp& op_;
  const MatrixWork& work_;
  const SramAccess* inputs_ = nullptr;
  const SramAccess* weights_ = nullptr;
  Range r_, s_;              ///< the part of the kernel that the buffer tile takes
  Range rows_, cols_;        ///< in-bounds inputs of the buffer tile
  std::int64_t groups_ = 1;  ///< inner groups an outer one
};

}  // namespace takt
