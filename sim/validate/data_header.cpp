// SPDX-License-Identifier: Apache-2.0
#include "sim/validate/data_header.h"

#include <algorithm>

#include "sim/config/parse.h"
#include "sim/config/suggest.h"
#include "sim/validate/csv_table.h"

namespace takt {
namespace {

bool reads_json(const EntrySpec& entry) {
  constexpr std::string_view kEnding = ".json";
  return entry.file.size() > kEnding.size() &&
         entry.file.compare(entry.file.size() - kEnding.size(), kEnding.size(), kEnding) == 0;
}

void add_keys(const Node& node, std::vector<std::string>& keys) {
  keys.insert(keys.end(), node.keys.begin(), node.keys.end());
  for (const Node& child : node.children) add_keys(child, keys);
}

}  // namespace

Result<DataHeader> DataHeader::parse(const DataFile& file) {
  DataHeader header;
  header.file_ = file.path;
  Diagnostics errors;
  const std::string& text = file.text;
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) {
    Diagnostic d = header.error("there is nothing in this file");
    d.name = "E-empty-file";
    d.place = {file.path, 0, 0};
    errors.push_back(std::move(d));
    return errors;
  }
  const std::size_t begin = text.rfind('\n', first) + 1;  // npos + 1 is the first line's
  const auto header_at = text.begin() + static_cast<std::ptrdiff_t>(begin);
  header.line_ = 1 + static_cast<int>(std::count(text.begin(), header_at, '\n'));
  header.source_ = text.substr(begin, text.find('\n', first) - begin);
  if (header.source_.back() == '\r') header.source_.pop_back();
  header.json_ = text[first] == '{' || text[first] == '[';
  if (header.json_) {
    const std::optional<Node> tree = parse_text(text, file.path, errors);
    if (!errors.empty()) return errors;
    if (tree) add_keys(*tree, header.names_);
    return header;
  }
  std::vector<CsvTable::Cell> cells;
  if (!CsvTable::split(header.source_, cells)) {
    Diagnostic d = header.error("a quote is not closed on its line");
    d.name = "E-bad-syntax";
    errors.push_back(std::move(d));
    return errors;
  }
  for (CsvTable::Cell& cell : cells) header.names_.push_back(std::move(cell.text));
  return header;
}

bool DataHeader::has(const std::string& name) const {
  return std::find(names_.begin(), names_.end(), name) != names_.end();
}

std::vector<std::string> DataHeader::missing(const EntrySpec& entry) const {
  if (json_ != reads_json(entry)) return entry.columns;
  std::vector<std::string> absent;
  for (const std::string& column : entry.columns) {
    if (!has(column)) absent.push_back(column);
  }
  return absent;
}

/// Is a column of the entry between such separators?
bool DataHeader::separated_by(char separator, const EntrySpec& entry) const {
  for (std::size_t at = 0; at < source_.size();) {
    const std::size_t end = std::min(source_.find(separator, at), source_.size());
    const std::string cell = source_.substr(at, end - at);
    if (cell.size() < source_.size() &&
        std::count(entry.columns.begin(), entry.columns.end(), cell) > 0) {
      return true;
    }
    at = end + 1;
  }
  return false;
}

Diagnostic DataHeader::error(const std::string& message) const {
  Diagnostic d;
  d.name = "E-columns";
  d.place = {file_, line_, 1};
  d.message = message;
  d.source_line = source_;
  return d;
}

Diagnostics DataHeader::why_not(const EntrySpec& entry) const {
  if (entry.columns.empty()) {
    Diagnostic d = error(entry.name + " reads no data file");
    d.hint = "leave out --data";
    return {d};
  }
  if (json_ != reads_json(entry)) {
    return {error(entry.name +
                  (json_ ? " reads a table (CSV), this is JSON" : " reads JSON, this is a table"))};
  }
  for (const auto& [separator, word] : {std::pair{';', "';'"}, std::pair{'\t', "tabs"}}) {
    if (!json_ && separated_by(separator, entry)) {
      return {error(std::string("columns are separated by ") + word + ", expected ','")};
    }
  }
  std::vector<std::string> others;
  for (const std::string& name : names_) {
    if (std::count(entry.columns.begin(), entry.columns.end(), name) == 0) others.push_back(name);
  }
  Diagnostics errors;
  for (const std::string& column : missing(entry)) {
    Diagnostic d = error(json_ ? "key missing" : "column missing");
    d.path = column;
    if (const auto near = suggest(column, others)) {
      d.hint = "did you mean '" + column + "' by '" + *near + "'?";
    } else {
      d.hint = entry.name + " reads " + join_words(entry.columns);
    }
    errors.push_back(std::move(d));
  }
  return errors;
}

}  // namespace takt
