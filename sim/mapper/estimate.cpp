// SPDX-License-Identifier: Apache-2.0
#include "sim/mapper/estimate.h"

#include <algorithm>
#include <array>

#include "sim/base/math.h"
#include "sim/engine/run_length.h"
#include "sim/mapper/dram_rows.h"
#include "sim/mapper/row_mapping.h"
#include "sim/mapper/vector_space.h"
#include "sim/program/nest.h"

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

/// Near deep padding every tile has another halo.
constexpr const char* kTooManyKinds = "tiles much smaller than the padding";

/// Small sizes to the byte: "needs 1 KiB, has 1 KiB" would help nobody.
std::string size_words(std::uint64_t bytes, bool up) {
  constexpr std::uint64_t kKiB = 1024, kExactBelow = 16 * kKiB;
  if (bytes < kExactBelow) return std::to_string(bytes) + " B";
  return std::to_string(up ? ceil_div(bytes, kKiB) : bytes / kKiB) + " KiB";
}

std::string too_big(const char* what, std::uint64_t need, const std::string& buffer,
                    std::uint64_t have) {
  return std::string(what) + " need " + size_words(need, true) + ", '" + buffer + "' has " +
         size_words(have, false) + " left";
}

bool copies_by_dma(const Region& region, const RegionRoom& room) {
  return copies_only(region) &&
         takt::copies_by_dma(region, room.operand_resident[0], room.output_resident);
}

/// Bytes of the DRAM, and in all of the shared buffer.
struct Traffic {
  std::uint64_t input = 0, weight = 0, operands = 0, output = 0;
  std::uint64_t shared = 0;
  std::uint64_t total() const { return input + weight + operands + output; }
  Traffic& operator+=(const Traffic& other) {
    input += other.input;
    weight += other.weight;
    operands += other.operands;
    output += other.output;
    shared += other.shared;
    return *this;
  }
  /// What of it is the shared buffer's.
  void share(std::uint64_t& part, bool is_shared) {
    if (!is_shared) return;
    shared += part;
    part = 0;
  }
};

