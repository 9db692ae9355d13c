// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which step used which bytes of an on-chip buffer last, by kind of user and core: what a step that
// writes them anew must wait for. Steps are recorded in order, so a question costs what lies in the
// bytes asked for, not what ran before.

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "sim/backend/region_plan.h"

namespace takt {

class LastUsers {
 public:
  /// Step `step` used bytes [begin, end) on cores [0, cores). Steps never decrease.
  void record(std::uint64_t begin, std::uint64_t end, Role user, std::size_t step,
              std::uint32_t cores);

  /// Visits (user, core, step) for every use of [begin, end) that may be the last of its user on
  /// its core, of cores [0, cores); some are visited more than once, or with an earlier one.
  void visit(std::uint64_t begin, std::uint64_t end, std::uint32_t cores,
             const std::function<void(Role, std::uint32_t, std::size_t)>& found) const;

 private:
  struct Use {
    std::size_t step = 0;
    std::uint32_t cores = 0;
    bool operator==(const Use& other) const { return step == other.step && cores == other.cores; }
  };
  /// By role: uses with falling numbers of cores and rising steps; what a later step on as many
  /// cores hides is gone.
  using Uses = std::array<std::vector<Use>, kRoles>;

  /// Makes `at` the beginning of a piece.
  void cut(std::uint64_t at);

  std::map<std::uint64_t, Uses> pieces_;  ///< by first byte, up to the next one's
};

}  // namespace takt
