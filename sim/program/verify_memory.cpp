// SPDX-License-Identifier: Apache-2.0
#include "sim/program/verify_memory.h"

#include <algorithm>

namespace takt {
namespace {

bool same(const Moment& a, const Moment& b) {
  return a.count == b.count && a.unit == b.unit && a.phase == b.phase;
}

}  // namespace

std::size_t MemoryMap::first_after(std::uint64_t address) const {
  const auto at =
      std::upper_bound(segments_.begin(), segments_.end(), address,
                       [](std::uint64_t a, const Segment& s) { return a < s.range.end; });
  return static_cast<std::size_t>(at - segments_.begin());
}

void MemoryMap::split(std::size_t index, std::uint64_t at) {
  Segment upper = segments_[index];
  upper.range.begin = at;
  segments_[index].range.end = at;
  segments_.insert(segments_.begin() + static_cast<std::ptrdiff_t>(index) + 1, upper);
}

std::size_t MemoryMap::isolate(ByteRange range) {
  std::size_t first = first_after(range.begin);
  if (first < segments_.size() && segments_[first].range.begin < range.begin) {
    split(first++, range.begin);
  }
  for (std::size_t i = first; i < segments_.size() && segments_[i].range.begin < range.end; ++i) {
    if (segments_[i].range.end > range.end) split(i, range.end);
  }
  return first;
}

void MemoryMap::note_reader(Segment& segment, const Moment& reader) {
  segment.was_read = true;
  for (Moment& known : segment.readers) {
    if (known.unit == reader.unit && known.phase == reader.phase) {
      known = reader;
      return;
    }
  }
  segment.readers.push_back(reader);
}

void MemoryMap::merge(std::size_t first, std::size_t last) {
  std::size_t kept = first;
  for (std::size_t i = first + 1; i < last; ++i) {
    Segment& a = segments_[kept];
    const Segment& b = segments_[i];
    bool equal = a.range.end == b.range.begin && same(a.writer, b.writer) &&
                 a.complete == b.complete && a.readers.size() == b.readers.size();
    for (std::size_t r = 0; equal && r < a.readers.size(); ++r) {
      equal = same(a.readers[r], b.readers[r]);
    }
    if (equal) {
      a.range.end = b.range.end;
    } else if (++kept != i) {
      segments_[kept] = b;
    }
  }
  segments_.erase(segments_.begin() + static_cast<std::ptrdiff_t>(kept) + 1,
                  segments_.begin() + static_cast<std::ptrdiff_t>(last));
}

AccessFault MemoryMap::read(const TokenOrder& order, ByteRange range, const Moment& reader,
                            bool stationary, bool want_complete) {
  using Kind = AccessFault::Kind;
  AccessFault fault;
  std::uint64_t at = range.begin;
  const std::size_t first = isolate(range);
  std::size_t i = first;
  for (; i < segments_.size() && segments_[i].range.begin < range.end; ++i) {
    Segment& segment = segments_[i];
    if (segment.range.begin > at && fault.kind == Kind::kNone) {
      fault = {Kind::kNeverWritten, {at, segment.range.begin}, {}};
    }
    at = segment.range.end;
    if (fault.kind == Kind::kNone && !order.over(segment.writer, stationary)) {
      fault = {Kind::kReadTooEarly, segment.range, segment.writer};
    }
    if (fault.kind == Kind::kNone && want_complete && !segment.complete) {
      fault = {Kind::kNotComplete, segment.range, segment.writer};
    }
    note_reader(segment, reader);
  }
  if (at < range.end && fault.kind == Kind::kNone) {
    fault = {Kind::kNeverWritten, {at, range.end}, {}};
  }
  // Reads of pieces of one write leave pieces behind; those that have become alike grow together.
  if (i - first > 4) merge(first, i);
  return fault;
}

AccessFault MemoryMap::write(const TokenOrder& order, ByteRange range, const Moment& writer,
                             bool complete, bool sums) {
  using Kind = AccessFault::Kind;
  AccessFault fault;
  const std::size_t first = isolate(range);
  std::size_t last = first;
  for (; last < segments_.size() && segments_[last].range.begin < range.end; ++last) {
    const Segment& segment = segments_[last];
    if (fault.kind != Kind::kNone) continue;
    if (!order.over(segment.writer, false)) {
      fault = {Kind::kOverwritesWriter, segment.range, segment.writer};
    } else if (sums && !segment.was_read) {
      fault = {Kind::kLost, segment.range, segment.writer};
    }
    for (const Moment& reader : segment.readers) {
      if (fault.kind == Kind::kNone && !order.over(reader, false)) {
        fault = {Kind::kOverwritesReader, segment.range, reader};
      }
    }
  }
  Segment fresh;
  fresh.range = range;
  fresh.writer = writer;
  fresh.complete = complete;
  if (first == last) {
    segments_.insert(segments_.begin() + static_cast<std::ptrdiff_t>(first), fresh);
  } else {
    segments_[first] = fresh;
    segments_.erase(segments_.begin() + static_cast<std::ptrdiff_t>(first) + 1,
                    segments_.begin() + static_cast<std::ptrdiff_t>(last));
  }
  return fault;
}

}  // namespace takt
