// SPDX-License-Identifier: Apache-2.0
#pragma once
// timeline.json: Chrome's trace-event form, which Perfetto (ui.perfetto.dev) and chrome://tracing
// open. A row a unit, a slice a tile op; counters for DRAM and host bandwidth, for the fill of each
// buffer, and those of the engine.

#include <array>
#include <ostream>
#include <string>
#include <vector>

#include "sim/engine/engine.h"
#include "sim/report/buffer_fill.h"

namespace takt {

/// Bytes by equal spans of time whose number stays bounded: when they are used up, neighbours merge
/// and the span doubles.
class BandwidthTrack {
 public:
  static constexpr std::size_t kSpansMax = 4096;
  void add(Cycles start, Cycles end, std::uint64_t bytes);
  std::uint64_t span_cycles() const { return span_; }
  const std::vector<double>& bytes() const { return bytes_; }

 private:
  void reach(std::uint64_t cycle);
  std::uint64_t span_ = 64;
  std::vector<double> bytes_;
};

/// Writes events as they come: a run of millions of ops must not be kept. finish() closes the file.
class TimelineWriter : public SpanSink {
 public:
  /// `program` gives names of units, layers and tensors; it and `out` outlive this.
  TimelineWriter(const Program& program, std::ostream& out);
  void span(const TileOp& op, Cycles start, Cycles end) override;
  void counter(const std::string& name, Cycles when, std::uint64_t value) override;
  void finish();

 private:
  void event(const std::string& text);
  std::uint64_t picoseconds(Cycles cycles) const;
  void bandwidth_counter(const char* name, const BandwidthTrack& track);
  void note_accesses(const TileOp& op, Cycles start, Cycles end);
  void fill_counter(std::size_t which);

  const Program& program_;
  std::ostream& out_;
  bool first_ = true;
  BandwidthTrack dram_, host_;
  struct Filling {
    BufferFill live;
    BandwidthTrack byte_cycles;  ///< bytes there times cycles: over a span, its mean fill
  };
  std::vector<Filling> fill_;  ///< core x Machine::buffers
};

}  // namespace takt
