// SPDX-License-Identifier: Apache-2.0
#pragma once
// What lowering needs to know of a region besides its mapping: where its operands lie before,
// during and after, and the tokens that tie it to its neighbours. Made by compile, read by the
// nests.

#include <array>
#include <memory>
#include <vector>

#include "sim/mapper/mapping.h"
#include "sim/mapper/vector_space.h"
#include "sim/program/program.h"

namespace takt {

/// Where an operand's tiles lie while the region runs.
struct OperandPlace {
  bool resident = false;  ///< the whole tensor is on chip: nothing is transferred
  BufferId buffer;
  std::uint64_t address = 0;  ///< of slot 0, or of the resident tensor
  std::uint64_t slot_bytes = 0;
  std::uint32_t slots = 1;
};

/// Who in a region takes or gives a token of another region.
enum class Role : std::uint8_t {
  kHostIn,
  kLoadWhole,
  kLoadWeight,
  kLoadInput,
  kLoadOperand,
  kMatrix,
  kVector,
  kStore,
  kHostOut,
};
inline constexpr std::size_t kRoles = 9;

/// Tokens of other regions: needed by the role's first op, given by its last. Matrix roles have one
/// list an array.
struct RegionTokens {
  std::vector<Token> needs, gives;
};

/// Tokens that a role's last op has no room for: it gives `via` instead, and syncs behind it on its
/// unit take that and give them.
struct LateTokens {
  Role role = Role::kStore;
  UnitId unit;
  Token via;
  std::vector<Token> gives;
};

/// A tensor that crosses the host link before (or after) this region's work.
struct HostMove {
  TensorId tensor;
  bool to_buffer = false;   ///< else to or from DRAM
  std::uint32_t input = 0;  ///< index among the region's host moves
};

struct RegionPlan {
  const Region* region = nullptr;
  const RegionGraph* graph = nullptr;
  const Machine* machine = nullptr;
  std::shared_ptr<const std::vector<TensorPlacement>> tensors;  ///< as in the program
  RegionMapping mapping;
  std::uint32_t core = 0, part = 0;

  OperandPlace input, weight, output;
  std::vector<OperandPlace> operands;  ///< by Region::operands; kVector regions: all their inputs

  UnitId dma_in, dma_out, vector, host_in, host_out;
  UnitId weight_in;  ///< loads weights; may be dma_in
  std::vector<UnitId> arrays;

  /// Slot credits: `ready` from the filler to the user, `free` back. By array where arrays use
  /// them.
  std::vector<ChannelId> input_ready, input_free, weight_ready, weight_free;
  std::vector<ChannelId> accumulator_ready, accumulator_free;
  std::vector<ChannelId> operand_ready, operand_free;
  ChannelId whole_ready;  ///< operands kept whole, one credit each
  ChannelId output_ready, output_free;

  std::array<RegionTokens, kRoles> tokens;  ///< kMatrix: see array_tokens
  std::vector<RegionTokens> array_tokens;
  std::vector<LateTokens> late;
  std::vector<HostMove> host_in_moves, host_out_moves;
  std::vector<std::uint64_t> weight_ring_start;  ///< by array: loads before this region (FIFO)

  bool copies_by_dma() const {
    return !operands.empty() && takt::copies_by_dma(*region, operands[0].resident, output.resident);
  }
};

}  // namespace takt
