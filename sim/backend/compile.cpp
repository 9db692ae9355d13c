// SPDX-License-Identifier: Apache-2.0
#include "sim/backend/compile.h"

#include <algorithm>
#include <cstring>
#include <sstream>

#include "sim/backend/program_builder.h"
#include "sim/backend/shared_residents.h"
#include "sim/base/math.h"
#include "sim/engine/analytic.h"
#include "sim/mapper/mapping_check.h"

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

/// Everything of a region and its room that a search's answer depends on.
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
    << v.lane_ops_per_row << ' ' << v.reductions_per_row << ' ' << v.moves_only;
  for (const VectorStep& step : region.epilogue) s << ',' << step.lane_ops;
  const auto view = [&](const ActivationView& a) {
    s << '/' << a.stride_g << ' ' << a.stride_n << ' ' << a.stride_h << ' ' << a.stride_w << ' '
      << a.stride_c << ' ' << static_cast<int>(graph.tensors[a.tensor.index].dtype);
  };
  for (const VectorOperand& o : region.operands) {
    s << '|' << static_cast<int>(o.access) << ' ' << o.row_elements << ' ' << o.rows << ' '
      << o.window << ' ' << o.stride << ' ' << o.pad << ' '
      << graph.tensors[o.tensor.index].bytes();
    ActivationView a = o.view;
    a.tensor = o.tensor;
    view(a);
  }
  view(region.output);
  s << '|' << room.input_resident << room.weight_resident << room.output_resident;
  for (bool b : room.operand_resident) s << b;
  s << '|' << room.input_shared << room.weight_shared << room.output_shared;
  for (bool b : room.operand_shared) s << b;
  s << ' ' << room.unified_bytes << ' ' << room.cores;
  return s.str();
}

class Compiler {
 public:
  Compiler(const RegionGraph& graph, const Backend& backend, const CompileOptions& options)
      : graph_(graph),
        backend_(backend),
        machine_(backend.machine()),
        options_(options),
        uses_(tensor_uses(graph)) {}

  /// The best of a few choices of what stays on chip.
  Diagnostics run(CompiledNetwork& into);

 private:
  struct Attempt {
    Decisions decisions;
    std::vector<SearchResult> searches;
    double score = 0;
    Diagnostics errors;
  };

  /// What is decided before any layer is mapped.
  struct Plan {
    std::vector<bool> resident;  ///< by tensor
    bool shared = false;         ///< is the cores' shared buffer used?
    std::uint32_t cores = 1;     ///< that take part
  };

  std::vector<Plan> plans() const;
  std::vector<std::vector<bool>> residency_choices() const;
  std::vector<std::size_t> resident_candidates() const;
  std::vector<bool> greedy_residents(const std::vector<std::size_t>& from) const;
  Attempt attempt(const Plan& plan);
  bool better(const Attempt& a, const Attempt& than) const;
  RegionRoom room_of(std::size_t region, const std::vector<bool>& resident,
                     std::uint64_t resident_bytes) const;
  std::uint64_t live_bytes(std::size_t tensor) const;
  void count_live(const std::vector<bool>& resident);
  std::optional<std::size_t> drop_resident_at(std::size_t region, std::vector<bool>& resident);
  const SearchResult& search_region(std::size_t region, const RegionRoom& room);
  /// Why there is none, if so.
  std::optional<std::string> map_region(std::size_t region, const RegionRoom& room, Attempt& a);
  double play_alone(std::size_t region, const RegionMapping& mapping);
  void share_layouts(Attempt& a) const;
  bool use_for_all(const std::vector<std::size_t>& regions, const RegionMapping& mapping,
                   Attempt& a) const;
  EngineResult played(const Program& program) const;
  double expected_score(const EngineResult& result, const Attempt& a) const;
  double score(const EngineResult& result) const {
    return options_.score ? options_.score(result) : default_score(result, options_.objective);
  }
  Diagnostic no_mapping(std::size_t region, const std::string& why) const;

