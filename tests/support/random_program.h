// SPDX-License-Identifier: Apache-2.0
#pragma once
// Random valid programs: tiles that go load -> matrix -> vector -> store through slots, interleaved
// in any order that op-by-op play allows, with reused weights, syncs, barriers and host transfers.

#include <array>
#include <memory>

#include "sim/base/random.h"
#include "tests/support/program_builder.h"

namespace takt::test {

struct RandomProgramShape {
  std::uint64_t regions_max = 4;
  std::uint64_t tiles_max = 20;  ///< a region and core
};

/// Writes the tiles of one region and core.
class RandomRegion {
 public:
  RandomRegion(ProgramBuilder& b, Random& random, std::uint32_t core, const std::string& name)
      : b_(b), random_(random), core_(core), name_(name) {}

  void play(std::uint64_t tiles) {
    weight_slots_ = slots("weights", StallCause::kWeights, StallCause::kOutputs);
    input_slots_ = slots("inputs", StallCause::kInputs, StallCause::kOutputs);
    output_slots_ = slots("outputs", StallCause::kVector, StallCause::kOutputs);
    store_slots_ = slots("stores", StallCause::kDependency, StallCause::kOutputs);
    if (with_sync_ = random_.between(0, 2) == 0; with_sync_) {
      sync_channel_ = b_.channel(name_ + ".sync", StallCause::kDependency);
    }
    // Stage s of tile t may be written once stage s of t-1 and s-1 of t are, and a slot is free.
    // The last stage can always go on, so this ends.
    std::array<std::uint64_t, 5> at{};
    while (at[4] < tiles) {
      const std::size_t s = random_.between(0, 4);
      if (at[s] == tiles || (s > 0 && at[s] >= at[s - 1])) continue;
      if (!room_for(s, at)) continue;
      write(s, at[s], tiles);
      ++at[s];
    }
  }

 private:
  struct Slots {
    ChannelId ready, free;
    std::uint64_t count;
  };
  Slots slots(const char* what, StallCause ready, StallCause free) {
    Slots s;
    s.count = random_.between(1, 3);
    const std::string prefix = name_ + "." + what;
    s.ready = b_.channel(prefix + ".ready", ready);
    s.free = b_.channel(prefix + ".free", free, static_cast<std::uint32_t>(s.count),
                        static_cast<std::uint32_t>(s.count));
    return s;
  }
  /// 0 weights, 1 inputs, 2 matrix, 3 vector, 4 store.
  bool room_for(std::size_t s, const std::array<std::uint64_t, 5>& at) const {
    switch (s) {
      case 0: return at[0] - at[2] < weight_slots_.count;
      case 1: return at[1] - at[2] < input_slots_.count;
      case 2: return at[2] - at[3] < output_slots_.count;
      case 3: return at[3] - at[4] < store_slots_.count;
      default: return true;
    }
  }
  std::uint32_t size() { return static_cast<std::uint32_t>(random_.between(1, 64)); }

