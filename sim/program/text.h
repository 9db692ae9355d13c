// SPDX-License-Identifier: Apache-2.0
#pragma once
// The text form of a program (`--dump program`): a header with units, channels, tensors, then one
// op a line. It reads back exactly.
//
//   t12 matrix core0.matrix mnk=16x8x12 sums=0+16 at=p:0+16,o:0+8,k:0+12
//       reads=input:unified@32768+192 reads=weight:unified@0+96~8 needs=c0 gives=c1@loaded
//
// moves=ROLE:TENSOR SPACE=ADDRESS/ROW*COUNT+STRIDE… end=BUFFER@ADDRESS   what a load or store moves
// mnk= keep add part dtype=          a matrix pass; the stationary operand stays, sums are added
// to,
//                                    and are not complete after it
// reads= writes=ROLE:BUFFER@ADDRESS+SPAN/BYTES~PITCH                      an access; BYTES if not
// SPAN sums=ROW+ROWS                      accumulator rows at=RANGES Place5 needs=
// gives=cCHANNEL*COUNT@PHASE  tokens; COUNT if not 1, PHASE if not done

#include <ostream>
#include <string>

#include "sim/base/result.h"
#include "sim/program/program.h"

namespace takt {

/// Writes op by op; nothing is kept.
void print(const Program& program, std::ostream& out);
/// One op, without a line end. `op.sequence` is printed as its name.
void print_op(const Program& program, const TileOp& op, std::ostream& out);
/// The loops of a nest with their counts, and what their actions are: for people only.
void print_nest(const Program& program, const Nest& nest, std::ostream& out);

/// The program of a text, for the machine and network it was made for (`graph` may be null, then
/// tensors are not checked). Both must outlive it. `file` is for messages.
Result<Program> read_program(const std::string& text, const std::string& file,
                             const Machine* machine, const RegionGraph* graph);

}  // namespace takt
