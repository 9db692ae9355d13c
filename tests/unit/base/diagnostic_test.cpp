// SPDX-License-Identifier: Apache-2.0
#include "sim/base/diagnostic.h"

#include <gtest/gtest.h>

#include "sim/base/result.h"

namespace takt {
namespace {

Diagnostic unknown_key(int line) {
  Diagnostic d;
  d.name = "E-unknown-key";
  d.place = {"npu.yaml", line, 3};
  d.path = "core.matrix.colums";
  d.message = "unknown key";
  d.hint = "did you mean 'cols'?";
  d.source_line = "  colums: 256";
  return d;
}

TEST(Diagnostic, SaysWhereWhatAndWhatToDo) {
  EXPECT_EQ(to_string(unknown_key(12)),
            "npu.yaml:12:3: error: core.matrix.colums: unknown key [E-unknown-key]\n"
            "  12 |   colums: 256\n"
            "     |   ^\n"
            "  hint: did you mean 'cols'?\n");
}

TEST(Diagnostic, LeavesOutWhatItDoesNotKnow) {
  Diagnostic d;
  d.message = "no mapping fits";
  EXPECT_EQ(to_string(d), "error: no mapping fits\n");
  d.place.file = "a.csv";
  EXPECT_EQ(to_string(d), "a.csv: error: no mapping fits\n");
}

TEST(Diagnostic, AllAreSortedByPlaceAndRepeatsShownOnce) {
  Diagnostic late = unknown_key(20), early = unknown_key(3);
  late.source_line = early.source_line = late.hint = early.hint = "";
  EXPECT_EQ(to_string(Diagnostics{late, early, late}), to_string(early) + to_string(late));
}

TEST(Diagnostic, TheExitCodeIsTheWorst) {
  const auto code = [](std::initializer_list<ErrorKind> kinds) {
    Diagnostics all;
    for (const ErrorKind kind : kinds) {
      all.emplace_back();
      all.back().kind = kind;
    }
    return exit_code(all);
  };
  EXPECT_EQ(code({}), 0);
  EXPECT_EQ(code({ErrorKind::kCheckFailed}), 1);
  EXPECT_EQ(code({ErrorKind::kUsage}), 2);
  EXPECT_EQ(code({ErrorKind::kInvalidInput}), 3);
  EXPECT_EQ(code({ErrorKind::kUnsupported}), 4);
  EXPECT_EQ(code({ErrorKind::kInfeasible}), 7);
  // The order of the header: invalid input, unsupported, infeasible, usage, check.
  EXPECT_EQ(code({ErrorKind::kInfeasible, ErrorKind::kUnsupported}), 4);
  EXPECT_EQ(code({ErrorKind::kUnsupported, ErrorKind::kInfeasible}), 4);
  EXPECT_EQ(code({ErrorKind::kUnsupported, ErrorKind::kInvalidInput}), 3);
  EXPECT_EQ(code({ErrorKind::kCheckFailed, ErrorKind::kUsage, ErrorKind::kInfeasible}), 7);
}

TEST(Result, HoldsAValueOrSaysWhyNot) {
  const Result<int> good = 5;
  EXPECT_TRUE(good.ok());
  EXPECT_EQ(*good, 5);
  EXPECT_THROW(good.errors(), InternalError);
  const Result<int> bad = unknown_key(1);
  EXPECT_FALSE(bad);
  ASSERT_EQ(bad.errors().size(), 1u);
  EXPECT_THROW(bad.value(), InternalError);
  EXPECT_THROW(static_cast<void>(Result<int>(Diagnostics{})), InternalError);
}

TEST(Check, SaysWhereAndWhy) {
  try {
    CHECK(1 + 1 == 3) << "arithmetic " << 42;
    FAIL() << "CHECK let it pass";
  } catch (const InternalError& e) {
    EXPECT_NE(std::string(e.what()).find("diagnostic_test.cpp"), std::string::npos);
    EXPECT_NE(std::string(e.what()).find("1 + 1 == 3"), std::string::npos);
    EXPECT_NE(std::string(e.what()).find("arithmetic 42"), std::string::npos);
  }
}

}  // namespace
}  // namespace takt
