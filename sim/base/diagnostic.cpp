// SPDX-License-Identifier: Apache-2.0
#include "sim/base/diagnostic.h"

#include <algorithm>
#include <tuple>

namespace takt {
namespace {

std::string place_text(const Place& place) {
  if (place.file.empty()) return "";
  if (place.line <= 0) return place.file + ": ";
  std::string text = place.file + ":" + std::to_string(place.line);
  if (place.column > 0) text += ":" + std::to_string(place.column);
  return text + ": ";
}

auto sort_key(const Diagnostic& d) {
  return std::tie(d.place.file, d.place.line, d.place.column, d.path, d.message);
}

int exit_code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kCheckFailed: return 1;
    case ErrorKind::kUsage: return 2;
    case ErrorKind::kInvalidInput: return 3;
    case ErrorKind::kUnsupported: return 4;
    case ErrorKind::kInfeasible: return 7;
  }
  return 3;
}

}  // namespace

std::string to_string(const Diagnostic& d) {
  std::string text = place_text(d.place) + "error: ";
  if (!d.path.empty()) text += d.path + ": ";
  text += d.message;
  if (!d.name.empty()) text += " [" + d.name + "]";
  text += "\n";
  if (!d.source_line.empty() && d.place.line > 0) {
    const std::string number = std::to_string(d.place.line);
    text += "  " + number + " | " + d.source_line + "\n";
    if (d.place.column > 0) {
      text += std::string(number.size() + 2, ' ') + " | " +
              std::string(static_cast<size_t>(d.place.column - 1), ' ') + "^\n";
    }
  }
  if (!d.hint.empty()) text += "  hint: " + d.hint + "\n";
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
  // Invalid input outranks the rest: what is wrong in the files is to be mended first.
  int code = 0;
  for (const Diagnostic& d : diagnostics) {
    const int one = exit_code_of(d.kind);
    if (code == 0 || one == 3) code = one;
  }
  return code;
}

}  // namespace takt