  /// Somewhere in the first quarter of the buffer.
  std::uint64_t somewhere() { return 16 * random_.between(0, 16'000); }

  void write(std::size_t stage, std::uint64_t tile, std::uint64_t tiles) {
    const std::uint64_t bytes = 16 * random_.between(1, stage == 0 ? 200 : 100);
    switch (stage) {
      case 0:
        b_.load(bytes, core_)
            .touches(somewhere(), bytes, true)
            .needs(weight_slots_.free)
            .gives(weight_slots_.ready);
        return;
      case 1: {
        OpMaker op = b_.load(bytes, core_);
        op.touches(somewhere(), bytes, true).needs(input_slots_.free).gives(input_slots_.ready);
        if (with_sync_ && tile + 1 == tiles) op.gives(sync_channel_);
        return;
      }
      case 2: write_matrix(tile + 1 == tiles); return;
      case 3:
        b_.vector(random_.between(1, 2000), core_)
            .touches(somewhere(), bytes, true)
            .needs(output_slots_.ready)
            .needs(store_slots_.free)
            .gives(output_slots_.free, Phase::kIssued)
            .gives(store_slots_.ready);
        return;
      default:
        b_.store(bytes, core_)
            .touches(somewhere(), bytes, false)
            .needs(store_slots_.ready)
            .gives(store_slots_.free);
        return;
    }
  }

  /// One to three passes over the same stationary operand; first and last take and give the slots.
  void write_matrix(bool last_tile) {
    if (with_sync_ && last_tile) b_.sync(UnitKind::kMatrix, core_).needs(sync_channel_);
    const std::uint64_t passes = random_.between(1, 3);
    const std::uint32_t n = size(), k = size();
    for (std::uint64_t pass = 0; pass < passes; ++pass) {
      const std::uint32_t m = size();
      OpMaker op = b_.matrix(m, n, k, pass == 0, core_);
      op.touches(somewhere(), std::uint64_t{m} * k, false);
      if (pass == 0) {
        op.touches(somewhere(), std::uint64_t{n} * k, false, Transfer::Role::kWeight);
      }
      if (pass == 0) {
        op.needs(weight_slots_.ready).gives(weight_slots_.free, Phase::kStationaryLoaded);
      }
      // Inputs come with the first pass or, as in a reused weight tile, with the last.
      if (pass == (late_inputs_ ? passes - 1 : 0)) op.needs(input_slots_.ready);
      if (pass + 1 == passes) {
        op.needs(output_slots_.free)
            .gives(input_slots_.free, Phase::kIssued)
            .gives(output_slots_.ready);
      }
    }
    late_inputs_ = random_.between(0, 1) == 1;
  }

  ProgramBuilder& b_;
  Random& random_;
  std::uint32_t core_;
  std::string name_;
  Slots weight_slots_{}, input_slots_{}, output_slots_{}, store_slots_{};
  bool with_sync_ = false, late_inputs_ = false;
  ChannelId sync_channel_;
};

/// A program for `machine`; `builder` must outlive it.
inline Program random_program(ProgramBuilder& builder, std::uint64_t seed,
                              const RandomProgramShape& shape = {}) {
  Random random(seed);
  const Machine& machine = builder.machine();
  const std::uint64_t regions = random.between(1, shape.regions_max);
  const bool host = machine.host.enabled && random.between(0, 1) == 1;
  ChannelId arrived;
  if (host) {
    arrived = builder.channel("host.arrived", StallCause::kHost);
    builder.host_in(16 * random.between(1, 400)).gives(arrived);
    builder.sync(UnitKind::kDmaIn).needs(arrived);
  }
  ChannelId barrier;
  for (std::uint64_t r = 0; r < regions; ++r) {
    if (r > 0) builder.region("r" + std::to_string(r));
    for (std::uint32_t core = 0; core < machine.cores; ++core) {
      const std::string name = "r" + std::to_string(r) + ".core" + std::to_string(core);
      // Now and then core 0 may only go on when what it stored has arrived.
      const bool waits = core == 0 && barrier.valid();
      if (waits) {
        builder.sync(UnitKind::kDmaIn, core).needs(barrier);
        barrier = ChannelId{};
      }
      RandomRegion(builder, random, core, name).play(random.between(1, shape.tiles_max));
      if (core == 0 && r + 1 < regions && random.between(0, 1) == 1) {
        barrier = builder.channel(name + ".stored", StallCause::kDependency);
        builder.store(16 * random.between(1, 100), core).gives(barrier);
      }
    }
  }
  if (host) {
    const ChannelId stored = builder.channel("host.leaves", StallCause::kDependency);
    builder.sync(UnitKind::kDmaOut).gives(stored);
    builder.host_out(16 * random.between(1, 400)).needs(stored);
  }
  return builder.build();
}

}  // namespace takt::test
