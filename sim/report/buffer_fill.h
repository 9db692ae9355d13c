// SPDX-License-Identifier: Apache-2.0
#pragma once
// How full an on-chip buffer is: bytes count from the start of the op that writes them to the end
// of the last op that reads them before they are written again. Docs: docs/metrics.md.

#include <cstdint>
#include <functional>
#include <map>

#include "sim/base/quantity.h"

namespace takt {

/// One buffer. Accesses to the same bytes must come in their order in time, as tokens make them; of
/// others the order does not matter.
class BufferFill {
 public:
  /// Told of `bytes` that were live in [from, until), once nothing can change that any more.
  using Live = std::function<void(Cycles from, Cycles until, std::uint64_t bytes)>;

  void write(std::uint64_t address, std::uint64_t size, Cycles start, Cycles end, const Live& live);
  void read(std::uint64_t address, std::uint64_t size, Cycles end);
  /// All that is left.
  void finish(const Live& live);

 private:
  struct Piece {
    std::uint64_t end = 0;  ///< address
    Cycles from{}, until{};
    bool read = false;
  };
  using Pieces = std::map<std::uint64_t, Piece>;  ///< by first address, apart from each other
  Pieces::iterator first_beyond(std::uint64_t address);
  void cut(std::uint64_t address);

  Pieces pieces_;
};

}  // namespace takt