  const RegionGraph& graph_;
  const Backend& backend_;
  const Machine& machine_;
  const CompileOptions& options_;
  std::vector<TensorUse> uses_;
  std::map<std::string, SearchResult> cache_;
  std::uint32_t cores_ = 0;          ///< that take part in the attempt under way
  std::vector<std::uint64_t> live_;  ///< by region: bytes of residents, of the attempt under way
  Decisions alone_;                  ///< of the attempt under way, for regions played alone
  Program alone_program_;
};

Diagnostic Compiler::no_mapping(std::size_t region, const std::string& why) const {
  const auto given = options_.given.find(graph_.regions[region].name);
  if (given != options_.given.end()) {
    return mapping_error(given->first, given->second,
                         "the mapping does not fit machine '" + machine_.name + "': " + why);
  }
  Diagnostic d;
  d.kind = ErrorKind::kInfeasible;
  d.name = "E-no-mapping";
  d.path = "layer '" + graph_.regions[region].name + "'";
  d.message = "no mapping fits machine '" + machine_.name + "': " + why;
  d.hint = "a larger buffer, smaller layers, or `takt map` for what was tried";
  return d;
}

std::vector<std::size_t> Compiler::resident_candidates() const {
  std::vector<std::size_t> from;
  for (const std::size_t t : order_of_use(graph_)) {
    const StoredTensor& tensor = graph_.tensors[t];
    if (tensor.kind == TensorKind::kParameter || !uses_[t].used()) continue;
    // A copy goes from DRAM to DRAM, unless DRAM is for weights only.
    if (uses_[t].copied && !machine_.dma.weight_engine) continue;
    // An op says of a resident tensor that it touches all of it: it could not read one part while
    // another is made.
    if (uses_[t].grows()) continue;
    const bool crosses = tensor.kind == TensorKind::kInput || tensor.is_output;
    if (crosses && !machine_.host.enabled) continue;
    if (tensor.kind == TensorKind::kActivation && uses_[t].makers.empty()) continue;
    if (tensor.bytes() <= machine_.buffers[machine_.unified.index].size.value()) from.push_back(t);
  }
  return from;
}

std::vector<bool> Compiler::greedy_residents(const std::vector<std::size_t>& from) const {
  const std::uint64_t size = machine_.buffers[machine_.unified.index].size.value();
  // A quarter stays free for tiles of what is fetched.
  const std::uint64_t budget = size - size / 4;
  std::vector<bool> resident(graph_.tensors.size(), false);
  std::vector<std::uint64_t> live(graph_.regions.size(), 0);
  for (const std::size_t t : from) {
    const std::uint64_t bytes = round_up(graph_.tensors[t].bytes(), 64);
    bool fits = true;
    for (std::size_t r = uses_[t].first(); r <= uses_[t].last(); ++r)
      fits &= live[r] + bytes <= budget;
    if (!fits) continue;
    resident[t] = true;
    for (std::size_t r = uses_[t].first(); r <= uses_[t].last(); ++r) live[r] += bytes;
  }
  return resident;
}

std::vector<std::vector<bool>> Compiler::residency_choices() const {
  const std::vector<std::size_t> from = resident_candidates();
  const std::vector<bool> none(graph_.tensors.size(), false);
  std::vector<std::vector<bool>> choices;
  constexpr std::size_t kAllSubsetsUpTo = 3;
  if (from.size() <= kAllSubsetsUpTo) {
    for (std::size_t bits = (std::size_t{1} << from.size()); bits-- > 0;) {
      std::vector<bool> choice = none;
      for (std::size_t i = 0; i < from.size(); ++i) choice[from[i]] = (bits >> i & 1) != 0;
      choices.push_back(std::move(choice));
    }
    return choices;
  }
  choices.push_back(greedy_residents(from));
  choices.push_back(none);
  return choices;
}

std::uint64_t Compiler::live_bytes(std::size_t tensor) const {
  return round_up(std::max<std::uint64_t>(1, graph_.tensors[tensor].bytes()), 64);
}

