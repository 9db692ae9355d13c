// SPDX-License-Identifier: Apache-2.0
#include "models/common/chip/chip_tlm.h"

#include <algorithm>
#include <map>
#include <utility>

#include "models/common/chip/pipe_player_core.h"
#include "models/common/chip/transfer_player_core.h"
#include "sim/kernel/kernel.h"

namespace takt {
namespace {

/// "core0.matrix" -> {"core0", "matrix"}: SystemC's names of modules within modules are then the
/// config's paths.
std::pair<std::string, std::string> split_name(const std::string& name) {
  const std::size_t dot = name.find('.');
  if (dot == std::string::npos) return {name, "unit"};
  return {name.substr(0, dot), name.substr(dot + 1)};
}

/// The units of one core, or the host's.
class Group : public sc_core::sc_module {
 public:
  Group(const sc_core::sc_module_name& name, const std::vector<UnitPlayer*>& players,
        const Program& program, ClockBridge& clock, Watchdog& watchdog,
        std::vector<std::unique_ptr<UnitTlm>>& into)
      : sc_module(name) {
    for (UnitPlayer* player : players) {
      const UnitId unit = player->unit();
      const std::string own = split_name(program.units[unit.index].name).second;
      into[unit.index] = std::make_unique<UnitTlm>(own.c_str(), *player, clock, watchdog);
    }
  }
};

}  // namespace

ChipTlm::ChipTlm(const sc_core::sc_module_name& name, const Program& program,
                 const TileTiming& timing, const RunLimits& limits,
                 const TransactionOptions& options)
    : sc_module(name),
      program_(program),
      limits_(limits),
      clock_(program.machine->clock),
      watchdog_(limits.stop),
      board_(program.channels, program.machine->launch),
      sequencer_(program, timing, board_, *this,
                 {options.window, limits.spans != nullptr || options.observer != nullptr ||
                                      options.values != nullptr}),
      tally_(program, limits, options.observer),
      context_{program, board_, sequencer_, tally_, *this, nullptr, limits.spans, options.values} {
  if (!program.machine->memory.ideal) {
    memory_ = std::make_unique<MemorySystemTlm>("memory", program, watchdog_);
    context_.banks = &memory_->banks();
  }
  build_units();
}

ChipTlm::~ChipTlm() = default;

std::unique_ptr<UnitPlayer> ChipTlm::make_player(UnitId unit) {
  const UnitKind kind = program_.units[unit.index].kind;
  if (kind == UnitKind::kMatrix) return std::make_unique<MatrixPlayer>(context_, unit);
  if (kind == UnitKind::kVector || memory_ == nullptr) {
    return std::make_unique<PipePlayer>(context_, unit);
  }
  return std::make_unique<TransferPlayer>(context_, unit, memory_->route(unit));
}

void ChipTlm::build_units() {
  std::map<std::string, std::vector<UnitPlayer*>> groups;
  for (std::uint32_t i = 0; i < program_.units.size(); ++i) {
    players_.push_back(make_player(UnitId{i}));
    groups[split_name(program_.units[i].name).first].push_back(players_.back().get());
  }
  shells_.resize(players_.size());
  for (const auto& [name, players] : groups) {
    groups_.push_back(
        std::make_unique<Group>(name.c_str(), players, program_, clock_, watchdog_, shells_));
  }
}

EngineResult ChipTlm::result(bool hit_limit) {
  EngineResult result;
  Cycles end = tally_.last_end();
  for (const auto& player : players_) end = std::max(end, player->last());
  const bool complete = sequencer_.finished();
  const bool too_long = limits_.max_cycles.value() > 0 && end > limits_.max_cycles;
  if (watchdog_.interrupted() && !complete) {
    result.status = EngineResult::Status::kInterrupted;
  } else if (hit_limit || too_long) {
    result.status = EngineResult::Status::kCycleLimit;
  } else if (!complete) {
    result.status = EngineResult::Status::kDeadlock;
  }
  if (result.status != EngineResult::Status::kFinished) {
    describe_blocked(result);
    if (too_long) tally_.withdraw_beyond(limits_.max_cycles, result.blocked);
    tally_.close_rest(end);
  }
  result.end = end;
  for (const auto& player : players_) {
    result.units.push_back(player->finish(end));
    if (memory_ != nullptr) memory_->report_unit(player->unit(), result.units.back());
  }
  if (memory_ != nullptr) memory_->report(result.units);
  result.regions = tally_.take_regions();
  for (const auto& player : players_) {
    auto* matrix = dynamic_cast<MatrixPlayer*>(player.get());
    if (matrix == nullptr) continue;
    const auto& windows = matrix->core().ledger().windows();
    for (std::size_t r = 0; r < result.regions.size() && r < windows.size(); ++r) {
      result.regions[r].ledger += windows[r];
    }
  }
  result.kernel_activations = watchdog_.activations();
  return result;
}

void ChipTlm::describe_blocked(EngineResult& result) const {
  for (const auto& player : players_) player->describe_blocked(result.blocked);
  for (std::uint32_t core = 0; core < program_.machine->cores; ++core) {
    if (sequencer_.in_flight(core) < sequencer_.window()) continue;
    result.blocked.push_back("core" + std::to_string(core) + ": " +
                             std::to_string(sequencer_.window()) +
                             " ops are in flight, so that no more are read");
  }
}

}  // namespace takt
