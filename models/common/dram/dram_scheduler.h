// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which request a channel serves next: first ready, first come, first served (Rixner et al., ISCA
// 2000), reads and writes in batches, nobody passed over for ever.

#include <vector>

#include "models/common/dram/dram_core.h"

namespace takt {

struct DramQueued {
  DramRequest request;
  Cycles arrival{};
  void* owner = nullptr;  ///< whose it is, and by which port it came: not looked at here
  int port = 0;
};

class DramScheduler {
 public:
  /// So many requests of one direction in a row while the other waits, and so often may the oldest
  /// request be passed over.
  static constexpr std::uint32_t kBatch = 16;
  static constexpr std::uint32_t kPassedMax = 32;

  /// Looks at the `window` oldest requests that have arrived.
  DramScheduler(const DramCore& core, std::uint32_t window) : core_(core), window_(window) {}

  /// Requests may be pushed ahead of their arrival; equal arrivals keep the order of pushing.
  void push(const DramQueued& queued);
  /// The request to serve at `now`, taken off the queue; false if none has arrived.
  bool pick(Cycles now, DramQueued& picked);

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  /// Arrival of the oldest request; there must be one.
  Cycles next_arrival() const { return nodes_[head_].arrival; }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  /// What choosing looks at; the rest of the request lies apart, at the same index.
  struct Node {
    Cycles arrival{};
    std::uint64_t row = 0;   ///< of its first burst
    std::uint32_t bank = 0;  ///< DramCore::bank_index()
    std::uint32_t before = kNone, after = kNone;
    bool write = false;
  };
  std::uint32_t choose(Cycles now) const;
  void take(std::uint32_t index, DramQueued& taken);

  const DramCore& core_;
  std::uint32_t window_;
  std::vector<Node> nodes_;  ///< a pool; the queue is a list through it, by arrival
  std::vector<DramQueued> requests_;
  std::vector<std::uint32_t> idle_;
  std::uint32_t head_ = kNone, tail_ = kNone;
  std::size_t size_ = 0;
  std::uint32_t passed_ = 0;  ///< how often the oldest has been passed over
  std::uint32_t batch_ = 0;   ///< requests of this direction in a row
  bool writing_ = false;
};

}  // namespace takt
