// SPDX-License-Identifier: Apache-2.0
#pragma once
// A DMA engine's or host direction's stream, with real memories behind: an op takes at least what
// TransferTiming says, and longer when the memories say so.

#include <vector>

#include "models/common/chip/pipe_player_core.h"

namespace takt {

/// Hears how its transfers go. Moments may lie ahead of the present, never behind what was asked.
class TransferClient {
 public:
  virtual ~TransferClient() = default;
  /// The engine may begin its next transfer from `at` on. Comes once, before finished().
  virtual void freed(std::uint64_t ticket, Cycles at) = 0;
  /// The last byte is there at `at`.
  virtual void finished(std::uint64_t ticket, Cycles at) = 0;
};

struct TransferJob {
  PackedOp* op = nullptr;  ///< valid until finished()
  std::uint64_t ticket = 0;
  Cycles start{};
  Cycles free_floor{};  ///< start + occupancy: not freed before
  Cycles done_floor{};  ///< not finished before
};

/// What moves the bytes.
class TransferPort {
 public:
  virtual ~TransferPort() = default;
  virtual void begin(const TransferJob& job, TransferClient& client) = 0;
};

class TransferPlayer : public PipePlayer, private TransferClient {
 public:
  TransferPlayer(PlayerContext& context, UnitId unit, TransferPort& port)
      : PipePlayer(context, unit), port_(port) {}
  std::optional<Cycles> advance(Cycles now) override;
  Cycles last() const override;
  void describe_blocked(std::vector<std::string>& into) const override;

 private:
  struct Flight {
    PackedOp* queued = nullptr;
    Booking booking;
  };
  void begin(const Waits& waits);
  void freed(std::uint64_t ticket, Cycles at) override;
  void finished(std::uint64_t ticket, Cycles at) override;

  TransferPort& port_;
  std::vector<Flight> flights_;  ///< by ticket
  std::vector<std::uint64_t> idle_;
  bool moving_ = false;  ///< the last transfer has not freed the engine yet
};

}  // namespace takt
