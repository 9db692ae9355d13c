// SPDX-License-Identifier: Apache-2.0
#include "sim/program/verify_memory.h"

#include <algorithm>

namespace takt {
namespace {

ByteRange intersection(ByteRange a, ByteRange b) {
  return {std::max(a.begin, b.begin), std::min(a.end, b.end)};
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

void MemoryMap::note_reader(Segment& segment, ByteRange range, const Moment& reader) {
  const ByteRange here = intersection(segment.range, range);
  for (Reader& known : segment.readers) {
    if (known.last.unit != reader.unit || known.last.phase != reader.phase) continue;
    known.last = reader;
    known.range = {std::min(known.range.begin, here.begin), std::max(known.range.end, here.end)};
    return;
  }
  segment.readers.push_back({reader, here});
}

AccessFault MemoryMap::read(const TokenOrder& order, ByteRange range, const Moment& reader,
                            bool stationary, bool want_complete) {
  using Kind = AccessFault::Kind;
  AccessFault fault;
  std::uint64_t at = range.begin;
  for (std::size_t i = first_after(range.begin);
       i < segments_.size() && segments_[i].range.begin < range.end; ++i) {
    Segment& segment = segments_[i];
    const ByteRange here = intersection(segment.range, range);
    if (here.begin > at && fault.kind == Kind::kNone) {
      fault = {Kind::kNeverWritten, {at, here.begin}, {}};
    }
    at = here.end;
    if (fault.kind == Kind::kNone && !order.over(segment.writer, stationary)) {
      fault = {Kind::kReadTooEarly, here, segment.writer};
    }
    if (fault.kind == Kind::kNone && want_complete && !segment.complete) {
      fault = {Kind::kNotComplete, here, segment.writer};
    }
    note_reader(segment, range, reader);
  }
  if (at < range.end && fault.kind == Kind::kNone) {
    fault = {Kind::kNeverWritten, {at, range.end}, {}};
  }
  return fault;
}

AccessFault MemoryMap::overwrites(const TokenOrder& order, const Segment& segment, ByteRange range,
                                  bool sums) {
  using Kind = AccessFault::Kind;
  const ByteRange here = intersection(segment.range, range);
  if (!order.over(segment.writer, false)) return {Kind::kOverwritesWriter, here, segment.writer};
  bool was_read = false;
  for (const Reader& reader : segment.readers) {
    const ByteRange both = intersection(reader.range, here);
    if (both.begin >= both.end) continue;
    was_read = true;
    if (!order.over(reader.last, false)) return {Kind::kOverwritesReader, both, reader.last};
  }
  if (sums && !was_read) return {Kind::kLost, here, segment.writer};
  return {};
}

AccessFault MemoryMap::write(const TokenOrder& order, ByteRange range, const Moment& writer,
                             bool complete, bool sums) {
  AccessFault fault;
  const std::size_t first = isolate(range);
  std::size_t last = first;
  for (; last < segments_.size() && segments_[last].range.begin < range.end; ++last) {
    if (fault.kind != AccessFault::Kind::kNone) continue;
    fault = overwrites(order, segments_[last], range, sums);
  }
  if (first == last) {
    segments_.insert(segments_.begin() + static_cast<std::ptrdiff_t>(first), Segment{});
  } else {
    segments_.erase(segments_.begin() + static_cast<std::ptrdiff_t>(first) + 1,
                    segments_.begin() + static_cast<std::ptrdiff_t>(last));
  }
  Segment& fresh = segments_[first];
  fresh.range = range;
  fresh.writer = writer;
  fresh.complete = complete;
  fresh.readers.clear();
  return fault;
}

}  // namespace takt
