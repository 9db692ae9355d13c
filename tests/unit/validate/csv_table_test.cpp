// SPDX-License-Identifier: Apache-2.0
#include "sim/validate/csv_table.h"

#include <gtest/gtest.h>

namespace takt {
namespace {

CsvTable table_of(const std::string& text) {
  Result<CsvTable> table = CsvTable::parse(text, "t.csv");
  EXPECT_TRUE(table.ok());
  return *table;
}

std::string errors_of(const std::string& text) {
  const Result<CsvTable> table = CsvTable::parse(text, "t.csv");
  return table.ok() ? "" : to_string(table.errors());
}

TEST(CsvTable, CellsByColumn) {
  CsvTable table = table_of("name,m,share\r\n\"a, \"\"b\"\"\",512.0,0.25\nplain,7,1e3\n");
  ASSERT_EQ(table.rows(), 2u);
  EXPECT_EQ(table.text(0, "name"), "a, \"b\"");
  EXPECT_EQ(table.whole(0, "m"), 512);
  EXPECT_EQ(table.number(0, "share"), 0.25);
  EXPECT_EQ(table.whole(1, "m"), 7);
  EXPECT_EQ(table.number(1, "share"), 1000);
  EXPECT_EQ(table.text(0, "absent"), "");
  EXPECT_TRUE(table.errors().empty());
}

TEST(CsvTable, WrongCellsHaveTheirPlace) {
  CsvTable table = table_of("m,n\nx,0\n1.5,2\n");
  table.whole(0, "m");
  table.whole(0, "n");
  table.whole(1, "m");
  table.number(0, "m");
  EXPECT_EQ(to_string(table.errors()),
            "t.csv:2:1: error: m: expected a number, got 'x' [E-not-a-number]\n"
            "  2 | x,0\n    | ^\n"
            "t.csv:2:1: error: m: expected a whole number, got 'x' [E-not-a-number]\n"
            "  2 | x,0\n    | ^\n"
            "t.csv:2:3: error: n: must be from 1 to 4503599627370496, is 0 [E-out-of-range]\n"
            "  2 | x,0\n    |   ^\n"
            "t.csv:3:1: error: m: expected a whole number, got '1.5' [E-not-a-number]\n"
            "  3 | 1.5,2\n    | ^\n");
}

TEST(CsvTable, NumbersAreFiniteAndDecimal) {
  for (const char* word : {"nan", "inf", "-inf", "1e400", "0x10", " 5", "5 ", "+5", "1,5", ""}) {
    CsvTable table = table_of("m,n\n\"" + std::string(word) + "\",1\n");
    table.number(0, "m");
    EXPECT_EQ(to_string(table.errors())
                  .rfind("t.csv:2:1: error: m: expected a number, got '" + std::string(word) +
                             "' [E-not-a-number]",
                         0),
              0u)
        << word;
  }
  CsvTable table = table_of("m,n\n-5,-0.5e1\n");
  EXPECT_EQ(table.number(0, "n", -10), -5);
  table.number(0, "m");
  EXPECT_EQ(to_string(table.errors()),
            "t.csv:2:1: error: m: is too small: -5 [E-out-of-range]\n"
            "  2 | -5,-0.5e1\n    | ^\n");
}

TEST(CsvTable, WrongFiles) {
  EXPECT_EQ(errors_of(""), "t.csv: error: there is no row in this file [E-empty-file]\n");
  EXPECT_EQ(errors_of("a,b\n1\n"),
            "t.csv:2:1: error: the header has 2 columns, this row 1 [E-columns]\n"
            "  2 | 1\n    | ^\n");
  EXPECT_EQ(errors_of("a,a\n1,2\n"),
            "t.csv:1:1: error: column 'a' is there twice [E-columns]\n"
            "  1 | a,a\n    | ^\n");
  EXPECT_EQ(errors_of("a,b\n\"1,2\n"),
            "t.csv:2:1: error: a quote is not closed on its line [E-bad-syntax]\n"
            "  2 | \"1,2\n    | ^\n");
}

}  // namespace
}  // namespace takt
