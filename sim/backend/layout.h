// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where tensors lie and who works with them: addresses in DRAM, lifetimes over the regions.

#include "sim/machine/machine.h"
#include "sim/mapper/estimate.h"
#include "sim/program/program.h"

namespace takt {

/// Who makes and who reads a stored tensor, as rising indices into RegionGraph::regions.
struct TensorUse {
  std::vector<std::size_t> makers, readers;
  bool copied = false;  ///< made or read by a region that only moves data
  /// Does a region read some of it and make some more (a concatenation's parts lie in one tensor)?
  bool grows() const;
  std::size_t first() const;  ///< of the regions that make or read it
  std::size_t last() const;
  bool used() const { return !makers.empty() || !readers.empty(); }
};
std::vector<TensorUse> tensor_uses(const RegionGraph& graph);

/// Tensors of a region in the order in which it names them; some stand there twice.
std::vector<std::size_t> tensors_of(const Region& region);

/// Tensors in the order in which the regions first touch them: the same network gets the same
/// addresses, whatever order its file lists tensors in.
std::vector<std::size_t> order_of_use(const RegionGraph& graph);

/// Are weights fetched through one ring of tiles for the whole program? Several arrays share or
/// split a tile layer by layer, so their slots are placed layer by layer.
bool has_weight_fifo(const Machine& machine);

/// What a tensor takes of the cores' shared buffer.
std::uint64_t shared_bytes(const StoredTensor& tensor);

/// The room of a region as far as the machine alone decides it.
RegionRoom room_on(const Machine& machine);

/// Every tensor one after the other, aligned to what the memory interleaves by.
std::vector<TensorPlacement> place_in_dram(const RegionGraph& graph, const Machine& machine);

}  // namespace takt
