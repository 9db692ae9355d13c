// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who wrote and who read which bytes (or accumulator rows) last: the race check of one memory.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/program/verify_order.h"

namespace takt {

struct ByteRange {
  std::uint64_t begin = 0, end = 0;
};

/// What can be wrong with one access, worst first.
struct AccessFault {
  enum class Kind {
    kNone,
    kNeverWritten,      ///< read of bytes nobody wrote
    kReadTooEarly,      ///< nothing orders the read after its writer
    kOverwritesWriter,  ///< nothing orders the write after the write before
    kOverwritesReader,  ///< nothing orders the write after a reader of the old bytes
    kNotComplete,       ///< read of sums that are not complete
    kLost,              ///< sums overwritten that nobody read
  } kind = Kind::kNone;
  ByteRange where;
  Moment other;  ///< whom it runs into
};

class MemoryMap {
 public:
  /// Bytes are read by an op between order.start and order.end; `phase` is when it has read them.
  AccessFault read(const TokenOrder& order, ByteRange range, const Moment& reader, bool stationary,
                   bool want_complete = false);
  /// `complete` = false: a partial sum, to be read by nobody but its adder. `sums`: results that
  /// nobody has read must not be overwritten.
  AccessFault write(const TokenOrder& order, ByteRange range, const Moment& writer,
                    bool complete = true, bool sums = false);
  std::size_t size() const { return segments_.size(); }

 private:
  /// What one unit read up to a phase since the last write: where at all, and when last. Reads do
  /// not cut a segment up, so of pieces read at several times the last counts for all.
  struct Reader {
    Moment last;
    ByteRange range;
  };
  /// Bytes that were written together.
  struct Segment {
    ByteRange range;
    Moment writer;
    bool complete = true;
    std::vector<Reader> readers;
  };
  using Segments = std::vector<Segment>;

  std::size_t first_after(std::uint64_t address) const;  ///< first segment that ends behind it
  void split(std::size_t index, std::uint64_t at);
  /// Cuts segments at the range's ends; the first segment within it.
  std::size_t isolate(ByteRange range);
  static void note_reader(Segment& segment, ByteRange range, const Moment& reader);
  static AccessFault overwrites(const TokenOrder& order, const Segment& segment, ByteRange range,
                                bool sums);

  Segments segments_;  ///< by address, without overlaps
};

}  // namespace takt
