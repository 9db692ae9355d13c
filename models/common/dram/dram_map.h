// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where an address lies: channel, bank group, bank, row. Row : bank : column : bank group, with the
// channels interleaved below the row.

#include "models/common/dram/divisor.h"
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
    const std::uint64_t stripe = interleave_.quotient(address);
    return {
        static_cast<std::uint32_t>(channels_.remainder(stripe + turn(channels_.quotient(stripe)))),
        channels_.quotient(stripe) * interleave_.value() + interleave_.remainder(address)};
  }
  /// The device address of a channel's byte: place() backwards.
  std::uint64_t address(const Place& place) const {
    const std::uint64_t round = interleave_.quotient(place.address);
    const std::uint64_t turned = channels_.remainder(turn(round));
    const std::uint64_t position = channels_.remainder(place.channel + channels_.value() - turned);
    return (round * channels_.value() + position) * interleave_.value() +
           interleave_.remainder(place.address);
  }

  /// Which row set a channel address lies in, and its first burst there.
  struct Cell {
    std::uint32_t bank = 0;  ///< within each of the groups
    std::uint64_t row = 0;
    std::uint32_t group = 0;
  };
  Cell cell(std::uint64_t channel_address) const {
    const std::uint64_t set = set_bytes_.quotient(channel_address);
    return {static_cast<std::uint32_t>(banks_.remainder(set)), banks_.quotient(set),
            group_of(burst_of(channel_address))};
  }
  /// Bursts of a channel, counted from its first byte.
  std::uint64_t burst_of(std::uint64_t channel_address) const {
    return burst_bytes_.quotient(channel_address);
  }
  std::uint32_t group_of(std::uint64_t burst) const {
    return static_cast<std::uint32_t>(groups_.remainder(burst));
  }
  /// Rows' worths of bytes of a channel, likewise: a run lies in one of them.
  std::uint64_t row_of(std::uint64_t channel_address) const {
    return row_bytes_.quotient(channel_address);
  }
  std::uint64_t stripe_of(std::uint64_t address) const { return interleave_.quotient(address); }
  std::uint64_t channel_of(std::uint64_t stripe) const { return channels_.remainder(stripe); }

  std::uint32_t channels() const { return static_cast<std::uint32_t>(channels_.value()); }
  std::uint64_t interleave() const { return interleave_.value(); }
  std::uint64_t burst_bytes() const { return burst_bytes_.value(); }
  /// A run ends where a multiple of this begins, so that it stays in one row set and books no more
  /// than one row's worth of bursts.
  std::uint64_t run_bytes() const { return row_bytes_.value(); }

 private:
  /// How far the channels are turned in a round of stripes: one further in each row of all
  /// channels, so that a stride of a power of two meets them all. A row's rounds are turned alike.
  std::uint64_t turn(std::uint64_t round) const { return hashed_ ? rounds_.quotient(round) : 0; }

  bool hashed_ = false;
  Divisor rounds_;  ///< stripes of a channel in a row
  Divisor channels_, interleave_;
  Divisor burst_bytes_, row_bytes_, set_bytes_;
  Divisor groups_, banks_;
};

}  // namespace takt
