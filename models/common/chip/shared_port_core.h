// SPDX-License-Identifier: Apache-2.0
#pragma once
// The buffer that all cores share, as their DMA engines see it: each has a link of its own, and all
// meet at the banks.

#include "models/common/dma/transfer_port.h"
#include "models/common/sram/sram_core.h"

namespace takt {

class SharedPort : public TransferPort {
 public:
  /// `memory` has the ports of all cores' engines, and must outlive this.
  SharedPort(SramCore& memory, Bytes width) : memory_(memory), width_(width.value()) {}
  void set_listener(TransferListener& listener) override { listener_ = &listener; }
  bool has_room() const override { return true; }
  /// Answers at once. The floor is what link and ports take without others; who meets others at a
  /// bank is held up.
  void start(const TransferJob& job) override;

 private:
  SramCore& memory_;
  std::uint64_t width_;
  TransferListener* listener_ = nullptr;
};

}  // namespace takt
