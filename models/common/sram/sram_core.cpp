// SPDX-License-Identifier: Apache-2.0
#include "models/common/sram/sram_core.h"

#include <algorithm>
#include <array>

#include "sim/base/math.h"

namespace takt {

SramCore::SramCore(const Buffer& buffer)
    : width_(buffer.width.value()),
      banks_(buffer.banks),
      sets_(std::min(buffer.banks, kSetsMax)),
      shared_port_(buffer.shared_port) {
  CHECK(width_ > 0 && banks_ > 0) << "memory '" << buffer.name << "' without banks";
  read_capacity_ = bytes_per_cycle(buffer, false), write_capacity_ = bytes_per_cycle(buffer, true);
  CHECK(read_capacity_ > 0 && write_capacity_ > 0)
      << "memory '" << buffer.name << "' without ports";
  // An equal share for each set.
  read_capacity_ = (read_capacity_ << kFraction) / sets_;
  write_capacity_ = (write_capacity_ << kFraction) / sets_;
}

// Consecutive lines of `width` bytes lie in consecutive banks; a range of fewer lines than banks
// touches only some.
SramCore::Banks SramCore::banks_of(const SramRequest& request) const {
  const Banks all = sets_ == kSetsMax ? ~Banks{0} : (Banks{1} << sets_) - 1;
  const std::uint64_t first = request.address / width_;
  const std::uint64_t last =
      (request.address + std::max<std::uint64_t>(1, request.span) - 1) / width_;
  if (last - first + 1 >= banks_) return all;
  Banks banks = 0;
  for (std::uint64_t line = first; line <= last; ++line) {
    banks |= Banks{1} << (line % banks_ * sets_ / banks_);
  }
  return banks;
}

// The largest load that the bookings put on one of `banks` at `time`, and until when it is so.
std::uint64_t SramCore::load_at(std::uint64_t time, const SramRequest& request, Banks banks,
                                std::uint64_t& until) const {
  std::array<std::uint64_t, kSetsMax> load{};
  until = UINT64_MAX;
  std::uint64_t most = 0;
  for (const Booking& b : bookings_) {
    if (b.end <= time || !excludes(b, request) || (b.banks & banks) == 0) continue;
    if (b.begin > time) {
      until = std::min(until, b.begin);
      continue;
    }
    until = std::min(until, b.end);
    for (Banks left = b.banks & banks; left != 0; left &= left - 1) {
      most = std::max(most, load[static_cast<std::size_t>(__builtin_ctzll(left))] += b.rate);
    }
  }
  return most;
}

// Fluid: the op moves through its banks in step, so the fullest of them sets its speed; what is
// booked keeps its rate, the op gets what is left of the ports, up to the rate it wants.
template <class Stretch>
std::uint64_t SramCore::play(const SramRequest& request, Stretch&& stretch) const {
  const Banks banks = banks_of(request);
  const std::uint64_t duration = std::max<std::uint64_t>(1, request.duration.value());
  const std::uint64_t touched = static_cast<std::uint64_t>(__builtin_popcountll(banks));
  // Rounded down, so that demands that fill the ports exactly do not seem to overfill them.
  const std::uint64_t wanted =
      std::max<std::uint64_t>(1, (request.bytes << kFraction) / (duration * touched));
  const std::uint64_t room = capacity(request.write);
  std::uint64_t time = request.start.value();
  // Quick way out, the usual one: even if all bookings met in one bank there would be room.
  std::uint64_t sum = wanted;
  for (const Booking& b : bookings_) {
    if (b.end > time && b.begin < time + duration && (b.banks & banks) != 0 &&
        excludes(b, request)) {
      sum += b.rate;
    }
  }
  if (sum <= room) {
    stretch(Booking{time, time + duration, banks, wanted, request.write});
    return time + duration;
  }
  std::uint64_t left = wanted * duration;
  for (;;) {
    std::uint64_t until = 0;
    const std::uint64_t load = load_at(time, request, banks, until);
    const std::uint64_t rate = std::min(wanted, room > load ? room - load : 0);
    const std::uint64_t needs = rate > 0 ? ceil_div(left, rate) : UINT64_MAX;
    if (needs <= until - time) {
      stretch(Booking{time, time + needs, banks, rate, request.write});
      return std::max(time + needs, request.start.value() + duration);
    }
    CHECK(until != UINT64_MAX) << "a memory that never has room";
    if (rate > 0) stretch(Booking{time, until, banks, rate, request.write});
    left -= rate * (until - time);
    time = until;
  }
}

Cycles SramCore::held_up(const SramRequest& request, std::uint64_t end) {
  return Cycles(end) - request.start - Cycles(std::max<std::uint64_t>(1, request.duration.value()));
}

Cycles SramCore::probe(const SramRequest& request) const {
  if (request.bytes == 0) return Cycles(0);
  return held_up(request, play(request, [](const Booking&) {}));
}

Cycles SramCore::issue(const SramRequest& request) {
  if (request.bytes == 0) return Cycles(0);
  fresh_.clear();
  const Cycles held =
      held_up(request, play(request, [&](const Booking& booking) { fresh_.push_back(booking); }));
  latest_start_ = std::max(latest_start_, request.start.value());
  const auto over = [&](const Booking& b) { return b.end <= latest_start_; };
  bookings_.erase(std::remove_if(bookings_.begin(), bookings_.end(), over), bookings_.end());
  for (const Booking& b : fresh_) {
    if (!over(b)) bookings_.push_back(b);
  }
  ++(request.write ? stats_.writes : stats_.reads);
  (request.write ? stats_.bytes_written : stats_.bytes_read) += request.bytes;
  stats_.conflicts += held.value() > 0;
  stats_.conflict_cycles += held.value();
  return held;
}

}  // namespace takt
