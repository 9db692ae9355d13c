// SPDX-License-Identifier: Apache-2.0
#pragma once
// A DMA engine's or host direction's stream, with real memories behind: an op takes at least what
// TransferTiming says, and longer when the memories say so.

#include <vector>

#include "models/common/chip/pipe_player_core.h"
#include "models/common/chip/transfer_route_core.h"

namespace takt {

class TransferPlayer : public PipePlayer, private TransferListener {
 public:
  TransferPlayer(PlayerContext& context, UnitId unit, TransferRoute& route);
  std::optional<Cycles> advance(Cycles now) override;
  Cycles last() const override;
  void describe_blocked(std::vector<std::string>& into) const override;

 private:
  struct Flight {
    PackedOp* queued = nullptr;
    Booking booking;
  };
  void begin(const Waits& waits);
  void requested(std::uint64_t id, Cycles free) override;
  void finished(std::uint64_t id, Cycles done) override;

  TransferRoute& route_;
  std::vector<Flight> flights_;  ///< by TransferJob::id
  std::vector<std::uint64_t> idle_;
  bool moving_ = false;  ///< the last transfer has not freed the engine yet
};

}  // namespace takt
