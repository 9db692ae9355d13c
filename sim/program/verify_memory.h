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
  /// Bytes with the same history. Readers since the last write, the latest a unit and phase.
  struct Segment {
    ByteRange range;
    Moment writer;
    bool complete = true;
    bool was_read = false;
    FixedVector<Moment, 14> readers;
  };
  using Segments = std::vector<Segment>;

  std::size_t first_after(std::uint64_t address) const;  ///< first segment that ends behind it
  void split(std::size_t index, std::uint64_t at);
  /// Cuts segments at the range's ends; the first segment within it.
  std::size_t isolate(ByteRange range);
  void note_reader(Segment& segment, const Moment& reader);
  void merge(std::size_t first, std::size_t last);

  Segments segments_;  ///< by address, without overlaps
};

}  // namespace takt
