// SPDX-License-Identifier: Apache-2.0
#include "sim/base/diagnostic.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace takt {
namespace {

std::string place_text(const Place& place) {
  if (place.file.empty()) return "";
  if (place.line <= 0) return place.file + ": ";
  std::string text = place.file + ":" + std::to_string(place.line);
  if (place.column > 0) text += ":" + std::to_string(place.column);
  return text + ": ";
}

/// What a file calls things may be as long as the file; a message about it is not.
std::string shortened(const std::string& text) {
  constexpr std::size_t kBytesMax = 2000;
  if (text.size() <= kBytesMax) return text;
  std::size_t end = kBytesMax / 2;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "... (" + std::to_string(text.size()) + " bytes)";
}

auto sort_key(const Diagnostic& d) {
  return std::tie(d.place.file, d.place.line, d.place.column, d.path, d.message);
}

/// Exit codes, the worst first: what is wrong in the files is to be mended before the rest.
constexpr std::array<std::pair<ErrorKind, int>, 5> kExitCodes{{{ErrorKind::kInvalidInput, 3},
                                                               {ErrorKind::kUnsupported, 4},
                                                               {ErrorKind::kInfeasible, 7},
                                                               {ErrorKind::kUsage, 2},
                                                               {ErrorKind::kCheckFailed, 1}}};

}  // namespace

std::string to_string(const Diagnostic& d) {
  std::string text = place_text(d.place) + "error: ";
  if (!d.path.empty()) text += shortened(d.path) + ": ";
  text += shortened(d.message);
  if (!d.name.empty()) text += " [" + d.name + "]";
  text += "\n";
  constexpr std::size_t kLineBytesMax = 2000;  // a longer one shows nobody where it is
  if (!d.source_line.empty() && d.source_line.size() <= kLineBytesMax && d.place.line > 0) {
    const std::string number = std::to_string(d.place.line);
    text += "  " + number + " | " + d.source_line + "\n";
    if (d.place.column > 0) {
      text += std::string(number.size() + 2, ' ') + " | " +
              std::string(static_cast<size_t>(d.place.column - 1), ' ') + "^\n";
    }
  }
  if (!d.hint.empty()) text += "  hint: " + shortened(d.hint) + "\n";
  return text;
}

std::string to_string(const Diagnostics& diagnostics) {
  Diagnostics sorted = diagnostics;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return sort_key(a) < sort_key(b);
  });
  std::string text;
  std::string previous;
  for (const Diagnostic& d : sorted) {
    const std::string one = to_string(d);
    if (one != previous) text += one;
    previous = one;
  }
  return text;
}

int exit_code(const Diagnostics& diagnostics) {
  for (const auto& [kind, code] : kExitCodes) {
    for (const Diagnostic& d : diagnostics) {
      if (d.kind == kind) return code;
    }
  }
  return 0;
}

}  // namespace takt
