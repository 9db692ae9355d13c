// SPDX-License-Identifier: Apache-2.0
#include "sim/config/parse.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>

namespace takt {
namespace {

std::string errors_of(const std::string& text) {
  Diagnostics errors;
  parse_text(text, "t.yaml", errors);
  return to_string(errors);
}

TEST(Parse, places_count_from_one) {
  Diagnostics errors;
  const auto root = parse_text("a: 1\nb:\n  - x\n  - {c: 'two words'}\n", "t.yaml", errors);
  ASSERT_TRUE(root) << to_string(errors);
  const Node& c = *root->find("b")->children[1].find("c");
  EXPECT_EQ(c.text, "two words");
  EXPECT_TRUE(c.quoted);
  EXPECT_EQ(c.place().line, 4);
  EXPECT_EQ(c.place().column, 9);
  EXPECT_EQ(c.key_place().column, 6);
  EXPECT_EQ(root->find("a")->place().file, "t.yaml");
}

TEST(Parse, json_is_read_with_places) {
  Diagnostics errors;
  const auto root = parse_text(
      "{\n\t\"a\": [1, 2.5, true, null],\n\t\"b\": {\"c\": \"x\\u00e9\"}\n}\n", "t.json", errors);
  ASSERT_TRUE(root) << to_string(errors);
  EXPECT_EQ(root->find("a")->children.size(), 4u);
  EXPECT_EQ(root->find("a")->children[3].kind, Node::Kind::kNull);
  EXPECT_EQ(root->find("b")->find("c")->text, "x\xC3\xA9");
  EXPECT_EQ(root->find("b")->place().line, 3);
}

TEST(Parse, duplicate_keys_keep_the_first_and_are_reported) {
  Diagnostics errors;
  const auto root = parse_text("a: 1\nb: {c: 1, c: 2}\na: 3\n", "t.yaml", errors);
  ASSERT_TRUE(root);
  EXPECT_EQ(root->find("a")->text, "1");
  EXPECT_EQ(to_string(errors),
            "t.yaml:2:11: error: b.c: key given twice; the first is in line 2 [E-duplicate-key]\n"
            "  2 | b: {c: 1, c: 2}\n"
            "    |           ^\n"
            "t.yaml:3:1: error: a: key given twice; the first is in line 1 [E-duplicate-key]\n"
            "  3 | a: 3\n"
            "    | ^\n");
}

TEST(Parse, aliases_are_copies) {
  Diagnostics errors;
  const auto root = parse_text("a: &x {k: 1}\nb: *x\n", "t.yaml", errors);
  ASSERT_TRUE(root) << to_string(errors);
  EXPECT_EQ(root->find("b")->find("k")->text, "1");
}

TEST(Parse, what_is_not_text_is_refused) {
  EXPECT_EQ(errors_of(std::string("a: 1\nb: \xFF\n")),
            "t.yaml:2:4: error: not a text file in UTF-8 [E-not-text]\n");
  EXPECT_EQ(errors_of(std::string("\x7F"
                                  "ELF\x02",
                                  5)),
            "t.yaml:1:1: error: not a text file in UTF-8 [E-not-text]\n");
  EXPECT_EQ(errors_of(std::string("a\0b", 3)),
            "t.yaml:1:2: error: not a text file in UTF-8 [E-not-text]\n");
  // Overlong, surrogate, beyond Unicode, cut short.
  for (const char* bytes : {"\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82"}) {
    EXPECT_NE(errors_of(bytes).find("E-not-text"), std::string::npos);
  }
  EXPECT_EQ(errors_of("\xEF\xBB\xBF"
                      "a: \xE2\x82\xAC\n"),
            "");
}

TEST(Parse, broken_yaml_has_a_place) {
  EXPECT_EQ(errors_of("a: [1, 2\n"),
            "t.yaml:2:1: error: not valid YAML: end of sequence flow not found [E-bad-syntax]\n");
  EXPECT_EQ(errors_of(""), "t.yaml: error: the file is empty [E-empty-file]\n");
  EXPECT_EQ(errors_of("# only a comment\n"), "t.yaml: error: the file is empty [E-empty-file]\n");
  EXPECT_NE(errors_of("a: 1\n---\nb: 2\n").find("more than one document"), std::string::npos);
  EXPECT_NE(errors_of("{[1]: 2}").find("a key must be a single word"), std::string::npos);
  EXPECT_NE(errors_of("a: !!python/object x").find("tags such as"), std::string::npos);
  EXPECT_NE(errors_of("<<: {a: 1}").find("merge keys are not read"), std::string::npos);
  EXPECT_NE(errors_of("{<<: 1, <<: 2}").find("t.yaml:1:9: error: <<: merge keys are not read"),
            std::string::npos);
  EXPECT_NE(errors_of("a: &x [*x]").find("E-bad-syntax"), std::string::npos);
  EXPECT_NE(errors_of("a: *nobody").find("E-bad-syntax"), std::string::npos);
}

std::string repeat(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST(Parse, hostile_texts_are_errors_in_bounded_memory) {
  std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c < 'k'; ++c) {
    const std::string before(1, static_cast<char>(c - 1));
    bomb +=
        std::string(1, c) + ": &" + c + " [" + repeat("*" + before + ",", 8) + "*" + before + "]\n";
  }
  EXPECT_NE(errors_of(bomb).find("E-too-large"), std::string::npos);
  EXPECT_NE(errors_of(repeat("[", 1'000'000)).find("E-too-deep"), std::string::npos);
  EXPECT_NE(errors_of(repeat("{a: ", 70) + "1" + repeat("}", 70)).find("E-too-deep"),
            std::string::npos);
  EXPECT_NE(errors_of(repeat("- ", 100'000) + "x").find("E-too-deep"), std::string::npos);
  EXPECT_NE(errors_of("[" + repeat("1,", 500'000) + "1]").find("E-too-large"), std::string::npos);
  EXPECT_NE(errors_of(repeat("a", 9u << 20)).find("E-too-large"), std::string::npos);
  EXPECT_NE(errors_of(repeat("a", 1000) + ": 1").find("E-bad-syntax"), std::string::npos);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  EXPECT_LT(usage.ru_maxrss, 1'000'000) << "KiB";
}

TEST(Parse, files_that_cannot_be_read) {
  Diagnostics errors;
  EXPECT_FALSE(parse_file("no/such.yaml", errors));
  EXPECT_EQ(to_string(errors), "no/such.yaml: error: no such file [E-missing-file]\n");
  errors.clear();
  EXPECT_FALSE(parse_file("configs", errors));
  EXPECT_EQ(to_string(errors),
            "configs: error: is a folder, expected a file [E-unreadable-file]\n");
  errors.clear();
  EXPECT_FALSE(parse_file("/dev/zero", errors));
  EXPECT_EQ(to_string(errors), "/dev/zero: error: larger than 8 MiB [E-too-large]\n");
}

}  // namespace
}  // namespace takt
