// SPDX-License-Identifier: Apache-2.0
#include "sim/mapper/timeloop_notation.h"

#include <gtest/gtest.h>

#include "sim/mapper/mapping_check.h"

namespace takt {
namespace {

constexpr const char* kText =
    "L3[WIO] C2 P2 K4 - L2[WI] N1 K16X - L1[O] K4 S3 R3 C8 Q14 P7 C16X - L0[W] N1";

Region conv() {
  Region region;
  region.name = "conv";
  region.kind = Region::Kind::kMatrix;
  MatrixWork& w = region.matrix;
  w.n = 1, w.c = 256, w.o = 256, w.p = 14, w.q = 14, w.r = 3, w.s = 3;
  w.in_h = w.in_w = 14, w.pad_h = w.pad_w = 1;
  return region;
}

Machine machine() {
  Machine m;
  m.matrix.rows = m.matrix.cols = 16;
  return m;
}

TimeloopMapping parsed(const std::string& text) {
  const Result<TimeloopMapping> read = read_timeloop(text, {}, text);
  EXPECT_TRUE(read.ok()) << to_string(read.errors());
  return read.ok() ? *read : TimeloopMapping{};
}

std::string first_error(const std::string& text) {
  Place place;
  place.file = "m.yaml";
  place.line = 3;
  place.column = 10;
  const Result<TimeloopMapping> read = read_timeloop(text, place, "");
  if (read.ok()) return "no error";
  const std::string all = to_string(read.errors());
  return all.substr(0, all.find('\n'));
}

TEST(TimeloopNotation, ReadsLevelsAndLoops) {
  const TimeloopMapping m = parsed(kText);
  ASSERT_EQ(m.levels.size(), 4u);
  EXPECT_EQ(m.levels[0].number, 3);
  ASSERT_EQ(m.levels[0].factors.size(), 3u);
  EXPECT_EQ(m.levels[0].factors[1].dim, 'P');
  EXPECT_EQ(m.levels[0].factors[1].count, 2);
  EXPECT_TRUE(m.levels[1].factors[1].spatial);
  EXPECT_EQ(m.levels[2].factors.back().count, 16);
}

TEST(TimeloopNotation, MeansATileAndAnOrder) {
  const TimeloopMeaning meaning = meaning_of(parsed(kText), conv(), machine());
  ASSERT_EQ(meaning.fault, "");
  EXPECT_EQ(to_string(meaning.mapping),
            "tile g1 n1 p14 q7 o64 c128, loops gnprscqo, weights by tile, slots 2/2/2/2");
  Machine software = machine();
  software.mapper.reload = true;
  EXPECT_TRUE(meaning_of(parsed(kText), conv(), software).mapping.reload);
}

TEST(TimeloopNotation, CutsKernelsAndTurnsTheirAxes) {
  // R counts the kernel's columns, S its rows.
  const TimeloopMeaning meaning =
      meaning_of(parsed("L3[WIO] S3 K16 - L2[WI] K16X - L1[O] R3 C16 Q14 P14 C16X - L0[W] N1"),
                 conv(), machine());
  ASSERT_EQ(meaning.fault, "");
  EXPECT_EQ(meaning.mapping.r, 1);
  EXPECT_EQ(meaning.mapping.s, 0) << "whole";
  EXPECT_EQ(letters_of(meaning.mapping.given_loops), "gnpqcsro");
}

TEST(TimeloopNotation, OfAProductPCountsRows) {
  Region product = conv();
  MatrixWork& w = product.matrix;
  w.r = w.s = w.q = w.in_w = 1, w.p = w.in_h = 128, w.c = 64, w.o = 128, w.pad_h = w.pad_w = 0;
  const TimeloopMeaning meaning = meaning_of(
      parsed("L3[WIO] P2 - L2[WI] K16X - L1[O] K8 C4 P4 C16X - L0[W] P16"), product, machine());
  ASSERT_EQ(meaning.fault, "");
  EXPECT_EQ(meaning.mapping.p, 64);
  EXPECT_EQ(meaning.mapping.q, 1);
}

TEST(TimeloopNotation, SaysWhereATextIsWrong) {
  EXPECT_EQ(first_error("L3[WIO] K48 - L1[O] P8"),
            "m.yaml:3:24: error: mapping_timeloop: expected L2[WI], the scratchpad "
            "[E-mapping-notation]");
  EXPECT_EQ(first_error("L3[WIO] Z4 - L2[WI] N1 - L1[O] N1 - L0[W] N1"),
            "m.yaml:3:18: error: mapping_timeloop: 'Z' is no dimension [E-mapping-notation]");
  EXPECT_EQ(first_error("L3[WIO] K0 - L2[WI] N1 - L1[O] N1 - L0[W] N1"),
            "m.yaml:3:19: error: mapping_timeloop: a loop's count is a whole number from 1 "
            "[E-mapping-notation]");
  EXPECT_EQ(first_error("L3[WIO] K2X - L2[WI] N1 - L1[O] N1 - L0[W] N1"),
            "m.yaml:3:18: error: mapping_timeloop: K cannot be spread at L3 [E-mapping-notation]");
  EXPECT_EQ(first_error("L3[WIO] K2 K3 - L2[WI] N1 - L1[O] N1 - L0[W] N1"),
            "m.yaml:3:21: error: mapping_timeloop: K is looped over twice at L3 "
            "[E-mapping-notation]");
  EXPECT_EQ(first_error("L3[WIO] N1 - L2[WI] N1 - L1[O] N1 - L0[W] N1 - L0[W] N1"),
            "m.yaml:3:55: error: mapping_timeloop: nothing may follow level L0 "
            "[E-mapping-notation]");
  EXPECT_EQ(first_error("L3[WIO] K999999999999999999999 - L2[WI] N1").substr(0, 20),
            "m.yaml:3:19: error: ");
  EXPECT_EQ(first_error("").substr(0, 18), "m.yaml:3:10: error");
}

TEST(TimeloopNotation, SaysWhichLoopsAreNotOfTheLayer) {
  const auto fault = [](const std::string& text) {
    return meaning_of(parsed(text), conv(), machine()).fault;
  };
  EXPECT_EQ(fault("L3[WIO] K4 - L2[WI] K16X - L1[O] S3 R3 C16 Q14 P14 C16X - L0[W] N1"),
            "the loops over K count 64 in all, the layer has 256");
  EXPECT_EQ(fault("L3[WIO] K16 - L2[WI] K16X - L1[O] S3 R3 C16 Q28 P14 C16X - L0[W] N1"),
            "Q counts to more than the layer's 14");
  EXPECT_EQ(fault("L3[WIO] K8 - L2[WI] K32X - L1[O] S3 R3 C16 Q14 P14 C16X - L0[W] N1"),
            "the array has 16 columns");
  Region grouped = conv();
  grouped.matrix.g = 2;
  EXPECT_EQ(meaning_of(parsed(kText), grouped, machine()).fault,
            "the notation has no loop over the layer's groups");
}

}  // namespace
}  // namespace takt
