// SPDX-License-Identifier: Apache-2.0
#include "sim/report/table.h"

#include <algorithm>

#include "sim/base/check.h"

namespace takt {
namespace {

constexpr std::size_t kShrunkMin = 12;
constexpr const char* kGap = "  ";

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// Byte offset of code point `n`, or the size.
std::size_t offset_of(const std::string& text, std::size_t n) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (!continues(text[at]) && n-- == 0) break;
  }
  return at;
}

}  // namespace

std::size_t display_width(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

std::string printable(const std::string& text) {
  std::string clean = text;
  for (char& c : clean) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return clean;
}

std::string shortened(const std::string& text, std::size_t width) {
  const std::size_t size = display_width(text);
  if (size <= width || width < 5) return text;
  const std::size_t front = (width - 2) / 2;
  const std::size_t back = width - 2 - front;
  return text.substr(0, offset_of(text, front)) + ".." + text.substr(offset_of(text, size - back));
}

void Table::add(std::vector<std::string> cells) {
  CHECK(cells.size() == columns_.size()) << "a row has one cell a column";
  for (std::string& cell : cells) cell = printable(cell);
  rows_.push_back(std::move(cells));
}

std::vector<std::size_t> Table::widths(std::size_t width) const {
  std::vector<std::size_t> all;
  std::size_t sum = 0;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::size_t most = display_width(columns_[c].title);
    for (const auto& row : rows_) {
      if (!row.empty()) most = std::max(most, display_width(row[c]));
    }
    all.push_back(most);
    sum += most + (c > 0 ? 2 : 0);
  }
  // The widest shrinkable column gives way, one at a time.
  while (sum > width) {
    std::size_t widest = columns_.size();
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (!columns_[c].may_shrink || all[c] <= kShrunkMin) continue;
      if (widest == columns_.size() || all[c] > all[widest]) widest = c;
    }
    if (widest == columns_.size()) break;
    --all[widest];
    --sum;
  }
  return all;
}

std::string Table::text(std::size_t width, bool color) const {
  const std::vector<std::size_t> sizes = widths(width);
  const auto line = [&](auto&& cell) {
    std::string text;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const std::string word = shortened(cell(c), sizes[c]);
      const std::string space(sizes[c] - std::min(sizes[c], display_width(word)), ' ');
      text += (c > 0 ? kGap : "") + (columns_[c].right ? space + word : word + space);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  };
  const std::string title = line([&](std::size_t c) { return columns_[c].title; });
  std::string out = color ? "\033[1m" + title + "\033[0m\n" : title + "\n";
  for (const auto& row : rows_) {
    if (row.empty()) {
      std::size_t sum = 0;
      for (const std::size_t s : sizes) sum += s + 2;
      out += std::string(sum - 2, '-') + "\n";
      continue;
    }
    out += line([&](std::size_t c) { return row[c]; }) + "\n";
  }
  return out;
}

}  // namespace takt
