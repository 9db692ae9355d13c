// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which tensors stay in the unified buffer from their first use to their last.

#include <optional>

#include "sim/backend/layout.h"

namespace takt {

/// Why a tensor cannot stay there, or an empty text.
std::string resident_fault(const RegionGraph& graph, const Machine& machine,
                           const std::vector<TensorUse>& uses, std::size_t tensor);

/// Choices that are worth a try, by tensor: all subsets of few candidates, else as many as find
/// room and none.
std::vector<std::vector<bool>> residency_choices(const RegionGraph& graph, const Machine& machine,
                                                 const std::vector<TensorUse>& uses);

/// One choice, out of which tensors are dropped where layers turn out to be tight.
class Residents {
 public:
  Residents(const RegionGraph& graph, const std::vector<TensorUse>& uses,
            std::vector<bool> resident);
  const std::vector<bool>& tensors() const { return resident_; }
  std::uint64_t bytes_at(std::size_t region) const { return live_[region]; }
  /// Drops the largest one that is there at a region; its first region, or none if none is there.
  std::optional<std::size_t> drop_at(std::size_t region);

 private:
  std::uint64_t bytes_of_tensor(std::size_t tensor) const;

  const RegionGraph& graph_;
  const std::vector<TensorUse>& uses_;
  std::vector<bool> resident_;       ///< by tensor
  std::vector<std::uint64_t> live_;  ///< by region: bytes of residents
};

}  // namespace takt
