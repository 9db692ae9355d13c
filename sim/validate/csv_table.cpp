// SPDX-License-Identifier: Apache-2.0
#include "sim/validate/csv_table.h"

#include <algorithm>
#include <charconv>

#include "sim/config/units.h"
#include "sim/validate/read_number.h"

namespace takt {

bool CsvTable::split(const std::string& line, std::vector<Cell>& cells) {
  std::size_t at = 0;
  for (;;) {
    Cell cell;
    cell.column = static_cast<int>(at) + 1;
    if (at < line.size() && line[at] == '"') {
      for (++at;; ++at) {
        if (at >= line.size()) return false;
        if (line[at] == '"' && (at + 1 >= line.size() || line[at + 1] != '"')) break;
        at += line[at] == '"';
        cell.text += line[at];
      }
      at = std::min(line.find(',', at), line.size());
    } else {
      const std::size_t comma = std::min(line.find(',', at), line.size());
      cell.text = line.substr(at, comma - at);
      at = comma;
    }
    cells.push_back(std::move(cell));
    if (at >= line.size()) return true;
    ++at;
  }
}

Result<CsvTable> CsvTable::parse(const std::string& text, const std::string& name) {
  CsvTable table;
  table.name_ = name;
  const auto wrong = [&](int number, const std::string& source, const char* code,
                         const std::string& message) {
    Diagnostic d;
    d.name = code;
    d.place = {name, number, number > 0 ? 1 : 0};
    d.message = message;
    d.source_line = source;
    table.errors_.push_back(std::move(d));
  };
  int number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    Line line;
    line.source = text.substr(at, end - at);
    if (!line.source.empty() && line.source.back() == '\r') line.source.pop_back();
    line.number = ++number;
    at = end + 1;
    if (line.source.find_first_not_of(" \t") == std::string::npos) continue;
    if (!split(line.source, line.cells)) {
      wrong(number, line.source, "E-bad-syntax", "a quote is not closed on its line");
      continue;
    }
    if (table.header_.empty()) {
      for (const Cell& cell : line.cells) {
        if (table.has(cell.text)) {
          wrong(number, line.source, "E-columns", "column '" + cell.text + "' is there twice");
        }
        table.header_.push_back(cell.text);
      }
      continue;
    }
    if (line.cells.size() != table.header_.size()) {
      wrong(number, line.source, "E-columns",
            "the header has " + std::to_string(table.header_.size()) + " columns, this row " +
                std::to_string(line.cells.size()));
      continue;
    }
    table.lines_.push_back(std::move(line));
  }
  if (table.errors_.empty() && table.lines_.empty()) {
    wrong(0, "", "E-empty-file", "there is no row in this file");
  }
  if (!table.errors_.empty()) return table.errors_;
  return table;
}

bool CsvTable::has(const std::string& column) const {
  return std::find(header_.begin(), header_.end(), column) != header_.end();
}

const CsvTable::Cell* CsvTable::find(std::size_t row, const std::string& column) const {
  const auto at = std::find(header_.begin(), header_.end(), column);
  if (at == header_.end()) return nullptr;
  return &lines_[row].cells[static_cast<std::size_t>(at - header_.begin())];
}

std::string CsvTable::text(std::size_t row, const std::string& column) const {
  const Cell* cell = find(row, column);
  return cell == nullptr ? "" : cell->text;
}

void CsvTable::complain(std::size_t row, const std::string& column, const std::string& name,
                        const std::string& message) {
  const Cell* cell = find(row, column);
  Diagnostic d;
  d.name = name;
  d.place = {name_, lines_[row].number, cell == nullptr ? 1 : cell->column};
  d.path = column;
  d.message = message;
  d.source_line = lines_[row].source;
  errors_.push_back(std::move(d));
}

// Tables that spreadsheets wrote hold whole numbers as "512.0".
std::int64_t CsvTable::whole(std::size_t row, const std::string& column, std::int64_t least,
                             std::int64_t most) {
  const std::string given = text(row, column);
  std::string digits = given;
  if (const std::size_t point = digits.find('.');
      point != std::string::npos && digits.find_first_not_of('0', point + 1) == std::string::npos) {
    digits.resize(point);
  }
  std::int64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, code] = std::from_chars(digits.data(), end, value);
  if (code != std::errc{} || stop != end) {
    complain(row, column, "E-not-a-number", "expected a whole number, got '" + given + "'");
    return least;
  }
  if (value < least || value > most) {
    complain(
        row, column, "E-out-of-range",
        "must be from " + std::to_string(least) + " to " + std::to_string(most) + ", is " + given);
    return least;
  }
  return value;
}

double CsvTable::number(std::size_t row, const std::string& column, double least,
                        std::optional<double> most) {
  const std::string given = text(row, column);
  const std::optional<double> value = read_number(given);
  if (!value) {
    complain(row, column, "E-not-a-number", "expected a number, got '" + given + "'");
    return least;
  }
  if (most && (*value < least || *value > *most)) {
    complain(row, column, "E-out-of-range",
             "must be from " + format_real(least, "") + " to " + format_real(*most, "") + ", is " +
                 given);
    return least;
  }
  if (*value < least) {
    complain(row, column, "E-out-of-range", "is too small: " + given);
    return least;
  }
  return *value;
}

}  // namespace takt