void Compiler::count_live(const std::vector<bool>& resident) {
  live_.assign(graph_.regions.size() + 1, 0);
  for (std::size_t t = 0; t < resident.size(); ++t) {
    if (!resident[t] || !uses_[t].used()) continue;
    // Sums of unsigned numbers may wrap on the way: what ends is taken off again.
    live_[uses_[t].first()] += live_bytes(t);
    live_[uses_[t].last() + 1] -= live_bytes(t);
  }
  for (std::size_t r = 1; r < live_.size(); ++r) live_[r] += live_[r - 1];
}

std::optional<std::size_t> Compiler::drop_resident_at(std::size_t region,
                                                      std::vector<bool>& resident) {
  // The largest goes first: it frees the most for one tensor's traffic.
  std::size_t largest = resident.size();
  for (std::size_t t = 0; t < resident.size(); ++t) {
    if (!resident[t] || !uses_[t].used()) continue;
    if (uses_[t].first() > region || region > uses_[t].last()) continue;
    if (largest == resident.size() || graph_.tensors[t].bytes() > graph_.tensors[largest].bytes())
      largest = t;
  }
  if (largest == resident.size()) return std::nullopt;
  resident[largest] = false;
  const TensorUse& use = uses_[largest];
  for (std::size_t r = use.first(); r <= use.last(); ++r) live_[r] -= live_bytes(largest);
  return use.first();
}

RegionRoom Compiler::room_of(std::size_t r, const std::vector<bool>& resident,
                             std::uint64_t resident_bytes) const {
  const Region& region = graph_.regions[r];
  RegionRoom room = room_on(machine_);
  const auto is = [&](TensorId id) { return id.valid() && resident[id.index]; };
  if (region.kind == Region::Kind::kMatrix) {
    room.input_resident = is(region.matrix.input.tensor);
    room.weight_resident = is(region.matrix.weight.tensor);
  }
  room.output_resident = is(region.output.tensor);
  for (const VectorOperand& operand : region.operands)
    room.operand_resident.push_back(is(operand.tensor));
  add_shared(region, alone_.shared, room);
  room.cores = cores_;
  const std::uint64_t size = machine_.buffers[machine_.unified.index].size.value();
  room.unified_bytes = size - std::min(size, resident_bytes);
  return room;
}

double Compiler::play_alone(std::size_t region, const RegionMapping& mapping) {
  alone_.mappings.resize(graph_.regions.size());
  alone_.mappings[region] = mapping;
  ProgramBuilder builder(graph_, backend_, alone_, uses_);
  if (!builder.build_alone(region, alone_program_)) return 1e300;
  return score(played(alone_program_));
}

EngineResult Compiler::played(const Program& program) const {
  AnalyticEngine engine(backend_.timing());
  RunLimits limits;
  limits.stop = options_.stop;
  Result<EngineResult> result = engine.run(program, limits);
  check_stop(options_.stop);
  return std::move(result).value();
}

/// Layers take longer than the analytic engine makes them where their rows keep DRAM busy.
double Compiler::expected_score(const EngineResult& result, const Attempt& a) const {
  std::uint64_t late = 0;
  Cycles end{};
  for (std::size_t r = 0; r < result.regions.size(); ++r) {
    const Cycles window = std::max(end, result.regions[r].end) - end;
    const std::uint64_t dram = a.searches[r].best.front().estimate.dram_cycles;
    late += dram - std::min(dram, window.value());
    end += window;
  }
  return score(result) + (options_.objective == Objective::kCycles ? static_cast<double>(late) : 0);
}

const SearchResult& Compiler::search_region(std::size_t r, const RegionRoom& room) {
  const std::string key = signature(graph_.regions[r], graph_, room);
  const auto found = cache_.find(key);
  if (found != cache_.end()) return found->second;
  SearchOptions search_options;
  search_options.objective = options_.objective;
  search_options.play = options_.play;
  search_options.keep = options_.alternatives;
  search_options.stop = options_.stop;
  SearchResult result =
      search(graph_.regions[r], graph_, machine_, room, search_options,
             [&](const RegionMapping& mapping) { return play_alone(r, mapping); });
  return cache_.emplace(key, std::move(result)).first->second;
}

