// SPDX-License-Identifier: Apache-2.0
#include "json.h"

#include <cmath>
#include <cstdio>

namespace takt::gpu {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    char escape[8];
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      out += escape;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace

void Json::begin(const std::string& key) {
  if (brackets_.empty()) return;
  if (!first_) out_ << ',';
  // Two levels have lines of their own; what is deeper stays on its line.
  if (brackets_.size() <= 2) {
    out_ << '\n' << std::string(brackets_.size(), ' ');
  } else if (!first_) {
    out_ << ' ';
  }
  first_ = false;
  if (!key.empty()) out_ << quoted(key) << ": ";
}

Json& Json::open(const std::string& key, char bracket) {
  begin(key);
  out_ << bracket;
  brackets_.push_back(bracket);
  first_ = true;
  return *this;
}

Json& Json::close() {
  const char bracket = brackets_.back();
  brackets_.pop_back();
  if (!first_ && brackets_.size() < 2) out_ << '\n' << std::string(brackets_.size(), ' ');
  out_ << (bracket == '{' ? '}' : ']');
  first_ = false;
  return *this;
}

Json& Json::add(const std::string& key, const std::string& text) {
  begin(key);
  out_ << quoted(text);
  return *this;
}
Json& Json::add(const std::string& key, std::int64_t number) {
  begin(key);
  out_ << number;
  return *this;
}
Json& Json::add(const std::string& key, std::uint64_t number) {
  begin(key);
  out_ << number;
  return *this;
}
Json& Json::add(const std::string& key, bool value) {
  begin(key);
  out_ << (value ? "true" : "false");
  return *this;
}
Json& Json::add(const std::string& key, double number, int digits) {
  begin(key);
  char text[40] = "null";
  if (std::isfinite(number)) std::snprintf(text, sizeof text, "%.*g", digits, number);
  out_ << text;
  return *this;
}

std::string hexadecimal(std::uint64_t value) {
  char text[20];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

}  // namespace takt::gpu
