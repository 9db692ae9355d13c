// SPDX-License-Identifier: Apache-2.0
#pragma once
// One DRAM channel: banks, rows, command timing, data bus, refresh. Time comes in as an argument,
// in cycles of the DRAM's command clock, so every rule is testable without a kernel.

#include <algorithm>
#include <array>
#include <vector>

#include "models/common/dram/dram_map.h"
#include "models/common/dram/dram_stats.h"

namespace takt {

/// A run of consecutive bytes of a channel that crosses no multiple of DramMap::run_bytes().
struct DramRequest {
  std::uint64_t address = 0;  ///< within the channel
  Bytes size{};
  bool write = false;
  bool more = false;  ///< closed page: the same request goes on, its row stays open
};

/// Moments at the data pins.
struct DramBooking {
  Cycles first{};  ///< the first burst is over
  Cycles done{};   ///< the last burst is over
};

class DramCore {
 public:
  /// The first refresh is due at `phase`, 0 = after one tREFI; the others tREFI apart.
  explicit DramCore(const Memory& memory, Cycles phase = Cycles(0));

  /// When would it be done? Changes nothing.
  DramBooking probe(Cycles now, const DramRequest& request) const;
  /// The same answer, and banks and bus are booked. Column commands keep the order of these calls;
  /// no command comes before `now`.
  DramBooking issue(Cycles now, const DramRequest& request);

  /// One number for bank and bank group, for who looks often whether a row is open.
  std::uint32_t bank_index(const DramMap::Cell& cell) const {
    return cell.bank * static_cast<std::uint32_t>(groups_.size()) + cell.group;
  }
  bool is_open(std::uint32_t bank, std::uint64_t row) const { return banks_[bank].row == row; }
  /// From when on the next request should be chosen: early enough to open its row behind the
  /// column commands that are booked, and no earlier, so that the choice is the best informed. A
  /// channel that refreshes first chooses when it is over.
  Cycles decide_at() const {
    const std::uint64_t column = whole(next_column_);
    const std::uint64_t ahead = column > lookahead_ ? column - lookahead_ : 0;
    return Cycles(column < refresh_due_ ? ahead
                                        : std::max(ahead, refresh_due_ + timing_.rp + timing_.rfc));
  }

  const DramMap& map() const { return map_; }
  const DramTiming& timing() const { return timing_; }
  const DramStats& stats() const { return stats_; }

 private:
  static constexpr std::uint64_t kClosed = UINT64_MAX;
  static constexpr std::uint64_t kNever = std::uint64_t{1} << 46;
  /// Column commands are paced in 1/65536 cycles: the rated bandwidth is a fraction of the peak.
  static constexpr unsigned kFraction = 16;
  static std::uint64_t whole(std::uint64_t fixed) {
    return (fixed + (std::uint64_t{1} << kFraction) - 1) >> kFraction;
  }

  /// Everything below is "not before": a rule is written where its cause happens.
  struct Bank {
    std::uint64_t row = kClosed;
    std::uint64_t activate = 0, column = 0, precharge = 0;
  };
  struct Group {
    std::uint64_t activate = 0, column = 0, read = 0;
  };
  /// What one burst would take.
  struct Plan {
    bool opens = false;
    std::uint64_t activate = 0;
    std::uint64_t column = 0;    ///< fixed point
    std::uint64_t unturned = 0;  ///< fixed point: without the change of direction
  };
  struct Run {
    std::uint64_t row;
    std::size_t bank0;  ///< of group 0
    std::uint32_t group;
    std::uint64_t bursts;
    bool write;
  };

  Run run_of(const DramRequest& request) const;
  bool streams(std::uint64_t now, const Run& run) const;
  Plan plan(std::uint64_t now, const Run& run, std::uint32_t group) const;
  void book_first(const Plan& plan, const Run& run, std::uint32_t group);
  void book_column(std::uint64_t column, const Run& run, std::uint32_t group);
  std::uint64_t book_until_refresh(std::uint64_t now, const Run& run, DramBooking& booking);
  std::uint64_t book_rest(const Run& run, std::uint64_t head, DramBooking& booking);
  /// When the data of a column command (fixed point) are over.
  Cycles data_end(std::uint64_t column, const Run& run) const {
    return Cycles(whole(column + data_) + (run.write ? timing_.cwl : timing_.cl));
  }
  void close_rows(const Run& run);
  void catch_up(std::uint64_t now);
  void refresh();

  DramMap map_;
  DramTiming timing_;
  bool open_page_;
  std::uint64_t burst_;          ///< clocks of data at the pins
  std::uint64_t data_;           ///< fixed point: what the data of a burst take
  std::uint64_t pace_;           ///< fixed point: between column commands
  std::uint64_t read_to_write_;  ///< between column commands
  std::uint64_t lookahead_;
  std::vector<Bank> banks_;  ///< [bank][group]
  std::vector<Group> groups_;
  std::array<std::uint64_t, 4> four_activates_{};  ///< ring: the oldest of the last four + tFAW
  std::uint32_t oldest_activate_ = 0;
  std::uint64_t activate_ = 0, read_ = 0, write_ = 0;
  std::uint64_t next_column_ = 0;  ///< fixed point
  std::uint64_t refresh_due_ = kNever;
  DramStats stats_;
};

}  // namespace takt
