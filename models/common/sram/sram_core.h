// SPDX-License-Identifier: Apache-2.0
#pragma once
// A banked on-chip memory: what tile ops that work at the same time lose to each other at its
// ports. Time comes in as an argument, in cycles of the core clock.

#include <optional>
#include <vector>

#include "models/common/sram/sram_stats.h"
#include "sim/machine/machine.h"

namespace takt {

/// The accesses of one op: `bytes` moved evenly over `duration`, all within a range of addresses.
struct SramRequest {
  Cycles start{};
  Cycles duration{};
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;  ///< over the ports in all: more than `span` if read more than once
  std::uint64_t span = 0;   ///< size of the range
  bool write = false;
};

class SramCore {
 public:
  explicit SramCore(const Buffer& buffer);

  /// By how many cycles would the op be held up? Changes nothing.
  Cycles probe(const SramRequest& request) const;
  /// The same answer, and the ports are booked for it. Who is booked first goes first. Starts may
  /// go back in time; what ended before the latest start seen is forgotten.
  Cycles issue(const SramRequest& request);

  const SramStats& stats() const { return stats_; }
  /// Bookings that are remembered.
  std::size_t remembered() const { return bookings_.size(); }

 private:
  /// Bytes a cycle in 1/65536: even rates are rarely whole.
  static constexpr unsigned kFraction = 16;
  static constexpr std::uint32_t kSetsMax = 64;
  using Banks = std::uint64_t;  ///< a bit a set of banks

  /// A port load on some banks over some time.
  struct Booking {
    std::uint64_t begin, end;
    Banks banks;
    std::uint64_t rate;  ///< a set of banks, fixed point
    bool write;
  };
  /// Plays the request against the bookings; returns its end and tells each stretch at one rate.
  template <class Stretch>
  std::uint64_t play(const SramRequest& request, Stretch&& stretch) const;
  static Cycles held_up(const SramRequest& request, std::uint64_t end);
  Banks banks_of(const SramRequest& request) const;
  bool excludes(const Booking& other, const SramRequest& request) const {
    return shared_port_ || other.write == request.write;
  }
  std::uint64_t capacity(bool write) const { return write ? write_capacity_ : read_capacity_; }
  std::uint64_t load_at(std::uint64_t time, const SramRequest& request, Banks banks,
                        std::uint64_t& until) const;

  std::uint64_t width_;
  std::uint64_t banks_;
  std::uint32_t sets_;  ///< of banks: as many as banks, but at most 64
  bool shared_port_;
  std::uint64_t read_capacity_, write_capacity_;  ///< of a set, fixed point
  std::vector<Booking> bookings_;
  std::vector<Booking> fresh_;  ///< those of the request at hand
  std::uint64_t latest_start_ = 0;
  SramStats stats_;
};

}  // namespace takt
