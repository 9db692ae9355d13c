// SPDX-License-Identifier: Apache-2.0
#include "sim/backend/last_users.h"

#include <iterator>

namespace takt {

void LastUsers::cut(std::uint64_t at) {
  const auto after = pieces_.lower_bound(at);
  if (after != pieces_.end() && after->first == at) return;
  Uses same;
  if (after != pieces_.begin()) same = std::prev(after)->second;
  pieces_.emplace_hint(after, at, std::move(same));
}

void LastUsers::record(std::uint64_t begin, std::uint64_t end, Role user, std::size_t step,
                       std::uint32_t cores) {
  if (begin >= end || cores == 0) return;
  cut(begin);
  cut(end);
  auto piece = pieces_.find(begin);
  for (; piece->first < end; ++piece) {
    std::vector<Use>& uses = piece->second[static_cast<std::size_t>(user)];
    while (!uses.empty() && uses.back().cores <= cores) uses.pop_back();
    uses.push_back({step, cores});
  }
  // Pieces that became alike are one again, or every size of tile ever used leaves a seam. The
  // seams of this range are the only ones that can have closed.
  piece = pieces_.find(begin);
  if (piece != pieces_.begin()) --piece;
  for (auto next = std::next(piece); next != pieces_.end() && next->first <= end;) {
    if (next->second == piece->second) {
      next = pieces_.erase(next);
    } else {
      piece = next++;
    }
  }
}

void LastUsers::visit(std::uint64_t begin, std::uint64_t end, std::uint32_t cores,
                      const std::function<void(Role, std::uint32_t, std::size_t)>& found) const {
  if (begin >= end) return;
  auto piece = pieces_.upper_bound(begin);
  if (piece != pieces_.begin()) --piece;
  for (; piece != pieces_.end() && piece->first < end; ++piece) {
    for (std::size_t role = 0; role < kRoles; ++role) {
      std::uint32_t core = 0;
      const std::vector<Use>& uses = piece->second[role];
      for (auto use = uses.rbegin(); use != uses.rend(); ++use) {
        for (; core < use->cores && core < cores; ++core) {
          found(static_cast<Role>(role), core, use->step);
        }
      }
    }
  }
}

}  // namespace takt
