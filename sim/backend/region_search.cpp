// SPDX-License-Identifier: Apache-2.0
#include "sim/backend/region_search.h"

#include <sstream>

#include "sim/backend/program_builder.h"
#include "sim/engine/analytic.h"

namespace takt {
namespace {

double default_score(const EngineResult& result, Objective objective) {
  double bytes = 0;
  for (const RegionResult& region : result.regions) {
    bytes += static_cast<double>(region.counts.dram_read_bytes + region.counts.dram_write_bytes);
  }
  const auto cycles = static_cast<double>(result.end.value());
  switch (objective) {
    case Objective::kDramBytes: return bytes;
    case Objective::kEnergy: return bytes;
    case Objective::kEdp: return (bytes + 1) * cycles;
    case Objective::kCycles: break;
  }
  return cycles;
}

}  // namespace

std::string signature(const Region& region, const RegionGraph& graph, const RegionRoom& room) {
  std::ostringstream s;
  const MatrixWork& w = region.matrix;
  s << static_cast<int>(region.kind) << ' ' << static_cast<int>(region.dtype);
  for (std::int64_t v : {w.g,
                         w.n,
                         w.p,
                         w.q,
                         w.o,
                         w.r,
                         w.s,
                         w.c,
                         w.in_h,
                         w.in_w,
                         w.stride_h,
                         w.stride_w,
                         w.dilation_h,
                         w.dilation_w,
                         w.pad_h,
                         w.pad_w,
                         w.input.stride_g,
                         w.input.stride_n,
                         w.input.stride_h,
                         w.input.stride_w,
                         w.input.stride_c,
                         w.weight.stride_g,
                         w.weight.stride_r,
                         w.weight.stride_s,
                         w.weight.stride_c,
                         w.weight.stride_o,
                         w.g_outer,
                         w.input.stride_g_outer,
                         w.weight.stride_g_outer,
                         static_cast<std::int64_t>(w.weight.packed)}) {
    s << ' ' << v;
  }
  const VectorWork& v = region.vector;
  s << '|' << v.images << ' ' << v.rows << ' ' << v.row_elements << ' ' << v.row_run << ' '
    << v.lane_ops_per_row << ' ' << v.reductions_per_row << ' ' << v.moves_only << ' ' << v.channels
    << ' ' << v.channel_step;
  for (const VectorStep& step : region.epilogue) s << ',' << step.lane_ops;
  // Compressed, a tensor with more zeros moves fewer bytes.
  const auto view = [&](const ActivationView& a) {
    s << '/' << a.stride_g << ' ' << a.stride_g_outer << ' ' << a.stride_n << ' ' << a.stride_h
      << ' ' << a.stride_w << ' ' << a.stride_c << ' '
      << static_cast<int>(graph.tensors[a.tensor.index].dtype) << ' '
      << graph.tensors[a.tensor.index].zero_ppm;
  };
  for (const VectorOperand& o : region.operands) {
    s << '|' << static_cast<int>(o.access) << ' ' << o.row_elements << ' ' << o.rows << ' '
      << o.window << ' ' << o.stride << ' ' << o.pad << ' ' << o.row_run << ' '
      << graph.tensors[o.tensor.index].bytes();
    ActivationView a = o.view;
    a.tensor = o.tensor;
    view(a);
  }
  if (region.kind == Region::Kind::kMatrix) view(w.input);
  view(region.output);
  s << '|' << room.input_resident << room.weight_resident << room.output_resident;
  for (bool b : room.operand_resident) s << b;
  s << '|' << room.input_shared << room.weight_shared << room.output_shared;
  for (bool b : room.operand_shared) s << b;
  s << ' ' << room.unified_bytes << ' ' << room.cores;
  return s.str();
}

EngineResult played(const CompileTask& task, const Program& program) {
  AnalyticEngine engine(task.backend.timing());
  RunLimits limits;
  limits.stop = task.options.stop;
  Result<EngineResult> result = engine.run(program, limits);
  check_stop(task.options.stop);
  return std::move(result).value();
}

double score_of(const CompileTask& task, const EngineResult& result) {
  const CompileOptions& options = task.options;
  return options.score ? options.score(result) : default_score(result, options.objective);
}

double RegionSearch::play_alone(std::size_t region, const RegionMapping& mapping) {
  alone_.mappings.resize(task_.graph.regions.size());
  alone_.mappings[region] = mapping;
  ProgramBuilder builder(task_.graph, task_.backend, alone_, task_.uses);
  if (!builder.build_alone(region, alone_program_)) return 1e300;
  return score_of(task_, played(task_, alone_program_));
}

const SearchResult& RegionSearch::search(std::size_t r, const RegionRoom& room,
                                         const std::vector<bool>& resident,
                                         const std::vector<bool>& shared) {
  const std::string key = signature(task_.graph.regions[r], task_.graph, room);
  const auto found = cache_.find(key);
  if (found != cache_.end()) return found->second;
  alone_.resident = resident;
  alone_.shared = shared;
  SearchOptions search_options;
  search_options.objective = task_.options.objective;
  search_options.play = task_.options.play;
  search_options.keep = task_.options.alternatives;
  search_options.stop = task_.options.stop;
  SearchResult result =
      takt::search(task_.graph.regions[r], task_.graph, task_.machine(), room, search_options,
                   [&](const RegionMapping& mapping) { return play_alone(r, mapping); });
  return cache_.emplace(key, std::move(result)).first->second;
}

}  // namespace takt
