// SPDX-License-Identifier: Apache-2.0
#pragma once
// Integers that do not mix: an id indexes the one vector it was made for.

#include <cstdint>
#include <functional>
#include <limits>

namespace takt {

template <class Tag>
struct Id {
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t index = kNone;
  constexpr bool valid() const { return index != kNone; }
  friend constexpr bool operator==(Id a, Id b) { return a.index == b.index; }
  friend constexpr bool operator!=(Id a, Id b) { return a.index != b.index; }
  friend constexpr bool operator<(Id a, Id b) { return a.index < b.index; }
};

using TensorId = Id<struct TensorTag>;    ///< Graph::tensors
using OpId = Id<struct OpTag>;            ///< Graph::ops
using UnitId = Id<struct UnitTag>;        ///< Program::units
using BufferId = Id<struct BufferTag>;    ///< Machine::buffers (the same in every core)
using ChannelId = Id<struct ChannelTag>;  ///< Program::channels

}  // namespace takt

template <class Tag>
struct std::hash<takt::Id<Tag>> {
  std::size_t operator()(takt::Id<Tag> id) const { return std::hash<std::uint32_t>{}(id.index); }
};
