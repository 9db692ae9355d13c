// SPDX-License-Identifier: Apache-2.0
#include "sim/backend/attempt.h"

#include <algorithm>

#include "sim/backend/program_builder.h"
#include "sim/backend/residents.h"
#include "sim/backend/shared_residents.h"
#include "sim/mapper/mapping_check.h"

namespace takt {
namespace {

class Trial {
 public:
  Trial(const CompileTask& task, const AttemptPlan& plan, RegionSearch& search)
      : task_(task),
        plan_(plan),
        search_(search),
        residents_(task.graph, task.uses, plan.resident) {
    a_.decisions.packed = task.options.plan.packed;
  }
  Attempt run();

 private:
  RegionRoom room_of(std::size_t region, const std::vector<bool>& resident,
                     std::uint64_t resident_bytes) const;
  RegionRoom room_now(std::size_t region) const {
    return room_of(region, residents_.tensors(), residents_.bytes_at(region));
  }
  /// Why there is none, if so.
  std::optional<std::string> map_region(std::size_t region, const RegionRoom& room);
  void share_layouts();
  bool use_for_all(const std::vector<std::size_t>& regions, const RegionMapping& mapping);
  double expected_score(const EngineResult& result) const;
  Diagnostic no_mapping(std::size_t region, const std::string& why) const;

