// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the hardware did, counted in whole actions. The same at every fidelity, because they are the
// program's; energy/ multiplies them by its table.

#include <array>
#include <cstdint>

namespace takt {

inline constexpr std::size_t kBuffersMax = 4;

struct ActionCounts {
  std::uint64_t macs_executed = 0;  ///< on arrays, padding excluded
  std::uint64_t vector_macs = 0;
  std::uint64_t vector_lane_ops = 0;
  std::uint64_t accumulator_accesses = 0;                      ///< 32-bit reads and writes
  std::array<std::uint64_t, kBuffersMax> buffer_read_bytes{};  ///< by BufferId
  std::array<std::uint64_t, kBuffersMax> buffer_write_bytes{};
  std::uint64_t dram_read_bytes = 0, dram_write_bytes = 0;  ///< requested
  std::uint64_t host_read_bytes = 0, host_write_bytes = 0;  ///< device reads from / writes to host
  std::uint64_t shared_read_bytes = 0, shared_write_bytes = 0;  ///< of the cores' shared buffer
  std::uint64_t noc_bytes = 0;
  std::uint64_t tile_ops = 0, weight_tiles = 0;
  std::uint64_t scratchpad_accesses =
      0;  ///< words read and written in the PEs of a row-stationary array

  static constexpr std::size_t kWords = 14 + 2 * kBuffersMax;
  /// Every count in one row, for adding and scaling.
  std::uint64_t* words() { return &macs_executed; }
  const std::uint64_t* words() const { return &macs_executed; }

  ActionCounts& operator+=(const ActionCounts& o) {
    for (std::size_t i = 0; i < kWords; ++i) words()[i] += o.words()[i];
    return *this;
  }
  /// Adds `times` the growth from `before` to now: what a skipped repetition would have counted.
  void repeat_since(const ActionCounts& before, std::uint64_t times) {
    for (std::size_t i = 0; i < kWords; ++i) words()[i] += (words()[i] - before.words()[i]) * times;
  }
};
static_assert(sizeof(ActionCounts) == ActionCounts::kWords * sizeof(std::uint64_t),
              "kWords must count every member");

}  // namespace takt