bool operand_shared(const RegionRoom& room, std::size_t i) {
  return i < room.operand_shared.size() && room.operand_shared[i];
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

/// Array cycles if nothing is ever waited for.
std::uint64_t matrix_cycles(const Region& region, const Machine& machine, const TileSpace& s,
                            const RegionMapping& m) {
  if (s.dataflow == Dataflow::kRowStationary) return row_cycles(region, machine.matrix, s, m.sets);
  const MacRate rate = machine.matrix.rate_of(region.dtype);
  const std::uint64_t row_cycles =
      rate.numerator >= rate.denominator ? 1 : ceil_div(rate.denominator, rate.numerator);
  const std::uint64_t load = machine.matrix.rows;
  const auto passes = [](const Tiles& tiles, std::int64_t extent) {
    const std::int64_t full = tiles.total / tiles.extent, rest = tiles.total % tiles.extent;
    return u(full * div_up(tiles.extent, extent) + (rest > 0 ? div_up(rest, extent) : 0));
  };
  const bool hides = machine.matrix.weight_buffers > 1;
  const auto pass_cycles = [&](std::uint64_t streamed) {
    return hides ? std::max(streamed * row_cycles, load) : streamed * row_cycles + load;
  };
  const std::uint64_t tiles = u(s.n.count()) * u(s.p.count()) * u(s.q.count());
  const std::int64_t all_pixels = s.n.total * s.p.total * s.q.total;
  const Tiles pixels{all_pixels, std::max<std::int64_t>(1, std::min(s.tile_pixels(), all_pixels)),
                     0};
  const std::int64_t taps = s.r.total * s.s.total;
  const std::uint64_t k_elements = u(s.c.total * taps);
  const Tiles reduction{s.c.total * taps, s.c.extent * s.taps(), 0};
  const std::int64_t ragged_c = s.c.total % s.c.extent;
  const std::uint64_t k1_by_tap = u(s.c.total / s.c.extent * s.reduction_passes(s.c.extent, taps) +
                                    (ragged_c > 0 ? s.reduction_passes(ragged_c, taps) : 0));
  const std::uint64_t k1 = s.taps_apart ? k1_by_tap : passes(reduction, s.pass.k);
  const std::uint64_t n1 = passes(s.o, s.pass.n);
  const std::uint64_t m1 = std::max(passes(pixels, s.pass.m), tiles);
  const std::uint64_t g1 = passes(s.g, s.pass.g), together = u(s.pass.g);
  std::uint64_t cycles = 0;
  switch (s.dataflow) {
    case Dataflow::kWeightStationary:
      cycles = g1 * n1 * k1 * m1 * pass_cycles(ceil_div(u(all_pixels), m1));
      break;
    case Dataflow::kInputStationary:
      cycles = g1 * n1 * k1 * m1 * pass_cycles(ceil_div(u(s.o.total), n1) * together);
      break;
    case Dataflow::kOutputStationary:
      cycles = g1 * n1 * m1 * k1 * pass_cycles(ceil_div(k_elements, k1) * together);
      break;
    case Dataflow::kRowStationary: break;  // above
  }
  return ceil_div(cycles, s.arrays);
}

/// Every op on the lanes ends with a part of a cycle.
std::uint64_t tiles_of_lanes(const TileSpace& s) {
  std::uint64_t tiles = 1;
  for (const Tiles* dim : {&s.g, &s.n, &s.p, &s.q, &s.o}) tiles *= u(dim->count());
  return tiles;
}

std::uint64_t dram_cycles(const Machine& machine, std::uint64_t bytes) {
  return mul_div_ceil(bytes, machine.clock.hz(), machine.memory.bandwidth_bytes_per_s);
}

/// Each core over its own link, all of them through the banks.
std::uint64_t shared_cycles(const Machine& machine, std::uint64_t bytes, std::uint32_t parts) {
  if (bytes == 0) return 0;
  return std::max(ceil_div(bytes, parts * machine.shared.link.value()),
                  ceil_div(bytes, bytes_per_cycle(machine.shared.memory, false)));
}

/// A tile's rows of `run` elements with a row of them every `pitch`, as DRAM sees them.
DramRows dram_rows(std::uint64_t bytes, std::int64_t run, std::int64_t pitch, std::uint64_t size) {
  if (run <= 0 || pitch == run) return {bytes, 0, 0};
  return {bytes, u(run) * size, u(pitch < 0 ? -pitch : pitch) * size};
}

/// Inputs: channels of a pixel, and its whole row where the channels are dense.
DramRows input_rows(const MatrixWork& w, const TileSpace& s, std::uint64_t bytes) {
  std::int64_t run = s.c.extent * (w.input_groups_inside() ? s.g.extent : 1);
  const bool dense = w.input.stride_w == run;
  if (dense) run *= s.cols.input;
  return dram_rows(bytes, run, dense || s.cols.input == 1 ? w.input.stride_h : w.input.stride_w,
                   s.element_bytes);
}

/// A second operand that the network computes; parameters lie tile by tile.
DramRows weight_rows(const MatrixWork& w, const TileSpace& s, const RegionMapping& m,
                     std::uint64_t bytes) {
  if (w.weight.packed) return {bytes, 0, 0};
  const bool by_pass = m.fetch == WeightFetch::kPass;
  const std::int64_t o = by_pass ? std::min(s.o.extent, s.pass.n) : s.o.extent;
  const std::int64_t c = by_pass ? std::min(s.c.extent, s.pass.k) : s.c.extent;
  if (w.weight.stride_o == 1) return dram_rows(bytes, o, w.weight.stride_c, s.element_bytes);
  return dram_rows(bytes, w.weight.stride_c == 1 ? c : 1, w.weight.stride_o, s.element_bytes);
}

/// Outputs, and operands of their shape.
DramRows output_rows(const Region& region, const TileSpace& s, std::uint64_t bytes) {
  const ActivationView& out = region.output;
  std::int64_t run = s.o.extent * (region.matrix.output_groups_inside(out) ? s.g.extent : 1);
  const bool dense = out.stride_w == run;
  if (dense) run *= s.q.extent;
  return dram_rows(bytes, run, dense || s.q.total == 1 ? out.stride_h : out.stride_w,
                   s.element_bytes);
}

}  // namespace

