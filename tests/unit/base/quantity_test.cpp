// SPDX-License-Identifier: Apache-2.0
#include "sim/base/quantity.h"

#include <gtest/gtest.h>

#include <sstream>
#include <utility>

namespace takt {
namespace {

template <class A, class B, class = void>
struct Adds : std::false_type {};
template <class A, class B>
struct Adds<A, B, std::void_t<decltype(std::declval<A>() + std::declval<B>())>> : std::true_type {};
template <class A, class B, class = void>
struct Compares : std::false_type {};
template <class A, class B>
struct Compares<A, B, std::void_t<decltype(std::declval<A>() < std::declval<B>())>>
    : std::true_type {};

static_assert(Adds<Cycles, Cycles>::value && Compares<Cycles, Cycles>::value);
static_assert(!Adds<Cycles, Bytes>::value, "units do not mix");
static_assert(!Adds<Cycles, int>::value, "a bare number has no unit");
static_assert(!Compares<Bytes, Macs>::value && !Compares<Cycles, Femtoseconds>::value);
static_assert(!std::is_constructible_v<Cycles, double>, "no doubles for time");
static_assert(!std::is_constructible_v<Picojoules, int>, "no integers for energy");
static_assert(!std::is_constructible_v<Cycles, Bytes>);
static_assert(!std::is_convertible_v<int, Cycles> && !std::is_convertible_v<Cycles, std::uint64_t>);
static_assert(sizeof(Cycles) == 8 && std::is_trivially_copyable_v<Cycles>);

TEST(Quantity, CountsAndCompares) {
  Cycles c(5);
  c += Cycles(3);
  c -= Cycles(2);
  EXPECT_EQ(c, Cycles(6));
  EXPECT_EQ(c * 3, Cycles(18));
  EXPECT_EQ(3 * c, Cycles(18));
  EXPECT_EQ(c - Cycles(1), Cycles(5));
  EXPECT_LT(c, Cycles(7));
  EXPECT_NE(c, Cycles(7));
  EXPECT_EQ(Cycles{}, Cycles(0));
  std::ostringstream text;
  text << c;
  EXPECT_EQ(text.str(), "6");
}

}  // namespace
}  // namespace takt
