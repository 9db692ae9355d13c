// SPDX-License-Identifier: Apache-2.0
#include "sim/config/compose.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "sim/config/parse.h"

namespace takt {
namespace {

/// A folder of its own for each test, removed at the end.
class Compose : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              (std::string("takt_compose_") + info->name() + "_" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
    old_ = std::filesystem::current_path();
    std::filesystem::current_path(folder_);
  }
  void TearDown() override {
    std::filesystem::current_path(old_);
    std::filesystem::remove_all(folder_);
  }
  static void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::absolute(name).parent_path());
    std::ofstream(name) << text;
  }
  std::filesystem::path folder_, old_;
};

TEST_F(Compose, a_file_extends_another) {
  write("base.yaml", "a: 1\nm: {x: 1, y: 2}\nl: [1, 2]\n");
  write("sub/over.yaml", "extends: ../base.yaml\nm: {y: 3}\nl: [9]\n");
  Diagnostics errors;
  const auto node = compose_file("sub/over.yaml", {}, errors);
  ASSERT_TRUE(node) << to_string(errors);
  EXPECT_EQ(node->find("a")->text, "1");
  EXPECT_EQ(node->find("a")->place().file, "sub/../base.yaml");
  EXPECT_EQ(node->find("m")->find("x")->text, "1");
  EXPECT_EQ(node->find("m")->find("y")->text, "3");
  EXPECT_EQ(node->find("m")->find("y")->place().file, "sub/over.yaml");
  EXPECT_EQ(node->find("l")->children.size(), 1u);
  EXPECT_EQ(node->find("extends"), nullptr);
}

TEST_F(Compose, a_cycle_is_an_error) {
  write("a.yaml", "extends: b.yaml\n");
  write("b.yaml", "x: 1\nextends: a.yaml\n");
  Diagnostics errors;
  EXPECT_FALSE(compose_file("a.yaml", {}, errors));
  EXPECT_EQ(to_string(errors),
            "b.yaml:2:10: error: extends: 'a.yaml' extends itself: a.yaml -> b.yaml -> a.yaml "
            "[E-extends-cycle]\n"
            "  2 | extends: a.yaml\n"
            "    |          ^\n");
}

TEST_F(Compose, parts_are_read_and_replaced_whole) {
  write("configs/parts/one.yaml", "k: 1\nonly_one: 1\n");
  write("configs/parts/two.yaml", "k: 2\n");
  write("configs/base.yaml", "m: {part: parts/one.yaml}\n");
  write("configs/deep/over.yaml", "extends: ../base.yaml\nm: {part: parts/two.yaml}\n");
  write("configs/deep/tweak.yaml", "extends: base.yaml\nm: {part: {k: 3}}\n");
  ComposeOptions options;
  options.parts = {"m.part"};
  Diagnostics errors;
  const auto over = compose_file("configs/deep/over.yaml", options, errors);
  ASSERT_TRUE(over) << to_string(errors);
  EXPECT_EQ(over->find("m")->find("part")->find("k")->text, "2");
  EXPECT_EQ(over->find("m")->find("part")->find("only_one"), nullptr);
  const auto tweak = compose_file("configs/deep/tweak.yaml", options, errors);
  ASSERT_TRUE(tweak) << to_string(errors);
  EXPECT_EQ(tweak->find("m")->find("part")->find("k")->text, "3");
  EXPECT_EQ(tweak->find("m")->find("part")->find("only_one")->text, "1");
}

TEST_F(Compose, a_missing_part_says_where_it_was_looked_for) {
  write("a.yaml", "m: {part: parts/none.yaml}\n");
  ComposeOptions options;
  options.parts = {"m.part"};
  options.roots = {"elsewhere"};
  Diagnostics errors;
  compose_file("a.yaml", options, errors);
  EXPECT_EQ(to_string(errors),
            "a.yaml:1:11: error: m.part: no such file: 'parts/none.yaml' [E-missing-file]\n"
            "  1 | m: {part: parts/none.yaml}\n"
            "    |           ^\n"
            "  hint: looked in ., elsewhere\n");
}

TEST_F(Compose, overrides) {
  write("p.yaml", "k: 1\n");
  ComposeOptions options;
  options.parts = {"m.part"};
  options.overrides = {"a.b=64", "c=[1, 2]", "m={z: 1}", "m.part=p.yaml", "m.part.k=5"};
  Diagnostics errors;
  const auto node = compose_text("a: {b: 1, d: 2}\nm: {y: 0}\n", "t.yaml", options, errors);
  ASSERT_TRUE(node) << to_string(errors);
  EXPECT_EQ(node->find("a")->find("b")->text, "64");
  EXPECT_EQ(node->find("a")->find("b")->place().file, "--set a.b=64");
  EXPECT_EQ(node->find("a")->find("d")->text, "2");
  EXPECT_EQ(node->find("c")->children.size(), 2u);
  EXPECT_EQ(node->find("m")->find("y")->text, "0");
  EXPECT_EQ(node->find("m")->find("z")->text, "1");
  EXPECT_EQ(node->find("m")->find("part")->find("k")->text, "5");
}

TEST_F(Compose, overrides_that_make_no_sense) {
  ComposeOptions options;
  options.overrides = {"a", "=1", "a..b=1", "a.b=1", "a=", "a=[1"};
  Diagnostics errors;
  compose_text("a: 1\n", "t.yaml", options, errors);
  EXPECT_EQ(to_string(errors),
            "--set =1: error: expected path.to.key=value [E-bad-override]\n"
            "  hint: for example --set core.matrix.rows=64\n"
            "--set a: error: expected path.to.key=value [E-bad-override]\n"
            "  hint: for example --set core.matrix.rows=64\n"
            "--set a..b=1: error: expected path.to.key=value [E-bad-override]\n"
            "  hint: for example --set core.matrix.rows=64\n"
            "--set a.b=1: error: a.b: 'a' holds '1', not a map [E-bad-override]\n"
            "--set a=: error: a: has no value [E-bad-override]\n"
            "--set a=[1: error: a: a key must be a single word, got a list [E-bad-syntax]\n");
}

}  // namespace
}  // namespace takt