std::optional<std::string> Compiler::map_region(std::size_t r, const RegionRoom& room, Attempt& a) {
  const auto given = options_.given.find(graph_.regions[r].name);
  if (given != options_.given.end()) {
    const RegionMapping& mapping = given->second.mapping;
    const MappingEstimate e = estimate(graph_.regions[r], graph_, machine_, mapping, room);
    if (!e.fits) return e.why_not;
    SearchResult result;
    result.best.push_back({mapping, e, 0, false, ""});
    a.searches.push_back(std::move(result));
    a.decisions.mappings.push_back(mapping);
    return std::nullopt;
  }
  const SearchResult& found = search_region(r, room);
  if (found.best.empty()) return found.last_constraint;
  a.searches.push_back(found);
  a.decisions.mappings.push_back(found.best.front().mapping);
  return std::nullopt;
}

bool Compiler::use_for_all(const std::vector<std::size_t>& regions, const RegionMapping& mapping,
                           Attempt& a) const {
  std::vector<MappingEstimate> estimates;
  for (const std::size_t r : regions) {
    const RegionRoom room = room_of(r, alone_.resident, live_[r]);
    estimates.push_back(estimate(graph_.regions[r], graph_, machine_, mapping, room));
    if (!estimates.back().fits) return false;
  }
  for (std::size_t i = 0; i < regions.size(); ++i) {
    a.searches[regions[i]].best.front() = {mapping, estimates[i], 0, false, ""};
    a.decisions.mappings[regions[i]] = mapping;
  }
  return true;
}

// Weights lie in DRAM once, tile by tile: regions that read the same ones (the steps of a recurrent
// layer) must cut them alike. The first step starts from other tensors than the rest, so the last
// one's mapping is the better one.
void Compiler::share_layouts(Attempt& a) const {
  std::map<std::vector<std::int64_t>, std::vector<std::size_t>> readers;
  for (std::size_t r = 0; r < graph_.regions.size(); ++r) {
    const Region& region = graph_.regions[r];
    const MatrixWork& work = region.matrix;
    if (region.kind != Region::Kind::kMatrix || !work.weight.packed) continue;
    readers[{static_cast<std::int64_t>(work.weight.tensor.index), work.weight.offset, work.g,
             work.o, work.c, work.r, work.s}]
        .push_back(r);
  }
  for (const auto& [weights, regions] : readers) {
    if (regions.size() < 2) continue;
    const RegionMapping first = a.decisions.mappings[regions.front()];
    const RegionMapping last = a.decisions.mappings[regions.back()];
    const bool alike = std::all_of(regions.begin(), regions.end(), [&](std::size_t r) {
      return to_string(a.decisions.mappings[r]) == to_string(last);
    });
    const bool given = std::any_of(regions.begin(), regions.end(), [&](std::size_t r) {
      return options_.given.count(graph_.regions[r].name) > 0;
    });
    if (alike || given) continue;  // who gives mappings decides for all
    if (!use_for_all(regions, last, a)) use_for_all(regions, first, a);
  }
}

Compiler::Attempt Compiler::attempt(const Plan& plan) {
  // Dropping one resident after the other is as many looks at the network. Networks of thousands of
  // tight layers stop here; that nothing stays on chip is a choice of its own.
  constexpr std::size_t kDropsMax = 1024, kBuildsMax = 64;
  std::size_t drops = 0, builds = 0;
  std::vector<bool>& resident = alone_.resident;
  resident = plan.resident;
  cores_ = plan.cores;
  alone_.shared = plan.shared ? shared_residents(graph_, machine_, uses_, resident)
                              : std::vector<bool>(resident.size(), false);
  const std::vector<bool> nothing(resident.size(), false);
  count_live(resident);
  Attempt a;
  for (;;) {
    std::size_t tight = SIZE_MAX;
    std::string why;
    while (a.searches.size() < graph_.regions.size() && tight == SIZE_MAX) {
      const std::size_t r = a.searches.size();
      if (map_region(r, room_of(r, resident, live_[r]), a)) {
        tight = r;
        // Where nothing helps, nothing need be tried.
        if (auto constraint = map_region(r, room_of(r, nothing, 0), a)) {
          a.errors.push_back(no_mapping(r, *constraint));
          return a;
        }
        why = "resident tensors leave it too little room";
      } else if (options_.progress) {
        options_.progress(r + 1, graph_.regions.size());
      }
    }
    if (tight == SIZE_MAX) {
      share_layouts(a);
      a.decisions.resident = resident;
      a.decisions.shared = alone_.shared;
      Program program;
      ProgramBuilder builder(graph_, backend_, a.decisions, uses_);
      const std::optional<std::size_t> failed = builder.build(program);
      if (!failed) {
        a.score = expected_score(played(program), a);
        return a;
      }
      tight = *failed;
      why = "tiles and resident tensors do not fit side by side";
      ++builds;
    }
    std::optional<std::size_t> from;
    if (++drops <= kDropsMax && builds <= kBuildsMax) from = drop_resident_at(tight, resident);
    if (!from && !a.decisions.packed) {
      // With no resident left to drop, slots that avoid those of the layer before may be what
      // splits the room.
      a.decisions.packed = true;
      continue;
    }
    if (!from) {
      a.errors.push_back(no_mapping(tight, why));
      return a;
    }
    // Only layers during which it would have stayed have more room now.
    a.searches.resize(*from);
    a.decisions.mappings.resize(*from);
  }
}