Footprint footprint(const Region& region, const RegionGraph& graph, const Machine& machine,
                    const RegionMapping& m, const RegionRoom& room) {
  Footprint f;
  const bool vector = region.kind == Region::Kind::kVector;
  const VectorSpace rows(region, m, 0);
  const TileSpace space(region, machine, m, 0);
  const StoredTensor& out = tensor_of(graph, region.output.tensor);
  const std::uint64_t out_elements =
      vector ? rows.output_tile_elements(region) : space.output_tile_elements();
  const bool shares_slot = copies_by_dma(region, room);
  if (!room.output_resident && !shares_slot)
    f.output = round_up(out_elements * bytes_of(out.dtype), 64);
  f.unified_total = f.output * m.output_slots;
  for (std::size_t i = 0; i < region.operands.size(); ++i) {
    const VectorOperand& operand = region.operands[i];
    const StoredTensor& tensor = tensor_of(graph, operand.tensor);
    const bool whole = operand.access == VectorOperand::Access::kWhole;
    std::uint64_t bytes = 0;
    if (!room.operand_resident[i]) {
      bytes = whole    ? tensor.bytes()
              : vector ? rows.operand_tile_bytes(operand, tensor)
                       : space.output_tile_elements() * bytes_of(tensor.dtype);
    }
    f.operands.push_back(round_up(bytes, 64));
    if (whole) f.whole += f.operands.back();
    f.unified_total += f.operands.back() * (whole ? 1 : m.operand_slots);
  }
  if (vector) return f;
  if (!room.input_resident) f.input = round_up(space.input_tile_bytes(), 64);
  if (!room.weight_resident) f.weight = round_up(space.weight_tile_bytes(m.fetch), 64);
  f.unified_total += f.input * m.input_slots;
  // An array each with tiles of its own holds its own slots.
  const std::uint64_t copies = m.fetch == WeightFetch::kPass ? space.arrays : 1;
  // The vector unit reads the unified buffer alone.
  const bool apart = room.weight_bytes > 0 && !space.on_lanes;
  (apart ? f.weight_total : f.unified_total) += f.weight * m.weight_slots * copies;
  return f;
}

namespace {

/// Bytes that one core's part of vector work moves.
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
    const std::uint64_t bytes = u(s.images.total) *
                                walk(s.rows, VectorSpace::axis(operand)).fetched *
                                u(operand.row_elements) * bytes_of(tensor.dtype);
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

MappingEstimate estimate_vector(const Region& region, const RegionGraph& graph,
                                const Machine& machine, const RegionMapping& m,
                                const RegionRoom& room, std::uint64_t tile_bytes) {
  MappingEstimate e;
  const VectorSpace s(region, m, 0);
  for (const VectorOperand& operand : region.operands) {
    if (walk(s.rows, VectorSpace::axis(operand)).runs <= NestRuns::capacity()) continue;
    e.why_not = kTooManyKinds;
    return e;
  }
  e.fits = true;
  for (std::uint32_t part = 0; part < m.parts; ++part) {
    const VectorSpace share(region, m, part);
    if (share.empty()) continue;
    const Traffic t = vector_traffic(region, graph, machine, share, room);
    e.dram_bytes += t.total();
    e.shared_bytes += t.shared;
  }
  const std::uint64_t rows = u(s.images.total) * u(s.rows.total);
  const std::uint64_t ops =
      copies_by_dma(region, room)
          ? 0
          : rows * u(std::max(region.vector.lane_ops_per_row, region.vector.row_elements));
  const std::uint64_t tiles = u(s.images.count()) * u(s.rows.count());
  const std::uint64_t memory =
      std::max(dram_cycles(machine, e.dram_bytes), shared_cycles(machine, e.shared_bytes, m.parts));
  e.cycles = std::max(ceil_div(ops, machine.vector.lanes), memory) +
             dram_cycles(machine, tile_bytes) + tiles;
  return e;
}

}  // namespace

namespace {

/// What no program may have: more tiles than can be planned, more operands than an op can name.
std::string beyond_limits(const Region& region, const Machine& machine, const RegionMapping& m) {
  constexpr double kTilesMax = 1 << 22;
  // On the lanes the product's own two operands are read by the same op.
  const std::size_t operands = region.operands.size() + (products_on_lanes(region, m) ? 2 : 0);
  if (operands > kRegionOperandsMax) {
    return "it reads " + std::to_string(operands) + " operands at once, at most " +
           std::to_string(kRegionOperandsMax) + " can be";
  }
  double tiles = 1;
  if (region.kind == Region::Kind::kVector) {
    const VectorSpace v(region, m, 0);
    tiles = static_cast<double>(v.images.count()) * static_cast<double>(v.rows.count());
  } else {
    const TileSpace t(region, machine, m, 0);
    for (const Tiles* dim : {&t.g, &t.n, &t.p, &t.q, &t.o, &t.c, &t.r, &t.s}) {
      tiles *= static_cast<double>(dim->count());
    }
  }
  if (tiles <= kTilesMax) return "";
  return "its tiles would be " + std::to_string(static_cast<std::uint64_t>(tiles)) +
         ", more than a program may have";
}

}  // namespace

