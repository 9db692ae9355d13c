// SPDX-License-Identifier: Apache-2.0
#pragma once
// The words of the text form, by value of their enum: written and read from the same tables.

#include <array>
#include <optional>
#include <string_view>

#include "sim/program/program.h"

namespace takt {

inline constexpr std::array<std::string_view, 5> kKindWords{"load", "store", "matrix", "vector",
                                                            "sync"};
inline constexpr std::array<std::string_view, 3> kPhaseWords{"loaded", "issued", "done"};
inline constexpr std::array<std::string_view, 3> kSpaceWords{"dram", "host", "shared"};
inline constexpr std::array<std::string_view, 4> kRoleWords{"input", "weight", "operand", "output"};
inline constexpr std::array<std::string_view, 7> kUnitWords{
    "dma_in", "dma_out", "matrix", "vector", "host_in", "host_out", "weight_in"};
inline constexpr std::array<std::string_view, kStallCauses> kCauseWords{
    "weights", "inputs", "outputs", "dependency", "host", "vector"};

/// The ranges of a Place5 with their names.
struct PlaceRange {
  std::string_view name;
  Range Place5::*range;
};
inline constexpr std::array<PlaceRange, 10> kPlaceRanges{{
    {"g", &Place5::g},
    {"n", &Place5::n},
    {"p", &Place5::p},
    {"q", &Place5::q},
    {"o", &Place5::o},
    {"k", &Place5::k},
    {"c", &Place5::c},
    {"flat", &Place5::flat},
    {"r", &Place5::r},
    {"s", &Place5::s},
}};

template <class Enum, std::size_t N>
std::string_view word_of(const std::array<std::string_view, N>& words, Enum value) {
  return words[static_cast<std::size_t>(value)];
}
template <class Enum, std::size_t N>
std::optional<Enum> value_of(const std::array<std::string_view, N>& words, std::string_view word) {
  for (std::size_t i = 0; i < N; ++i) {
    if (words[i] == word) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace takt
