// SPDX-License-Identifier: Apache-2.0
#include "models/common/cache/cache_core.h"

#include <algorithm>

#include "sim/base/check.h"
#include "sim/base/math.h"

namespace takt {

CacheCore::CacheCore(const Cache& cache)
    : line_(cache.line.value()),
      piece_(cache.piece.value() > 0 ? cache.piece.value() : cache.line.value()),
      sets_(cache.size.value() / (cache.line.value() * cache.ways)),
      ways_(cache.ways),
      bandwidth_(cache.bandwidth_bytes_per_s),
      latency_(cache.latency),
      miss_(cache.miss),
      lookup_(cache.lookup),
      fill_on_port_(cache.fill_on_port),
      all_(sets_ * ways_) {
  CHECK(sets_ > 0 && bandwidth_ > 0) << "a cache of nothing";
}

Femtoseconds CacheCore::time_of(std::uint64_t bytes) const {
  return Femtoseconds(mul_div_ceil(bytes, ClockDomain::kFemtosPerSecond, bandwidth_));
}

// A linear feedback shift register of 16 bits (x^16 + x^14 + x^13 + x^11 + 1), as hardware has it:
// the same run gives the same lines.
std::uint32_t CacheCore::next_random() {
  random_ = (random_ >> 1) ^ ((random_ & 1) != 0 ? 0xB400U : 0U);
  return random_;
}

/// Was the line there? It is afterwards.
bool CacheCore::touch(std::uint64_t line, bool write) {
  Way* const set = all_.data() + line % sets_ * ways_;
  Way* victim = nullptr;
  for (Way* way = set; way != set + ways_; ++way) {
    if (way->used && way->line == line) {
      way->changed = way->changed || write;
      return true;
    }
    if (!way->used && victim == nullptr) victim = way;
  }
  if (victim == nullptr) victim = set + next_random() % ways_;
  if (victim->used && victim->changed) {
    written_back_.push_back(victim->line * line_);
    ++stats_.written_back;
  }
  *victim = {line, true, write};
  return false;
}

void CacheCore::hold(std::uint64_t begin, std::uint64_t end, bool changed) {
  CHECK(stats_.requests == 0) << "a cache that is in use";
  for (std::uint64_t line = begin / line_; line * line_ < end; ++line) touch(line, changed);
  written_back_.clear();
  stats_ = {};
}

// The port moves what is asked for in whole pieces, whether DRAM has to be asked or not. Where
// fills take it as well, what is fetched brings what is asked for along, and is looked up again:
//   done = max(now, port free) + lookup + max(pieces, fetched) / bandwidth + latency
CacheCore::Outcome CacheCore::access(Femtoseconds now, const Access& access) {
  CHECK(access.size.value() > 0) << "an access to nothing";
  ++stats_.requests;
  written_back_.clear();
  Outcome outcome;
  const std::uint64_t begin = access.address, end = begin + access.size.value();
  for (std::uint64_t line = begin / line_; line <= (end - 1) / line_; ++line) {
    if (touch(line, access.write)) {
      ++stats_.hits;
      continue;
    }
    ++stats_.misses;
    // Written whole, nothing of it is needed from DRAM.
    const std::uint64_t from = line * line_, to = from + line_;
    if (access.write && begin <= from && to <= end) continue;
    ++stats_.fetched;
    if (outcome.fetch_end == 0) outcome.fetch_begin = from;
    outcome.fetch_end = to;
  }
  const Femtoseconds start = std::max(now, free_) + lookup_;
  const std::uint64_t asked = ((end - 1) / piece_ - begin / piece_ + 1) * piece_;
  const std::uint64_t fetched = outcome.fetch_end - outcome.fetch_begin;
  free_ = start + (fill_on_port_ && fetched > 0 ? lookup_ + time_of(std::max(asked, fetched))
                                                : time_of(asked));
  outcome.first = start + time_of(std::min(access.size.value(), piece_)) + latency_;
  outcome.done = free_ + latency_;
  return outcome;
}

}  // namespace takt
