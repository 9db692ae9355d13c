// SPDX-License-Identifier: Apache-2.0
#include "sim/mapper/traffic.h"

#include <algorithm>
#include <array>

#include "sim/base/math.h"
#include "sim/engine/run_length.h"

namespace takt {
namespace {

std::uint64_t u(std::int64_t value) { return static_cast<std::uint64_t>(value); }

const StoredTensor& tensor_of(const RegionGraph& graph, TensorId id) {
  return graph.tensors[id.index];
}

/// How often a tile is fetched again: the product of the counts of loops that do not change it but
/// lie outside a loop that does; of all that do not, if every tile is loaded anew.
std::uint64_t refetches(const TileSpace& s, bool reload, std::initializer_list<TileDim> changing) {
  std::uint64_t factor = 1, pending = 1;
  for (const TileDim dim : s.loops) {
    const std::int64_t count = s.tiles(dim).count();
    if (count <= 1) continue;
    if (std::find(changing.begin(), changing.end(), dim) == changing.end()) {
      pending *= u(count);
    } else {
      factor *= pending;
      pending = 1;
    }
  }
  return reload ? factor * pending : factor;
}

/// Array passes along the pixels, over all tiles; `dealt` to so many arrays in rounds. Each
/// dimension has whole tiles and at most one ragged one.
std::uint64_t pixel_passes(const TileSpace& s, std::int64_t dealt) {
  struct Piece {
    std::int64_t extent, count;
  };
  const auto pieces = [](const Tiles& tiles) {
    const std::int64_t rest = tiles.total % tiles.extent;
    return std::array<Piece, 2>{{{tiles.extent, tiles.total / tiles.extent}, {rest, rest > 0}}};
  };
  std::uint64_t passes = 0;
  for (const Piece& n : pieces(s.n)) {
    for (const Piece& p : pieces(s.p)) {
      for (const Piece& q : pieces(s.q)) {
        const std::int64_t tile = div_up(n.extent * p.extent * q.extent, s.pass.m);
        passes += u(n.count * p.count * q.count) * u(div_up(tile, dealt));
      }
    }
  }
  return passes;
}

/// The stationary operand of a pass is fetched for every pass that it is not the one before's.
std::uint64_t weight_traffic(const TileSpace& s, const RegionMapping& m) {
  const std::uint64_t once =
      u(s.g.total) * u(s.o.total) * u(s.c.total * s.r.total * s.s.total) * s.element_bytes;
  const bool by_pass = m.fetch == WeightFetch::kPass;
  const std::int64_t n1 = div_up(s.o.extent, s.pass.n);
  const std::int64_t k1 = s.reduction_passes(s.c.extent, s.taps());
  const bool own = s.arrays > 1 && s.split != ArraySplit::kPixels;  // each array has its own
  if (by_pass && (own || n1 > 1 || k1 > 1)) {
    // Several follow each other within a tile. Where all arrays need the same one it comes once for
    // all of them, unless they are at different places of a reduction.
    const bool shared = s.arrays > 1 && !own && k1 == 1;
    return once * pixel_passes(s, shared ? s.arrays : 1);
  }
  // Groups that follow each other within a tile change it once more, innermost.
  const bool by_group = by_pass && s.g.extent > s.pass.g;
  return once * refetches(s, m.reload || by_group,
                          {TileDim::kG, TileDim::kO, TileDim::kC, TileDim::kR, TileDim::kS});
}

/// What `bytes` of a tensor's elements are between DRAM and a buffer. Of tiles that are compressed
/// one by one a little less than they will be, in whole words each.
std::uint64_t on_wire(const Machine& machine, const StoredTensor& tensor, std::uint64_t bytes) {
  return compressed(machine.dma.compression, tensor.dtype, Bytes(bytes), tensor.zero_ppm).value();
}

bool operand_shared(const RegionRoom& room, std::size_t i) {
  return i < room.operand_shared.size() && room.operand_shared[i];
}

}  // namespace

Traffic matrix_traffic(const Region& region, const RegionGraph& graph, const Machine& machine,
                       const TileSpace& s, const RegionMapping& m, const RegionRoom& room) {
  Traffic t;
  if (!room.input_resident) {
    const std::uint64_t once = u(s.g.total) * u(s.n.total) * walk(s.p, s.rows, s.r).fetched *
                               walk(s.q, s.cols, s.s).fetched * u(s.c.total) * s.element_bytes;
    t.input = once * refetches(s, m.reload,
                               {TileDim::kG, TileDim::kN, TileDim::kP, TileDim::kQ, TileDim::kC,
                                TileDim::kR, TileDim::kS});
    if (!room.input_shared) {
      t.input = on_wire(machine, tensor_of(graph, region.matrix.input.tensor), t.input);
    }
  }
  if (!room.weight_resident) t.weight = weight_traffic(s, m);
  t.share(t.input, room.input_shared);
  t.share(t.weight, room.weight_shared);
  for (std::size_t i = 0; i < region.operands.size(); ++i) {
    if (room.operand_resident[i]) continue;
    const StoredTensor& tensor = tensor_of(graph, region.operands[i].tensor);
    const bool whole = region.operands[i].access == VectorOperand::Access::kWhole;
    const std::uint64_t bytes = whole ? tensor.bytes()
                                      : u(s.g.total) * u(s.n.total) * u(s.p.total) * u(s.q.total) *
                                            u(s.o.total) * bytes_of(tensor.dtype);
    if (operand_shared(room, i)) {
      t.shared += bytes;
    } else {
      t.operands += on_wire(machine, tensor, bytes);
    }
  }
  if (!room.output_resident) {
    const StoredTensor& tensor = tensor_of(graph, region.output.tensor);
    t.output = u(s.g.total) * u(s.n.total) * u(s.p.total) * u(s.q.total) * u(s.o.total) *
               bytes_of(tensor.dtype);
    if (!room.output_shared) t.output = on_wire(machine, tensor, t.output);
  }
  t.share(t.output, room.output_shared);
  return t;
}

Traffic vector_traffic(const Region& region, const RegionGraph& graph, const Machine& machine,
                       const VectorSpace& s, const RegionRoom& room) {
  Traffic t;
  for (std::size_t i = 0; i < region.operands.size(); ++i) {
    if (room.operand_resident[i]) continue;
    const VectorOperand& operand = region.operands[i];
    const StoredTensor& tensor = tensor_of(graph, operand.tensor);
    std::uint64_t& into = operand_shared(room, i) ? t.shared : t.operands;
    if (operand.access == VectorOperand::Access::kWhole) {
      into += operand_shared(room, i) ? tensor.bytes() : on_wire(machine, tensor, tensor.bytes());
      continue;
    }
    // What does not change with the channel comes again for each part of a row.
    const std::int64_t times = s.changes(operand.row_run) ? 1 : s.channels.count();
    const std::uint64_t bytes = u(s.images.total) *
                                walk(s.rows, VectorSpace::axis(operand)).fetched *
                                u(operand.row_elements * times) * bytes_of(tensor.dtype);
    into += operand_shared(room, i) ? bytes : on_wire(machine, tensor, bytes);
  }
  if (!room.output_resident) {
    const StoredTensor& tensor = tensor_of(graph, region.output.tensor);
    t.output = u(s.images.total) * u(s.rows.total) * u(region.vector.row_elements) *
               bytes_of(tensor.dtype);
    if (!room.output_shared) t.output = on_wire(machine, tensor, t.output);
  }
  t.share(t.output, room.output_shared);
  return t;
}

}  // namespace takt
