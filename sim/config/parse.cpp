// SPDX-License-Identifier: Apache-2.0
#include "sim/config/parse.h"

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "sim/config/tree_builder.h"
#include "sim/config/utf8.h"

namespace takt {
namespace {

Diagnostic file_error(const std::string& file, std::string name, std::string message,
                      std::string hint = "") {
  Diagnostic d;
  d.name = std::move(name);
  d.place.file = file;
  d.message = std::move(message);
  d.hint = std::move(hint);
  return d;
}

Diagnostic bad_bytes(const SourceText& source, std::size_t at) {
  Diagnostic d = file_error(source.name(), "E-not-text", "not a text file in UTF-8");
  d.place.line = 1;
  std::size_t line_start = 0;
  for (std::size_t i = 0; i < at; ++i) {
    if (source.text()[i] != '\n') continue;
    ++d.place.line;
    line_start = i + 1;
  }
  d.place.column = static_cast<int>(at - line_start) + 1;
  return d;
}

/// yaml-cpp looks ahead over a whole flow sequence to see whether it is a key, at about 100 bytes a
/// token: bracket bombs are stopped here. Brackets in comments and plain text count too, so the
/// limit on depth is far above kDepthMax.
std::optional<std::size_t> find_bracket_bomb(const std::string& text) {
  constexpr int kBracketsMax = 16 * kDepthMax;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '[' || text[i] == '{') ++depth;
    if ((text[i] == ']' || text[i] == '}') && depth > 0) --depth;
    if (depth > kBracketsMax) return i;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Node> parse_text(std::string text, const std::string& name, Diagnostics& errors) {
  if (text.compare(0, 3, "\xEF\xBB\xBF") == 0) text.erase(0, 3);
  if (text.size() > kFileBytesMax) {
    errors.push_back(file_error(name, "E-too-large",
                                "larger than " + std::to_string(kFileBytesMax >> 20) + " MiB"));
    return std::nullopt;
  }
  const auto source = std::make_shared<const SourceText>(name, std::move(text));
  const std::size_t bad = find_bad_byte(source->text());
  if (bad != std::string::npos) {
    errors.push_back(bad_bytes(*source, bad));
    return std::nullopt;
  }
  if (find_bracket_bomb(source->text())) {
    errors.push_back(
        file_error(name, "E-too-deep",
                   "more than " + std::to_string(kDepthMax) + " maps or lists within each other"));
    return std::nullopt;
  }
  try {
    std::istringstream stream(source->text());
    YAML::Parser parser(stream);
    TreeBuilder builder(source, errors);
    if (!parser.HandleNextDocument(builder) || !builder.has_root()) {
      errors.push_back(file_error(name, "E-empty-file", "the file is empty"));
      return std::nullopt;
    }
    Node root = builder.take_root();
    Diagnostics ignored;
    TreeBuilder second(source, ignored);
    if (parser.HandleNextDocument(second)) {
      errors.push_back(file_error(name, "E-bad-syntax", "the file holds more than one document",
                                  "remove the line '---' between them"));
      return std::nullopt;
    }
    return root;
  } catch (const StopParsing& stop) {
    errors.push_back(stop.why);
  } catch (const YAML::Exception& e) {
    Node place;
    place.source = source;
    if (!e.mark.is_null()) {
      place.line = e.mark.line + 1;
      place.column = e.mark.column + 1;
    }
    errors.push_back(error_at(place, "", "E-bad-syntax", "not valid YAML: " + e.msg));
  }
  return std::nullopt;
}

std::optional<std::string> read_whole_file(const std::string& path, std::size_t bytes_max,
                                           Diagnostics& errors) {
  std::error_code code;
  const auto status = std::filesystem::status(path, code);
  if (!std::filesystem::exists(status)) {
    errors.push_back(file_error(path, "E-missing-file", "no such file"));
    return std::nullopt;
  }
  if (std::filesystem::is_directory(status)) {
    errors.push_back(file_error(path, "E-unreadable-file", "is a folder, expected a file"));
    return std::nullopt;
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text;
  // In pieces, so that a device or a pipe that never ends is refused too.
  char piece[1 << 16];
  while (file.good() && text.size() <= bytes_max) {
    file.read(piece, sizeof piece);
    text.append(piece, static_cast<std::size_t>(file.gcount()));
  }
  if (!file.is_open() || file.bad() || (file.fail() && !file.eof())) {
    const std::string why = errno != 0 ? std::strerror(errno) : "unknown reason";
    errors.push_back(file_error(path, "E-unreadable-file", "cannot be read: " + why));
    return std::nullopt;
  }
  if (text.size() > bytes_max) {
    errors.push_back(
        file_error(path, "E-too-large", "larger than " + std::to_string(bytes_max >> 20) + " MiB"));
    return std::nullopt;
  }
  return text;
}

std::optional<Node> parse_file(const std::string& path, Diagnostics& errors) {
  std::optional<std::string> text = read_whole_file(path, kFileBytesMax, errors);
  if (!text) return std::nullopt;
  return parse_text(std::move(*text), path, errors);
}

namespace {
void forget_lines(Node& node) {
  node.line = node.column = node.key_line = node.key_column = 0;
  for (Node& child : node.children) forget_lines(child);
}
}  // namespace

std::optional<Node> parse_value(const std::string& text, const std::string& name,
                                const std::string& path, Diagnostics& errors) {
  Diagnostics found;
  std::optional<Node> node = parse_text(text, name, found);
  if (!found.empty() && found.front().name == "E-empty-file") {
    found = {file_error(name, "E-bad-override", "has no value")};
  }
  for (Diagnostic& d : found) {
    d.place.line = d.place.column = 0;
    if (d.path.empty()) d.path = path;
    errors.push_back(d);
  }
  if (node) forget_lines(*node);
  return node;
}

}  // namespace takt
