// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where an address lies: channel, bank group, bank, row. Row : bank : column : bank group, with the
// channels interleaved below the row.

#include "sim/machine/machine.h"

namespace takt {

/// The same row of the same bank in all bank groups is one *row set*: consecutive bursts of it lie
/// in consecutive bank groups, so that a stream runs at tCCD_S and a row set is opened by one
/// activation a group.
class DramMap {
 public:
  explicit DramMap(const Memory& memory);

  /// A device address as seen by its channel.
  struct Place {
    std::uint32_t channel = 0;
    std::uint64_t address = 0;  ///< within the channel, dense
  };
  Place place(std::uint64_t address) const {
    const std::uint64_t stripe = address / interleave_;
    return {static_cast<std::uint32_t>(stripe % channels_),
            stripe / channels_ * interleave_ + address % interleave_};
  }
  /// The device address of a channel's byte: place() backwards.
  std::uint64_t address(const Place& place) const {
    return (place.address / interleave_ * channels_ + place.channel) * interleave_ +
           place.address % interleave_;
  }

  /// Which row set a channel address lies in, and its first burst there.
  struct Cell {
    std::uint32_t bank = 0;  ///< within each of the groups
    std::uint64_t row = 0;
    std::uint32_t group = 0;
  };
  Cell cell(std::uint64_t channel_address) const {
    const std::uint64_t set = channel_address / (row_bytes_ * groups_);
    return {static_cast<std::uint32_t>(set % banks_), set / banks_,
            static_cast<std::uint32_t>(channel_address / burst_bytes_ % groups_)};
  }

  std::uint32_t channels() const { return channels_; }
  std::uint64_t interleave() const { return interleave_; }
  std::uint64_t burst_bytes() const { return burst_bytes_; }
  /// A run ends where a multiple of this begins, so that it stays in one row set and books no more
  /// than one row's worth of bursts.
  std::uint64_t run_bytes() const { return row_bytes_; }

 private:
  std::uint32_t channels_;
  std::uint64_t interleave_;
  std::uint64_t burst_bytes_;
  std::uint64_t row_bytes_;
  std::uint32_t groups_;
  std::uint32_t banks_;
};

}  // namespace takt