MappingEstimate estimate(const Region& region, const RegionGraph& graph, const Machine& machine,
                         const RegionMapping& m, const RegionRoom& room) {
  MappingEstimate e;
  e.why_not = beyond_limits(region, machine, m);
  if (!e.why_not.empty()) return e;
  const Footprint f = footprint(region, graph, machine, m, room);
  if (f.unified_total > room.unified_bytes) {
    e.why_not = too_big("tiles", f.unified_total, machine.buffers[machine.unified.index].name,
                        room.unified_bytes);
    return e;
  }
  if (region.kind == Region::Kind::kVector) {
    return estimate_vector(region, graph, machine, m, room, f.unified_total / 2);
  }
  const TileSpace s(region, machine, m, 0);
  if (s.dataflow == Dataflow::kRowStationary && !s.on_lanes) {
    e.why_not = row_fault(region, machine.matrix, m);
    if (!e.why_not.empty()) return e;
  }
  if (room.weight_bytes > 0 && f.weight_total > room.weight_bytes) {
    e.why_not = too_big("weight tiles", f.weight_total, machine.buffers[machine.weights.index].name,
                        room.weight_bytes);
    return e;
  }
  if (room.weight_slot_bytes > 0 && !s.on_lanes && f.weight > room.weight_slot_bytes) {
    e.why_not = "a weight tile of " + std::to_string(f.weight) +
                " B does not fit a FIFO entry of " + std::to_string(room.weight_slot_bytes) + " B";
    return e;
  }
  if (!s.on_lanes && s.accumulator_blocks() < s.blocks_held()) {
    e.why_not = "partial sums need " + std::to_string(s.blocks_held() * s.block_rows()) +
                " accumulator rows, the array has " + std::to_string(s.accumulator_rows);
    return e;
  }
  if (walk(s.p, s.rows, s.r).runs > NestRuns::capacity() ||
      walk(s.q, s.cols, s.s).runs > NestRuns::capacity() ||
      u(std::max(s.r.count(), s.s.count())) > NestRuns::capacity()) {
    e.why_not = kTooManyKinds;
    return e;
  }
  const MatrixWork& work = region.matrix;
  if (work.g_outer > 1 &&
      ((work.g / work.g_outer) % m.g != 0 || m.cut == RegionMapping::Cut::kGroups)) {
    e.why_not = "a tile's groups must divide the " + std::to_string(work.g / work.g_outer) +
                " that lie at one stride";
    return e;
  }
  e.fits = true;
  Traffic t;
  for (std::uint32_t part = 0; part < m.parts; ++part) {
    const TileSpace share(region, machine, m, part);
    if (!share.empty()) t += matrix_traffic(region, graph, machine, share, m, room);
  }
  e.dram_bytes = t.total();
  e.shared_bytes = t.shared;
  std::uint64_t lane_ops = 0;
  for (const VectorStep& step : region.epilogue) lane_ops += step.lane_ops;
  const std::uint64_t elements =
      u(s.g.total) * u(s.n.total) * u(s.p.total) * u(s.q.total) * u(s.o.total);
  const std::uint64_t array = s.on_lanes ? 0 : matrix_cycles(region, machine, s, m);
  lane_ops = s.on_lanes ? lane_ops + u(s.c.total * s.r.total * s.s.total)
                        : std::max<std::uint64_t>(1, lane_ops);
  const std::uint64_t vector = ceil_div(elements * lane_ops, machine.vector.lanes);
  const std::uint64_t load = row_cycles(machine, input_rows(work, s, t.input)) +
                             row_cycles(machine, weight_rows(work, s, m, t.weight)) +
                             row_cycles(machine, output_rows(region, s, t.operands));
  const std::uint64_t store = row_cycles(machine, output_rows(region, s, t.output));
  e.dram_cycles = load + store;
  // With one slot a unit waits while the slot is refilled: nothing is hidden.
  const bool hidden = m.input_slots > 1 && m.weight_slots > 1;
  const std::uint64_t memory = std::max({load + store, dram_cycles(machine, t.total()),
                                         shared_cycles(machine, e.shared_bytes, m.parts)});
  if (s.on_lanes) {
    e.cycles = hidden ? std::max(vector, memory) : vector + load;
    e.cycles += dram_cycles(machine, f.input + f.weight + f.output) + tiles_of_lanes(s);
    return e;
  }
  e.cycles = hidden ? std::max({array, vector, memory}) : std::max(array + load, vector);
  if (s.dataflow == Dataflow::kRowStationary) {
    // One slot of inputs is refilled behind the pass that reads it last, and one of filters while
    // they work. Sums that leave their only slot hold up the next tile's.
    const std::uint64_t leaves = m.output_slots > 1 || room.output_resident ? 0 : store;
    e.cycles = std::max({array + leaves, load + leaves, vector, memory});
  }
  // Filling the first tiles and emptying the last is never hidden.
  e.cycles += dram_cycles(machine, f.input + f.weight + f.output) + machine.matrix.rows +
              machine.matrix.cols;
  return e;
}

}  // namespace takt