// Every core has buffers of its own: what one core made, another cannot read there. So either all
// cores work and none keeps anything, or one of them does it all.
std::vector<Compiler::Plan> Compiler::plans() const {
  std::vector<Plan> all;
  const auto add = [&](const std::vector<bool>& resident, std::uint32_t cores) {
    if (machine_.shared.present()) all.push_back({resident, true, cores});
    all.push_back({resident, false, cores});
  };
  // Half of them may do better, or a quarter, where memory is all that is waited for.
  for (std::uint32_t cores = machine_.cores; cores > 1; cores /= 2) {
    add(std::vector<bool>(graph_.tensors.size(), false), cores);
  }
  const bool cut = std::any_of(options_.given.begin(), options_.given.end(),
                               [](const auto& given) { return given.second.mapping.parts > 1; });
  if (cut) return all;
  for (const std::vector<bool>& choice : residency_choices()) add(choice, 1);
  return all;
}

/// The closed form knows nothing of requesters that meet in DRAM: of two attempts that are as good
/// but for a twentieth, with the shared buffer and without it, the one that moves less there.
bool Compiler::better(const Attempt& a, const Attempt& than) const {
  const auto shares = [](const Attempt& x) {
    const std::vector<bool>& shared = x.decisions.shared;
    return std::find(shared.begin(), shared.end(), true) != shared.end();
  };
  const auto dram = [](const Attempt& x) {
    std::uint64_t bytes = 0;
    for (const SearchResult& s : x.searches) bytes += s.best.front().estimate.dram_bytes;
    return bytes;
  };
  constexpr double kAsGood = 1.05;
  const bool near = std::max(a.score, than.score) <= kAsGood * std::min(a.score, than.score);
  if (options_.objective != Objective::kCycles || !near || shares(a) == shares(than)) {
    return a.score < than.score;
  }
  return dram(a) < dram(than);
}

Diagnostics Compiler::run(CompiledNetwork& into) {
  std::optional<Attempt> best;
  Diagnostics errors;
  for (const Plan& plan : plans()) {
    Attempt a = attempt(plan);
    if (!a.errors.empty()) {
      errors = a.errors;
      continue;
    }
    if (!best || better(a, *best)) best = std::move(a);
  }
  if (!best) return errors;
  ProgramBuilder builder(graph_, backend_, best->decisions, uses_);
  CHECK(!builder.build(into.program)) << "a program that was built once cannot be built again";
  into.searches = std::move(best->searches);
  into.decisions = std::move(best->decisions);
  into.score = best->score;
  return {};
}

}  // namespace

std::vector<std::pair<std::string, RegionMapping>> CompiledNetwork::mappings() const {
  std::vector<std::pair<std::string, RegionMapping>> all;
  for (std::size_t r = 0; r < graph->regions.size(); ++r) {
    all.emplace_back(graph->regions[r].name, decisions.mappings[r]);
  }
  return all;
}

