// SPDX-License-Identifier: Apache-2.0
#include "models/common/dram/dram_core.h"

#include <algorithm>

#include "sim/base/math.h"

namespace takt {

DramCore::DramCore(const Memory& memory, Cycles phase)
    : map_(memory),
      timing_(memory.timing),
      open_page_(memory.open_page),
      burst_(std::max<std::uint64_t>(1, ceil_div(timing_.burst_length, timing_.data_rate))),
      banks_(std::size_t{timing_.bank_groups} * timing_.banks_per_group),
      groups_(timing_.bank_groups) {
  const std::uint64_t g = timing_.bank_groups;
  CHECK(memory.bandwidth_bytes_per_s > 0) << "a memory without a rated bandwidth";
  // The bus must be free (burst), the command legal (tCCD_S, and tCCD_L once a round of the
  // groups), and the channel's share of the rated bandwidth kept: bytes a burst x clock x channels
  // / rated bytes a second = clocks a burst.
  // Data take as long where the bandwidth is what keeps them, so that even the last burst is within
  // the rated one.
  data_ = std::max(burst_ << kFraction,
                   mul_div_ceil((map_.burst_bytes() * map_.channels()) << kFraction,
                                timing_.clock_hz, memory.bandwidth_bytes_per_s));
  pace_ = std::max({data_, std::uint64_t{timing_.ccd_s} << kFraction,
                    ceil_div(std::uint64_t{timing_.ccd_l} << kFraction, g)});
  // The write's data follow the read's after two clocks for the bus to turn (JEDEC: RL + BL/2 + 2 -
  // WL).
  const std::uint64_t read_data_end = timing_.cl + burst_ + 2;
  read_to_write_ = std::max<std::uint64_t>(
      1, read_data_end - std::min<std::uint64_t>(read_data_end, timing_.cwl));
  // A row set behind the last column command: close, open in each group, first column.
  lookahead_ = timing_.rp + timing_.rcd + (g - 1) * timing_.rrd_s;
  if (timing_.refi > 0) {
    CHECK(timing_.rfc + timing_.rcd < timing_.refi) << "no row can be opened between refreshes";
    refresh_due_ = phase.value() > 0 ? phase.value() : std::uint64_t{timing_.refi};
  }
}

DramBooking DramCore::probe(Cycles now, const DramRequest& request) const {
  DramCore copy = *this;
  return copy.issue(now, request);
}

DramBooking DramCore::issue(Cycles now, const DramRequest& request) {
  Run run = run_of(request);
  stats_.bytes_requested += request.size.value();
  stats_.bytes_transferred += run.bursts * map_.burst_bytes();
  stats_.bus_busy += run.bursts * burst_;
  (run.write ? stats_.writes : stats_.reads) += run.bursts;
  if (refresh_due_ <= now.value()) catch_up(now.value());
  DramBooking booking;
  for (;;) {
    const std::uint64_t booked = book_until_refresh(now.value(), run, booking);
    run.bursts -= booked;
    if (run.bursts == 0) break;
    run.group = static_cast<std::uint32_t>((run.group + booked) % groups_.size());
    // At a slow pace many refreshes come due before the next burst may.
    catch_up(std::max(refresh_due_, whole(next_column_)));
  }
  if (!open_page_ && !request.more) close_rows(run);
  return booking;
}

DramCore::Run DramCore::run_of(const DramRequest& request) const {
  CHECK(request.size.value() > 0) << "a request for nothing";
  const std::uint64_t last = request.address + request.size.value() - 1;
  CHECK(map_.row_of(request.address) == map_.row_of(last))
      << "a run from " << request.address << " to " << last << " crosses rows";
  const DramMap::Cell cell = map_.cell(request.address);
  return {cell.row, cell.bank * groups_.size(), cell.group,
          map_.burst_of(last) - map_.burst_of(request.address) + 1, request.write};
}

DramCore::Plan DramCore::plan(std::uint64_t now, const Run& run, std::uint32_t group) const {
  const Bank& bank = banks_[run.bank0 + group];
  const Group& g = groups_[group];
  Plan plan;
  std::uint64_t ready = std::max(now, bank.column);
  if (bank.row != run.row) {
    plan.opens = true;
    plan.activate = bank.row == kClosed ? std::max(now, bank.activate)
                                        : std::max(now, bank.precharge) + timing_.rp;
    plan.activate =
        std::max({plan.activate, activate_, g.activate, four_activates_[oldest_activate_]});
    ready = plan.activate + timing_.rcd;
  }
  ready = std::max(ready, g.column);
  plan.unturned = std::max(next_column_, ready << kFraction);
  const std::uint64_t turned = run.write ? write_ : std::max(read_, g.read);
  plan.column = std::max(plan.unturned, turned << kFraction);
  return plan;
}

void DramCore::book_first(const Plan& plan, const Run& run, std::uint32_t group) {
  Bank& bank = banks_[run.bank0 + group];
  if (plan.opens) {
    ++(bank.row == kClosed ? stats_.row_misses : stats_.row_conflicts);
    ++stats_.activations;
    bank.row = run.row;
    bank.column = plan.activate + timing_.rcd;
    bank.precharge = plan.activate + timing_.ras;
    activate_ = plan.activate + timing_.rrd_s;
    groups_[group].activate = plan.activate + timing_.rrd_l;
    four_activates_[oldest_activate_] = plan.activate + timing_.faw;
    oldest_activate_ = (oldest_activate_ + 1) % four_activates_.size();
  } else {
    ++stats_.row_hits;
  }
  stats_.turnaround += whole(plan.column) - whole(plan.unturned);
  next_column_ = plan.column + pace_;
  book_column(whole(plan.column), run, group);
}

void DramCore::book_column(std::uint64_t column, const Run& run, std::uint32_t group) {
  Bank& bank = banks_[run.bank0 + group];
  Group& g = groups_[group];
  g.column = column + timing_.ccd_l;
  if (run.write) {
    const std::uint64_t data_end = column + timing_.cwl + burst_;
    bank.precharge = std::max(bank.precharge, data_end + timing_.wr);
    read_ = data_end + timing_.wtr_s;
    g.read = data_end + timing_.wtr_l;
  } else {
    bank.precharge = std::max(bank.precharge, column + timing_.rtp);
    write_ = column + read_to_write_;
  }
}

// Is every bank of the run open, and nothing but the pace between it and the run before?
bool DramCore::streams(std::uint64_t now, const Run& run) const {
  const std::uint64_t limit = next_column_ >> kFraction;
  if (now > limit || (run.write ? write_ : read_) > limit) return false;
  const std::uint64_t touched = std::min<std::uint64_t>(run.bursts, groups_.size());
  std::size_t group = run.group;
  for (std::uint64_t i = 0; i < touched; ++i) {
    const Bank& bank = banks_[run.bank0 + group];
    const Group& g = groups_[group];
    if (bank.row != run.row || bank.column > limit || g.column > limit) return false;
    if (!run.write && g.read > limit) return false;
    if (++group == groups_.size()) group = 0;
  }
  return true;
}

// Books bursts until the first whose column command would come when a refresh is due; returns how
// many. The first burst in each bank group may have to open its bank; the others follow at the
// pace.
std::uint64_t DramCore::book_until_refresh(std::uint64_t now, const Run& run,
                                           DramBooking& booking) {
  if (streams(now, run)) return book_rest(run, 0, booking);
  const std::uint64_t head = std::min<std::uint64_t>(run.bursts, groups_.size());
  std::uint32_t group = run.group;
  for (std::uint64_t i = 0; i < head; ++i) {
    const Plan p = plan(now, run, group);
    const std::uint64_t column = whole(p.column);
    if (column >= refresh_due_) return i;
    book_first(p, run, group);
    booking.done = data_end(p.column, run);
    if (booking.first.value() == 0) booking.first = booking.done;
    if (++group == groups_.size()) group = 0;
  }
  return run.bursts == head ? head : head + book_rest(run, head, booking);
}

// Burst j of the rest has its column command at ceil(next_column + j x pace): every bank is open
// and a round of the groups takes at least tCCD_L. Only the last round leaves traces for what
// follows.
std::uint64_t DramCore::book_rest(const Run& run, std::uint64_t head, DramBooking& booking) {
  const std::uint64_t limit = (refresh_due_ - 1) << kFraction;  // the last moment before it is due
  if (next_column_ > limit) return 0;
  const std::uint64_t rest = run.bursts - head;
  const std::uint64_t fit =
      next_column_ + (rest - 1) * pace_ <= limit ? rest : (limit - next_column_) / pace_ + 1;
  if (booking.first.value() == 0) booking.first = data_end(next_column_, run);
  const std::uint64_t last_round = std::min<std::uint64_t>(fit, groups_.size());
  std::uint64_t column = next_column_ + (fit - last_round) * pace_;
  std::uint32_t group = map_.group_of(run.group + head + fit - last_round);
  for (std::uint64_t j = 0; j < last_round; ++j) {
    book_column(whole(column), run, group);
    column += pace_;
    if (++group == groups_.size()) group = 0;
  }
  booking.done = data_end(column - pace_, run);
  next_column_ = column;
  stats_.row_hits += fit;
  return fit;
}

// The whole row set: a request that came in pieces has touched groups that its last piece did not.
void DramCore::close_rows(const Run& run) {
  for (std::size_t group = 0; group < groups_.size(); ++group) {
    Bank& bank = banks_[run.bank0 + group];
    if (bank.row != run.row) continue;
    bank.row = kClosed;
    bank.activate = bank.precharge + timing_.rp;
  }
}

// Refreshes that are due by then, with nothing between them: all but the first and the last find
// the banks closed and idle, and leave them so.
void DramCore::catch_up(std::uint64_t now) {
  refresh();
  if (refresh_due_ > now) return;
  const std::uint64_t missed = (now - refresh_due_) / timing_.refi;
  refresh_due_ += missed * timing_.refi;
  stats_.refreshes += missed;
  refresh();
}

// All banks are closed, then busy for tRFC.
void DramCore::refresh() {
  std::uint64_t start = refresh_due_;
  for (const Bank& bank : banks_) {
    start =
        std::max(start, bank.row == kClosed ? bank.activate
                                            : std::max(refresh_due_, bank.precharge) + timing_.rp);
  }
  for (Bank& bank : banks_) {
    bank.row = kClosed;
    bank.activate = start + timing_.rfc;
  }
  ++stats_.refreshes;
  refresh_due_ += timing_.refi;
}

}  // namespace takt