  const CompileTask& task_;
  const AttemptPlan& plan_;
  RegionSearch& search_;
  Residents residents_;
  Attempt a_;
};

Diagnostic Trial::no_mapping(std::size_t region, const std::string& why) const {
  const auto given = task_.options.given.find(task_.graph.regions[region].name);
  if (given != task_.options.given.end()) {
    return mapping_error(given->first, given->second,
                         "the mapping does not fit machine '" + task_.machine().name + "': " + why);
  }
  if (plan_.given && residents_.bytes_at(region) > 0) {
    return plan_error(task_.options.plan.on_chip_at, "on_chip.unified",
                      "layer '" + task_.graph.regions[region].name + "' finds no room: " + why);
  }
  Diagnostic d;
  d.kind = ErrorKind::kInfeasible;
  d.name = "E-no-mapping";
  d.path = "layer '" + task_.graph.regions[region].name + "'";
  d.message = "no mapping fits machine '" + task_.machine().name + "': " + why;
  d.hint = "a larger buffer, smaller layers, or `takt map` for what was tried";
  return d;
}

RegionRoom Trial::room_of(std::size_t r, const std::vector<bool>& resident,
                          std::uint64_t resident_bytes) const {
  const Region& region = task_.graph.regions[r];
  RegionRoom room = room_on(task_.machine());
  const auto is = [&](TensorId id) { return id.valid() && resident[id.index]; };
  if (region.kind == Region::Kind::kMatrix) {
    room.input_resident = is(region.matrix.input.tensor);
    room.weight_resident = is(region.matrix.weight.tensor);
  }
  room.output_resident = is(region.output.tensor);
  for (const VectorOperand& operand : region.operands)
    room.operand_resident.push_back(is(operand.tensor));
  add_shared(region, plan_.shared, room);
  room.cores = plan_.cores;
  const std::uint64_t size = task_.machine().buffers[task_.machine().unified.index].size.value();
  room.unified_bytes = size - std::min(size, resident_bytes);
  return room;
}

/// Layers take longer than the analytic engine makes them where their rows keep DRAM busy.
double Trial::expected_score(const EngineResult& result) const {
  std::uint64_t late = 0;
  Cycles end{};
  for (std::size_t r = 0; r < result.regions.size(); ++r) {
    const Cycles window = std::max(end, result.regions[r].end) - end;
    const std::uint64_t dram = a_.searches[r].best.front().estimate.dram_cycles;
    late += dram - std::min(dram, window.value());
    end += window;
  }
  return score_of(task_, result) +
         (task_.options.objective == Objective::kCycles ? static_cast<double>(late) : 0);
}

std::optional<std::string> Trial::map_region(std::size_t r, const RegionRoom& room) {
  const auto given = task_.options.given.find(task_.graph.regions[r].name);
  if (given != task_.options.given.end()) {
    const RegionMapping& mapping = given->second.mapping;
    const MappingEstimate e =
        estimate(task_.graph.regions[r], task_.graph, task_.machine(), mapping, room);
    if (!e.fits) return e.why_not;
    SearchResult result;
    result.best.push_back({mapping, e, 0, false, ""});
    a_.searches.push_back(std::move(result));
    a_.decisions.mappings.push_back(mapping);
    return std::nullopt;
  }
  const SearchResult& found = search_.search(r, room, residents_.tensors(), plan_.shared);
  if (found.best.empty()) return found.last_constraint;
  a_.searches.push_back(found);
  a_.decisions.mappings.push_back(found.best.front().mapping);
  return std::nullopt;
}

bool Trial::use_for_all(const std::vector<std::size_t>& regions, const RegionMapping& mapping) {
  std::vector<MappingEstimate> estimates;
  for (const std::size_t r : regions) {
    const RegionRoom room = room_now(r);
    estimates.push_back(
        estimate(task_.graph.regions[r], task_.graph, task_.machine(), mapping, room));
    if (!estimates.back().fits) return false;
  }
  for (std::size_t i = 0; i < regions.size(); ++i) {
    a_.searches[regions[i]].best.front() = {mapping, estimates[i], 0, false, ""};
    a_.decisions.mappings[regions[i]] = mapping;
  }
  return true;
}

// Weights lie in DRAM once, tile by tile: regions that read the same ones (the steps of a recurrent
// layer) must cut them alike. The first step starts from other tensors than the rest, so the last
// one's mapping is the better one.
void Trial::share_layouts() {
  std::map<std::vector<std::int64_t>, std::vector<std::size_t>> readers;
  for (std::size_t r = 0; r < task_.graph.regions.size(); ++r) {
    const Region& region = task_.graph.regions[r];
    const MatrixWork& work = region.matrix;
    if (region.kind != Region::Kind::kMatrix || !work.weight.packed) continue;
    readers[{static_cast<std::int64_t>(work.weight.tensor.index), work.weight.offset, work.g,
             work.o, work.c, work.r, work.s}]
        .push_back(r);
  }
  for (const auto& [weights, regions] : readers) {
    if (regions.size() < 2) continue;
    const RegionMapping first = a_.decisions.mappings[regions.front()];
    const RegionMapping last = a_.decisions.mappings[regions.back()];
    const bool alike = std::all_of(regions.begin(), regions.end(), [&](std::size_t r) {
      return to_string(a_.decisions.mappings[r]) == to_string(last);
    });
    const bool given = std::any_of(regions.begin(), regions.end(), [&](std::size_t r) {
      return task_.options.given.count(task_.graph.regions[r].name) > 0;
    });
    if (alike || given) continue;  // who gives mappings decides for all
    if (!use_for_all(regions, last)) use_for_all(regions, first);
  }
}

Attempt Trial::run() {
  // Dropping one resident after the other is as many looks at the network. Networks of thousands of
  // tight layers stop here; that nothing stays on chip is a choice of its own.
  constexpr std::size_t kDropsMax = 1024, kBuildsMax = 64;
  std::size_t drops = 0, builds = 0;
  const std::vector<bool> nothing(plan_.resident.size(), false);
  for (;;) {
    std::size_t tight = SIZE_MAX;
    std::string why;
    while (a_.searches.size() < task_.graph.regions.size() && tight == SIZE_MAX) {
      const std::size_t r = a_.searches.size();
      if (map_region(r, room_now(r))) {
        tight = r;
        // Where nothing helps, nothing need be tried.
        if (auto constraint = map_region(r, room_of(r, nothing, 0))) {
          a_.errors.push_back(no_mapping(r, *constraint));
          return std::move(a_);
        }
        why = "resident tensors leave it too little room";
      } else if (task_.options.progress) {
        task_.options.progress(r + 1, task_.graph.regions.size());
      }
    }
    if (tight == SIZE_MAX) {
      share_layouts();
      a_.decisions.resident = residents_.tensors();
      a_.decisions.shared = plan_.shared;
      Program program;
      ProgramBuilder builder(task_.graph, task_.backend, a_.decisions, task_.uses);
      const std::optional<std::size_t> failed = builder.build(program, task_.options.stop);
      if (!failed) {
        a_.score = expected_score(played(task_, program));
        return std::move(a_);
      }
      tight = *failed;
      why = "tiles and resident tensors do not fit side by side";
      ++builds;
    }
    std::optional<std::size_t> from;
    const bool may_drop = !plan_.given && ++drops <= kDropsMax && builds <= kBuildsMax;
    if (may_drop) from = residents_.drop_at(tight);
    if (!from && !a_.decisions.packed) {
      // With no resident left to drop, slots that avoid those of the layer before may be what
      // splits the room.
      a_.decisions.packed = true;
      continue;
    }
    if (!from) {
      a_.errors.push_back(no_mapping(tight, why));
      return std::move(a_);
    }
    // Only layers during which it would have stayed have more room now.
    a_.searches.resize(*from);
    a_.decisions.mappings.resize(*from);
  }
}

}  // namespace

Attempt attempt(const CompileTask& task, const AttemptPlan& plan, RegionSearch& search) {
  return Trial(task, plan, search).run();
}

}  // namespace takt
