// SPDX-License-Identifier: Apache-2.0
#include "sim/mapper/estimate.h"

#include <algorithm>

#include "sim/base/math.h"
#include "sim/mapper/dram_rows.h"
#include "sim/mapper/mapping_fault.h"
#include "sim/mapper/row_mapping.h"
#include "sim/mapper/traffic.h"

namespace takt {
namespace {

std::uint64_t u(std::int64_t value) { return static_cast<std::uint64_t>(value); }

/// Array cycles if nothing is ever waited for.
std::uint64_t matrix_cycles(const Region& region, const Machine& machine, const TileSpace& s,
                            const RegionMapping& m) {
  if (s.dataflow == Dataflow::kRowStationary) return row_cycles(region, machine.matrix, s, m.sets);
  const MacRate rate = machine.matrix.rate_of(region.dtype);
  const std::uint64_t cycles_a_row =
      rate.numerator >= rate.denominator ? 1 : ceil_div(rate.denominator, rate.numerator);
  const std::uint64_t load = machine.matrix.rows;
  const auto passes = [](const Tiles& tiles, std::int64_t extent) {
    const std::int64_t full = tiles.total / tiles.extent, rest = tiles.total % tiles.extent;
    return u(full * div_up(tiles.extent, extent) + (rest > 0 ? div_up(rest, extent) : 0));
  };
  const bool hides = machine.matrix.weight_buffers > 1;
  const auto pass_cycles = [&](std::uint64_t streamed) {
    return hides ? std::max(streamed * cycles_a_row, load) : streamed * cycles_a_row + load;
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
  for (const Tiles* dim : {&s.g, &s.n, &s.p, &s.q, &s.o, &s.c}) tiles *= u(dim->count());
  return tiles;
}

std::uint64_t rated_cycles(const Machine& machine, std::uint64_t bytes) {
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

/// A second operand that the network computes, or weights that lie as rows of output channels;
/// others lie tile by tile.
DramRows weight_rows(const MatrixWork& w, const Machine& machine, const TileSpace& s,
                     const RegionMapping& m, std::uint64_t bytes) {
  if (w.weight.packed && !machine.mapper.weight_rows) return {bytes, 0, 0};
  const bool by_pass = m.fetch == WeightFetch::kPass;
  const std::int64_t o = by_pass ? std::min(s.o.extent, s.pass.n) : s.o.extent;
  const std::int64_t c = by_pass ? std::min(s.c.extent, s.pass.k) : s.c.extent;
  if (w.weight.packed) return dram_rows(bytes, o, w.o, s.element_bytes);
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

MappingEstimate estimate_vector(const Region& region, const RegionGraph& graph,
                                const Machine& machine, const RegionMapping& m,
                                const RegionRoom& room, std::uint64_t tile_bytes) {
  MappingEstimate e;
  const VectorSpace s(region, m, 0);
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
  const std::uint64_t tiles = u(s.images.count() * s.rows.count() * s.channels.count());
  const std::uint64_t memory = std::max(rated_cycles(machine, e.dram_bytes),
                                        shared_cycles(machine, e.shared_bytes, m.parts));
  e.cycles = std::max(ceil_div(ops, machine.vector.lanes), memory) +
             rated_cycles(machine, tile_bytes) + tiles;
  return e;
}

MappingEstimate estimate_matrix(const Region& region, const RegionGraph& graph,
                                const Machine& machine, const RegionMapping& m,
                                const RegionRoom& room, const Footprint& f) {
  MappingEstimate e;
  const TileSpace s(region, machine, m, 0);
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
  const std::uint64_t load =
      dram_cycles(machine, input_rows(region.matrix, s, t.input), m.parts) +
      dram_cycles(machine, weight_rows(region.matrix, machine, s, m, t.weight), m.parts) +
      dram_cycles(machine, output_rows(region, s, t.operands), m.parts);
  const std::uint64_t store = dram_cycles(machine, output_rows(region, s, t.output), m.parts);
  e.dram_cycles = load + store;
  // With one slot a unit waits while the slot is refilled: nothing is hidden.
  const bool hidden = m.input_slots > 1 && m.weight_slots > 1;
  const std::uint64_t memory = std::max({load + store, rated_cycles(machine, t.total()),
                                         shared_cycles(machine, e.shared_bytes, m.parts)});
  if (s.on_lanes) {
    e.cycles = hidden ? std::max(vector, memory) : vector + load;
    e.cycles += rated_cycles(machine, f.input + f.weight + f.output) + tiles_of_lanes(s);
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
  e.cycles += rated_cycles(machine, f.input + f.weight + f.output) + machine.matrix.rows +
              machine.matrix.cols;
  return e;
}

}  // namespace

MappingEstimate estimate(const Region& region, const RegionGraph& graph, const Machine& machine,
                         const RegionMapping& m, const RegionRoom& room) {
  const Footprint f = footprint(region, graph, machine, m, room);
  std::string fault = mapping_fault(region, machine, m, room, f);
  MappingEstimate e;
  if (fault.empty()) {
    e = region.kind == Region::Kind::kVector
            ? estimate_vector(region, graph, machine, m, room, f.unified_total / 2)
            : estimate_matrix(region, graph, machine, m, room, f);
  }
  e.fits = fault.empty();
  e.why_not = std::move(fault);
  return e;
}

}  // namespace takt
