// SPDX-License-Identifier: Apache-2.0
#pragma once
// A CSV file with a header line: cells by column name, and whatever is wrong with one by its place.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/result.h"

namespace takt {

class CsvTable {
 public:
  struct Cell {
    std::string text;
    int column = 1;
  };
  /// The cells of one line; false if a quote is not closed.
  static bool split(const std::string& line, std::vector<Cell>& cells);
  /// Quoted cells may hold commas and doubled quotes, no line breaks. Errors: no header, a column
  /// named twice, rows with more or fewer cells than the header.
  static Result<CsvTable> parse(const std::string& text, const std::string& name);

  bool has(const std::string& column) const;
  std::size_t rows() const { return lines_.size(); }
  /// The place of a row's first cell.
  Place place(std::size_t row) const { return {name_, lines_[row].number, 1}; }

  /// A cell as written; empty if there is no such column.
  std::string text(std::size_t row, const std::string& column) const;
  /// A cell as a number. What is none, or not from `least` to `most`, is remembered in errors().
  std::int64_t whole(std::size_t row, const std::string& column, std::int64_t least = 1,
                     std::int64_t most = std::int64_t{1} << 52);
  double number(std::size_t row, const std::string& column, double least = 0,
                std::optional<double> most = std::nullopt);
  /// Says that a cell is wrong in a way that only its reader knows.
  void complain(std::size_t row, const std::string& column, const std::string& name,
                const std::string& message);
  const Diagnostics& errors() const { return errors_; }

 private:
  struct Line {
    int number = 0;
    std::string source;
    std::vector<Cell> cells;
  };
  const Cell* find(std::size_t row, const std::string& column) const;

  std::string name_;
  std::vector<std::string> header_;
  std::vector<Line> lines_;
  Diagnostics errors_;
};

}  // namespace takt
