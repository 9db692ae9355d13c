// SPDX-License-Identifier: Apache-2.0
#include "sim/report/timeline.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace takt {
namespace {

using Json = nlohmann::ordered_json;

std::string quoted(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// What a slice is called: the layer, and what is done for it.
std::string slice_name(const TileOp& op, const std::string& layer) {
  if (op.kind != TileOpKind::kLoad && op.kind != TileOpKind::kStore) {
    return layer + " " + to_string(op.kind);
  }
  constexpr std::array<const char*, 4> kRoles{"input", "weights", "operand", "output"};
  return layer + " " + to_string(op.kind) + " " +
         kRoles[static_cast<std::size_t>(op.transfer.role)];
}

std::string slice_arguments(const Program& program, const TileOp& op) {
  Json json;
  json["op"] = op.sequence;
  switch (op.kind) {
    case TileOpKind::kLoad:
    case TileOpKind::kStore:
      json["bytes"] = op.transfer.moved().value();
      if (op.transfer.tensor.valid()) {
        json["tensor"] = program.graph->tensors.at(op.transfer.tensor.index).name;
      }
      break;
    case TileOpKind::kMatrix:
      json["m"] = op.matrix.m;
      json["n"] = op.matrix.n;
      json["k"] = op.matrix.k;
      if (op.matrix.blocks > 1) json["groups"] = op.matrix.blocks;
      break;
    case TileOpKind::kVector:
      json["elements"] = op.vector.elements;
      json["lane_ops"] = op.vector.lane_ops;
      break;
    case TileOpKind::kSync: break;
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Trace events count in microseconds, with a fraction: exact to the picosecond.
std::string microseconds(std::uint64_t picoseconds) {
  std::string fraction = std::to_string(picoseconds % 1'000'000);
  fraction.insert(0, 6 - fraction.size(), '0');
  return std::to_string(picoseconds / 1'000'000) + "." + fraction;
}

}  // namespace

void BandwidthTrack::reach(std::uint64_t cycle) {
  while (cycle / span_ >= kSpansMax) {
    for (std::size_t i = 0; i < bytes_.size(); i += 2) {
      bytes_[i / 2] = bytes_[i] + (i + 1 < bytes_.size() ? bytes_[i + 1] : 0);
    }
    bytes_.resize((bytes_.size() + 1) / 2);
    span_ *= 2;
  }
  if (cycle / span_ >= bytes_.size()) bytes_.resize(cycle / span_ + 1, 0.0);
}

void BandwidthTrack::add(Cycles start, Cycles end, std::uint64_t bytes) {
  const std::uint64_t last = std::max(end.value(), start.value() + 1);
  reach(last - 1);
  const double each = static_cast<double>(bytes) / static_cast<double>(last - start.value());
  for (std::uint64_t at = start.value(); at < last;) {
    const std::uint64_t until = std::min(last, (at / span_ + 1) * span_);
    bytes_[at / span_] += each * static_cast<double>(until - at);
    at = until;
  }
}

TimelineWriter::TimelineWriter(const Program& program, std::ostream& out)
    : program_(program),
      out_(out),
      fill_(std::size_t{program.machine->cores} * program.machine->buffers.size()) {
  out_ << "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[";
  event("{\"ph\":\"M\",\"pid\":0,\"name\":\"process_name\",\"args\":{\"name\":" +
        quoted(program.machine->name) + "}}");
  for (std::size_t i = 0; i < program.units.size(); ++i) {
    const std::string at = "\"pid\":0,\"tid\":" + std::to_string(i);
    event("{\"ph\":\"M\"," + at +
          ",\"name\":\"thread_name\",\"args\":{\"name\":" + quoted(program.units[i].name) + "}}");
    event("{\"ph\":\"M\"," + at +
          ",\"name\":\"thread_sort_index\",\"args\":{\"sort_index\":" + std::to_string(i) + "}}");
  }
}

void TimelineWriter::event(const std::string& text) {
  out_ << (first_ ? "\n" : ",\n") << text;
  first_ = false;
}

std::uint64_t TimelineWriter::picoseconds(Cycles cycles) const {
  return program_.machine->clock.time_of(cycles).value() / 1000;
}

void TimelineWriter::span(const TileOp& op, Cycles start, Cycles end) {
  if (op.kind == TileOpKind::kLoad || op.kind == TileOpKind::kStore) {
    const std::uint64_t bytes = op.transfer.moved().value();
    // A transfer between host and DRAM crosses both.
    if (op.transfer.space == Space::kHost) host_.add(start, end, bytes);
    const Space device = op.transfer.space == Space::kHost ? op.transfer.near : op.transfer.space;
    const bool to_memory = op.transfer.space != Space::kHost || !op.transfer.buffer.valid();
    if (to_memory && device == Space::kDram) dram_.add(start, end, bytes);
  }
  note_accesses(op, start, end);
  // Both ends are rounded before they are subtracted: slices that touch in cycles touch on screen.
  const std::uint64_t begin_ps = picoseconds(start);
  const std::uint64_t end_ps = picoseconds(end);
  const std::string layer = program_.regions.at(op.region).name;
  event("{\"ph\":\"X\",\"pid\":0,\"tid\":" + std::to_string(op.unit.index) +
        ",\"ts\":" + microseconds(begin_ps) + ",\"dur\":" + microseconds(end_ps - begin_ps) +
        ",\"name\":" + quoted(slice_name(op, layer)) + ",\"cat\":" + quoted(layer) +
        ",\"args\":" + slice_arguments(program_, op) + "}");
}

void TimelineWriter::counter(const std::string& name, Cycles when, std::uint64_t value) {
  event("{\"ph\":\"C\",\"pid\":0,\"ts\":" + microseconds(picoseconds(when)) +
        ",\"name\":" + quoted(name) + ",\"args\":{\"value\":" + std::to_string(value) + "}}");
}

void TimelineWriter::bandwidth_counter(const char* name, const BandwidthTrack& track) {
  if (track.bytes().empty()) return;
  const double seconds =
      static_cast<double>(track.span_cycles()) / static_cast<double>(program_.machine->clock.hz());
  for (std::size_t i = 0; i <= track.bytes().size(); ++i) {
    const double bytes = i < track.bytes().size() ? track.bytes()[i] : 0;
    event("{\"ph\":\"C\",\"pid\":0,\"ts\":" +
          microseconds(picoseconds(Cycles(i * track.span_cycles()))) + ",\"name\":\"" + name +
          "\",\"args\":{\"GB/s\":" + Json(bytes / seconds / 1e9).dump() + "}}");
  }
}

void TimelineWriter::note_accesses(const TileOp& op, Cycles start, Cycles end) {
  const std::size_t kinds = program_.machine->buffers.size();
  const std::size_t first = program_.units.at(op.unit.index).core * kinds;
  for (const bool write : {false, true}) {  // an op may overwrite in place what it has read
    for (const SramAccess& access : op.accesses) {
      if (access.write != write) continue;
      Filling& filling = fill_.at(first + access.buffer.index);
      if (!write) {
        filling.live.read(access.address, access.span, end);
        continue;
      }
      filling.live.write(access.address, access.span, start, end,
                         [&](Cycles from, Cycles until, std::uint64_t bytes) {
                           if (until > from) {
                             filling.byte_cycles.add(from, until, bytes * (until - from).value());
                           }
                         });
    }
  }
}

void TimelineWriter::fill_counter(std::size_t which) {
  const std::size_t kinds = program_.machine->buffers.size();
  Filling& filling = fill_[which];
  BandwidthTrack& track = filling.byte_cycles;
  filling.live.finish([&](Cycles from, Cycles until, std::uint64_t bytes) {
    if (until > from) track.add(from, until, bytes * (until - from).value());
  });
  if (track.bytes().empty()) return;
  const std::string name =
      "core" + std::to_string(which / kinds) + "." + program_.machine->buffers[which % kinds].name;
  for (std::size_t i = 0; i <= track.bytes().size(); ++i) {
    const double sum = i < track.bytes().size() ? track.bytes()[i] : 0;
    event("{\"ph\":\"C\",\"pid\":0,\"ts\":" +
          microseconds(picoseconds(Cycles(i * track.span_cycles()))) +
          ",\"name\":" + quoted(name + " fill") + ",\"args\":{\"KiB\":" +
          Json(sum / static_cast<double>(track.span_cycles()) / 1024).dump() + "}}");
  }
}

void TimelineWriter::finish() {
  bandwidth_counter("DRAM bandwidth", dram_);
  bandwidth_counter("host bandwidth", host_);
  for (std::size_t i = 0; i < fill_.size(); ++i) fill_counter(i);
  out_ << "\n]}\n";
}

}  // namespace takt