Result<CompiledNetwork> compile(std::shared_ptr<const RegionGraph> graph, const Backend& backend,
                                const CompileOptions& options) {
  const Machine& machine = backend.machine();
  Diagnostics errors;
  Result<GivenMappings> given = settle_mappings(options.given, *graph, machine);
  if (!given) errors = given.errors();
  for (const Region& region : graph->regions) {
    if (region.kind != Region::Kind::kMatrix || machine.matrix.rate_of(region.dtype).numerator > 0)
      continue;
    Diagnostic d;
    d.kind = ErrorKind::kUnsupported;
    d.name = "E-dtype-not-supported";
    d.path = "layer '" + region.name + "'";
    d.message = "machine '" + machine.name + "' does not compute in " +
                std::string(to_string(region.dtype));
    d.hint = "give core.matrix.macs_per_pe a rate for it, or choose another --dtype";
    errors.push_back(std::move(d));
  }
  std::uint64_t placed = 0;
  for (const TensorPlacement& place : place_in_dram(*graph, machine)) placed += place.dram_span;
  const std::uint64_t capacity = machine.memory.capacity.value();
  if (capacity > 0 && placed > capacity) {
    Diagnostic d;
    d.kind = ErrorKind::kInfeasible;
    d.name = "E-dram-capacity";
    d.path = "network '" + graph->name + "'";
    // In a unit that tells the two apart.
    const bool large = capacity >= 10ULL << 20 && placed >> 20 != capacity >> 20;
    const auto size = [large](std::uint64_t bytes) {
      return large ? std::to_string(bytes >> 20) + " MiB" : std::to_string(bytes) + " B";
    };
    d.message = "its tensors take " + size(placed) + ", the DRAM of machine '" + machine.name +
                "' has " + size(capacity);
    d.hint = "a smaller batch or precision, or a larger memory.capacity";
    errors.push_back(std::move(d));
  }
  if (!errors.empty()) return errors;
  CompiledNetwork network;
  network.graph = graph;
  CompileOptions settled = options;
  settled.given = std::move(*given);
  errors = Compiler(*graph, backend, settled).run(network);
  if (!errors.empty()) return errors;
  return network;
}

Result<CompiledNetwork> compile_batched(
    std::int64_t batch,
    const std::function<Result<std::shared_ptr<const RegionGraph>>(std::int64_t)>& at_batch,
    const Backend& backend, const CompileOptions& options) {
  auto whole = at_batch(batch);
  if (!whole) return whole.errors();
  Result<CompiledNetwork> best = compile(*whole, backend, options);
  if (batch <= 1) return best;
  // Parts of the batch one after the other: smaller activations may stay on chip.
  std::vector<std::int64_t> parts{1};
  for (std::int64_t part = 2; part < batch; part *= 2) {
    if (batch % part == 0) parts.push_back(part);
  }
  // A network repeated very often is as many steps to plan; large parts are nearly as good then.
  constexpr std::int64_t kStepsMax = 1 << 14;
  for (const std::int64_t part : parts) {
    const std::int64_t repeats = batch / part;
    if (repeats * static_cast<std::int64_t>((*whole)->regions.size()) > kStepsMax) continue;
    auto graph = at_batch(part);
    if (!graph) break;  // a network whose batch is fixed
    Result<CompiledNetwork> candidate = compile(*graph, backend, options);
    if (!candidate) continue;
    // Cycles, energy and bytes grow with the repeats; energy x delay with their square.
    const auto n = static_cast<double>(repeats);
    const double times = options.objective == Objective::kEdp ? n * n : n;
    const double total = candidate->score * times;
    if (best.ok() && best->score <= total) continue;
    candidate->decisions.passes = static_cast<std::uint32_t>(repeats);
    candidate->program = Program{};
    const std::vector<TensorUse> uses = tensor_uses(**graph);
    ProgramBuilder builder(**graph, backend, candidate->decisions, uses);
    CHECK(!builder.build(candidate->program)) << "repeating a pass changes no address";
    candidate->score = total;
    best = std::move(candidate);
  }
  return best;
}

}  // namespace takt
