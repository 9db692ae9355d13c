// SPDX-License-Identifier: Apache-2.0
#include "sim/report/buffer_fill.h"

#include <algorithm>

namespace takt {

/// The first piece that ends behind `address`.
BufferFill::Pieces::iterator BufferFill::first_beyond(std::uint64_t address) {
  auto at = pieces_.upper_bound(address);
  if (at != pieces_.begin() && std::prev(at)->second.end > address) --at;
  return at;
}

/// No piece reaches over `address`.
void BufferFill::cut(std::uint64_t address) {
  const auto at = first_beyond(address);
  if (at == pieces_.end() || at->first >= address) return;
  Piece rest = at->second;
  at->second.end = address;
  pieces_.emplace(address, rest);
}

// What was there and has been read is over. What has not is still waited for: results that are
// written in turns, a column here and a column there, lie in each other's ranges.
void BufferFill::write(std::uint64_t address, std::uint64_t size, Cycles start, Cycles end,
                       const Live& live) {
  if (size == 0) return;
  cut(address);
  cut(address + size);
  auto at = first_beyond(address);
  Piece fresh{address + size, start, end, false};
  while (at != pieces_.end() && at->first < address + size) {
    const Piece& old = at->second;
    if (old.read) {
      live(old.from, std::min(old.until, std::max(start, old.from)), old.end - at->first);
    } else {
      fresh.from = std::min(fresh.from, old.from);
    }
    at = pieces_.erase(at);
  }
  pieces_.emplace_hint(at, address, fresh);
}

void BufferFill::read(std::uint64_t address, std::uint64_t size, Cycles end) {
  for (auto at = first_beyond(address); at != pieces_.end() && at->first < address + size; ++at) {
    at->second.until = std::max(at->second.until, end);
    at->second.read = true;
  }
}

void BufferFill::finish(const Live& live) {
  for (const auto& [address, piece] : pieces_) live(piece.from, piece.until, piece.end - address);
  pieces_.clear();
}

}  // namespace takt
