// SPDX-License-Identifier: Apache-2.0
#include "models/common/chip/run_tally_core.h"

#include <algorithm>

namespace takt {

RunTally::RunTally(const Program& program, const RunLimits& limits, BookingObserver observer)
    : program_(program),
      limits_(limits),
      observer_(std::move(observer)),
      regions_(program.regions.size()),
      pending_(program.regions.size(), 0),
      started_(program.regions.size(), false),
      passed_(program.machine->cores, 0) {}

void RunTally::passed(std::uint32_t core, std::size_t region) {
  passed_[core] = region;
  all_passed_ = *std::min_element(passed_.begin(), passed_.end());
  close_finished();
}

void RunTally::booked(PackedOp& op, const Booking& b) {
  RegionResult& region = regions_[op.region];
  if (!started_[op.region] || b.start < region.start) region.start = b.start;
  started_[op.region] = true;
  region.end = std::max(region.end, b.done);
  if (op.kind == TileOpKind::kMatrix) {
    if (region.matrix_span_end.value() == 0 || b.start < region.matrix_span_start) {
      region.matrix_span_start = b.start;
    }
    region.matrix_span_end = std::max(region.matrix_span_end, b.issued);
  }
  if (limits_.spans != nullptr) show(op, b);
  if (observer_) observer_(*op.whole(), b);
  if (--pending_[op.region] == 0) close_finished();
}

void RunTally::show(PackedOp& op, const Booking& b) {
  limits_.spans->span(*op.whole(), b.start, b.issued);
  if (op.kind != TileOpKind::kLoad && op.kind != TileOpKind::kStore) return;
  moved_.resize(program_.units.size());
  std::uint64_t& moved = moved_[op.unit.index];
  moved += op.transfer().moved().value();
  limits_.spans->counter(program_.units[op.unit.index].name + ".bytes_moved", b.done, moved);
}

void RunTally::close_finished() {
  while (closed_ < regions_.size() && closed_ < all_passed_ && pending_[closed_] == 0) {
    RegionResult& region = regions_[closed_];
    region.finished = true;
    last_end_ = std::max(last_end_, region.end);
    for (WindowedLedger* ledger : ledgers_) ledger->close_window(last_end_);
    ++closed_;
    if (limits_.progress) limits_.progress(closed_, regions_.size());
  }
}

void RunTally::withdraw_beyond(Cycles limit, std::vector<std::string>& blocked) {
  bool named = false;
  for (std::size_t r = 0; r < closed_; ++r) {
    if (!(regions_[r].end > limit)) continue;
    regions_[r].finished = false;
    if (!named) {
      blocked.push_back("layer '" + program_.regions[r].name + "' ends at cycle " +
                        std::to_string(regions_[r].end.value()));
    }
    named = true;
  }
}

std::vector<RegionResult> RunTally::take_regions() {
  for (RegionResult& region : regions_) {
    if (!region.finished) region.counts = ActionCounts{};
  }
  return std::move(regions_);
}

void RunTally::close_rest(Cycles end) {
  for (; closed_ < regions_.size(); ++closed_) {
    for (WindowedLedger* ledger : ledgers_) ledger->close_window(end);
  }
}

}  // namespace takt
