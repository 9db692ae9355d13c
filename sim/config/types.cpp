// SPDX-License-Identifier: Apache-2.0
#include "sim/config/types.h"

namespace takt {

void Field::error(std::string name, std::string message, std::string hint) const {
  errors.push_back(error_at(node, path, std::move(name), std::move(message), std::move(hint)));
}

bool Field::expect_scalar(const std::string& expected) const {
  if (node.is_scalar()) return true;
  if (node.reported) return false;
  error("E-wrong-shape", "expected " + expected + ", got " + node.describe());
  return false;
}

std::optional<std::string> Text::read(const Field& field) const {
  if (!field.expect_scalar("text")) return std::nullopt;
  if (field.node.text.empty()) {
    field.error("E-out-of-range", "must not be empty");
    return std::nullopt;
  }
  return field.node.text;
}

std::string Text::format(const std::string& value) const { return quote_yaml(value); }

std::optional<bool> Flag::read(const Field& field) const {
  if (!field.expect_scalar("true or false")) return std::nullopt;
  if (!field.node.quoted && field.node.text == "true") return true;
  if (!field.node.quoted && field.node.text == "false") return false;
  field.error("E-bad-choice", "expected true or false, got " + field.node.describe());
  return std::nullopt;
}

std::optional<std::size_t> read_choice(const Field& field, const std::vector<std::string>& words) {
  const std::string expected =
      words.size() == 1 ? "'" + words[0] + "'" : "one of " + join_words(words);
  if (!field.expect_scalar(expected)) return std::nullopt;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == field.node.text) return i;
  }
  const std::optional<std::string> near = suggest(field.node.text, words);
  field.error("E-bad-choice",
              "expected " + expected + ", got " + quoted_for_message(field.node.text),
              near ? "did you mean '" + *near + "'?" : "");
  return std::nullopt;
}

Choice<DType> compute_dtype() {
  Choice<DType> choice;
  for (const DTypeInfo& row : kDTypes) {
    if (row.computes) choice.words.emplace_back(std::string(row.name), row.dtype);
  }
  return choice;
}

std::string quote_yaml(const std::string& text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (c == '\t') {
      quoted += "\\t";
    } else if (c == '\r') {
      quoted += "\\r";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      constexpr char kHex[] = "0123456789abcdef";
      quoted += "\\x";
      quoted += kHex[static_cast<unsigned char>(c) >> 4];
      quoted += kHex[static_cast<unsigned char>(c) & 15];
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

}  // namespace takt
