// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "sim/base/random.h"
#include "sim/config/parse.h"
#include "sim/mapper/mapping_file.h"

namespace takt::test {
namespace {

using Named = std::vector<std::pair<std::string, RegionMapping>>;

Named sample() {
  RegionMapping conv;
  conv.n = 2, conv.p = 14, conv.q = 7, conv.o = 64, conv.c = 32;
  conv.order = TileOrder::kChannelsOuter;
  conv.fetch = WeightFetch::kPass;
  conv.weight_slots = 4, conv.operand_slots = 1, conv.output_slots = 3;
  RegionMapping odd;
  odd.g = 3;
  odd.input_slots = odd.weight_slots = odd.operand_slots = odd.output_slots = 1;
  odd.cut = RegionMapping::Cut::kRows, odd.parts = 4;
  RegionMapping pool;
  pool.engine = WorkUnit::kVector;
  pool.n = 2, pool.rows = 28, pool.output_slots = 1;
  pool.cut = RegionMapping::Cut::kImages, pool.parts = 2;
  RegionMapping packed;
  packed.g = 96, packed.p = packed.q = 14, packed.pack = 14;
  packed.fetch = WeightFetch::kPass;
  RegionMapping lanes;
  lanes.engine = WorkUnit::kVector;
  lanes.g = 96, lanes.p = 7, lanes.q = 14;
  RegionMapping parts;
  parts.engine = WorkUnit::kVector;
  parts.rows = 1, parts.channels = 320;
  return {{"conv1", conv},       {"a \"quoted\"\\name: {", odd}, {"pool", pool},
          {"depthwise", packed}, {"depthwise2", lanes},          {"global_pool", parts}};
}

NetworkPlan sample_plan() {
  NetworkPlan plan;
  plan.batch_parts = 4;
  plan.resident.emplace();
  for (const char* name : {"input", "a \"quoted\"\\name: {"}) {
    plan.resident->push_back({name, {}, ""});
  }
  plan.shared = std::vector<GivenWord>{};
  plan.packed = true;
  return plan;
}

void expect_read_back(const Named& mappings, const NetworkPlan& plan = {}) {
  const Result<MappingFile> read = read_mappings_text(print_mappings(mappings, plan), "m.yaml");
  ASSERT_TRUE(read.ok()) << to_string(read.errors());
  ASSERT_EQ(read->layers.size(), mappings.size());
  Named again;
  for (const auto& [name, mapping] : mappings) {
    ASSERT_EQ(read->layers.count(name), 1u) << name;
    again.emplace_back(name, read->layers.at(name).mapping);
  }
  EXPECT_EQ(print_mappings(again, read->network), print_mappings(mappings, plan));
}

/// The messages without the lines of the file.
std::string errors_of(const std::string& text) {
  const Result<MappingFile> read = read_mappings_text(text, "m.yaml");
  std::istringstream lines(read.ok() ? "no error" : to_string(read.errors()));
  std::string line, kept;
  while (std::getline(lines, line)) {
    if (line.find(" | ") == std::string::npos) kept += line + "\n";
  }
  return kept;
}

// The file that the schema's test reads.
TEST(MappingFile, PrintsTheSample) {
  Diagnostics errors;
  const auto text =
      read_whole_file(TAKT_SOURCE_DIR "/tests/unit/mapper/sample.yaml", 1U << 16U, errors);
  ASSERT_TRUE(text) << to_string(errors);
  EXPECT_EQ(print_mappings(sample(), sample_plan()), *text);
}

TEST(MappingFile, ReadsBackWhatItPrints) {
  expect_read_back(sample());
  expect_read_back(sample(), sample_plan());
  expect_read_back({});
  Random random(1);
  const auto extent = [&] { return static_cast<std::int64_t>(random.between(1, 5000)); };
  const auto slots = [&] { return static_cast<std::uint32_t>(random.between(1, 9)); };
  for (int i = 0; i < 300; ++i) {
    RegionMapping m;
    if (random.between(0, 2) == 0) {
      m.engine = WorkUnit::kVector;
      m.n = extent(), m.rows = extent();
    } else {
      m.g = extent(), m.n = extent(), m.p = extent(), m.q = extent(), m.o = extent(),
      m.c = extent();
      m.engine = static_cast<WorkUnit>(random.between(0, 1));
      if (random.between(0, 1) == 0) m.pack = extent();
      m.order = static_cast<TileOrder>(random.between(0, 1));
      m.fetch = static_cast<WeightFetch>(random.between(0, 1));
      m.input_slots = slots(), m.weight_slots = slots();
    }
    m.operand_slots = slots(), m.output_slots = slots();
    if (random.between(0, 1) == 0) {
      m.cut = static_cast<RegionMapping::Cut>(random.between(1, 4));
      m.parts = static_cast<std::uint32_t>(random.between(2, 9));
    }
    SCOPED_TRACE(to_string(m));
    expect_read_back({{"layer", m}});
    // What is not in the print must not matter.
    const RegionMapping back =
        read_mappings_text(print_mappings({{"layer", m}}), "m")->layers.at("layer").mapping;
    EXPECT_EQ(back.parts, m.parts);
    EXPECT_EQ(back.cut, m.cut);
    EXPECT_EQ(to_string(back), to_string(m));
    if (HasFailure()) return;
  }
}

TEST(MappingFile, KnowsWhereALayerWasGiven) {
  const Result<MappingFile> read = read_mappings(TAKT_SOURCE_DIR "/tests/unit/mapper/sample.yaml");
  ASSERT_TRUE(read.ok()) << to_string(read.errors());
  const GivenMapping& pool = read->layers.at("pool");
  EXPECT_EQ(pool.place.line, 20);
  EXPECT_EQ(pool.place.column, 11);
  EXPECT_THAT(pool.place.file, testing::EndsWith("sample.yaml"));
  EXPECT_EQ(pool.source_line, "  - name: \"pool\"");
}

TEST(MappingFile, KnowsWhereTheNetworksWordsWereGiven) {
  const Result<MappingFile> read = read_mappings(TAKT_SOURCE_DIR "/tests/unit/mapper/sample.yaml");
  ASSERT_TRUE(read.ok()) << to_string(read.errors());
  const NetworkPlan& plan = read->network;
  EXPECT_EQ(plan.batch_parts, 4u);
  EXPECT_EQ(plan.batch_parts_at.place.line, 1);
  EXPECT_EQ(plan.on_chip_at.place.line, 2);
  EXPECT_TRUE(plan.packed);
  ASSERT_EQ(plan.resident->size(), 2u);
  EXPECT_EQ(plan.resident->at(1).text, "a \"quoted\"\\name: {");
  EXPECT_EQ(plan.resident->at(1).place.line, 3);
  EXPECT_EQ(plan.resident->at(1).place.column, 22);
  EXPECT_TRUE(plan.shared->empty());
}

TEST(MappingFile, WhatIsLeftOutIsNotGiven) {
  const Result<MappingFile> read = read_mappings_text("on_chip: {}\nlayers: []\n", "m.yaml");
  ASSERT_TRUE(read.ok()) << to_string(read.errors());
  EXPECT_FALSE(read->network.resident || read->network.shared || read->network.packed ||
               read->network.batch_parts);
  EXPECT_EQ(errors_of("batch_parts: 0\non_chip: {unified: [a, [b]], shared: x, slot: 1}\n"),
            "m.yaml:1:14: error: batch_parts: must be at least 1, got '0' [E-out-of-range]\n"
            "m.yaml:2:24: error: on_chip.unified[1]: expected text, got a list [E-wrong-shape]\n"
            "m.yaml:2:38: error: on_chip.shared: expected a list, got 'x' [E-wrong-shape]\n"
            "m.yaml:2:41: error: on_chip.slot: unknown key [E-unknown-key]\n"
            "  hint: keys here: packed, shared, unified\n");
}

TEST(MappingFile, SlotsOrderAndCutHaveDefaults) {
  const Result<MappingFile> read = read_mappings_text(
      "layers:\n  - {name: a, unit: matrix, tile: {g: 1, n: 1, p: 2, q: 3, o: 4, c: 5}}\n",
      "m.yaml");
  ASSERT_TRUE(read.ok()) << to_string(read.errors());
  EXPECT_EQ(to_string(read->layers.at("a").mapping),
            "tile g1 n1 p2 q3 o4 c5, pixels outer, weights by tile, slots 2/2/2/2");
}

TEST(MappingFile, SaysAllThatIsWrong) {
  EXPECT_EQ(errors_of("layers:\n"
                      "  - name: a\n"
                      "    unit: matrix\n"
                      "    tile: {g: 0, n: 1, p: 2, q: x, o: 4}\n"
                      "    outter: pixels\n"
                      "    slots: {input: 0, wieght: 2}\n"
                      "    cut: {by: none, parts: 2}\n"
                      "  - name: a\n"
                      "    unit: vectr\n"
                      "  - unit: vector\n"
                      "    tile: {images: 1, row: 1}\n"
                      "    outer: pixels\n"),
            "m.yaml:4:5: error: layers[0].tile.c: is missing [E-missing-key]\n"
            "m.yaml:4:15: error: layers[0].tile.g: must be at least 1, got '0' [E-out-of-range]\n"
            "m.yaml:4:33: error: layers[0].tile.q: expected a whole number, got 'x' "
            "[E-not-a-number]\n"
            "m.yaml:5:5: error: layers[0].outter: unknown key; did you mean 'outer'? "
            "[E-unknown-key]\n"
            "m.yaml:6:20: error: layers[0].slots.input: must be at least 1, got '0' "
            "[E-out-of-range]\n"
            "m.yaml:6:23: error: layers[0].slots.wieght: unknown key; did you mean 'weight'? "
            "[E-unknown-key]\n"
            "m.yaml:7:15: error: layers[0].cut.by: cut into 2 parts by nothing [E-mapping]\n"
            "  hint: cut by groups, images, rows or channels\n"
            "m.yaml:8:11: error: layers[1].name: layer 'a' is mapped twice [E-mapping]\n"
            "m.yaml:9:11: error: layers[1].unit: expected one of matrix, vector, got 'vectr' "
            "[E-bad-choice]\n"
            "  hint: did you mean 'vector'?\n"
            "m.yaml:10:5: error: layers[2].name: is missing [E-missing-key]\n"
            "m.yaml:11:5: error: layers[2].tile.rows: is missing [E-missing-key]\n"
            "m.yaml:11:23: error: layers[2].tile.row: unknown key; did you mean 'rows'? "
            "[E-unknown-key]\n"
            "m.yaml:12:5: error: layers[2].outer: unknown key [E-unknown-key]\n"
            "  hint: keys here: cut, mapping_timeloop, name, slots, tile, unit\n");
}

TEST(MappingFile, AMissingFileIsNamed) {
  const Result<MappingFile> read = read_mappings("no/such/file.yaml");
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(exit_code(read.errors()), 3);
  EXPECT_THAT(to_string(read.errors()), testing::HasSubstr("no/such/file.yaml"));
}

}  // namespace
}  // namespace takt::test
