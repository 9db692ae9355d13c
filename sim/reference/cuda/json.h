// SPDX-License-Identifier: Apache-2.0
#pragma once
// Writes JSON: members in the order of the calls, one line for each member of an outer level.

#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

namespace takt::gpu {

class Json {
 public:
  /// `key` is empty within an array.
  Json& open(const std::string& key, char bracket);  ///< '{' or '['
  Json& close();
  Json& add(const std::string& key, const std::string& text);
  Json& add(const std::string& key, const char* text) { return add(key, std::string(text)); }
  Json& add(const std::string& key, std::int64_t number);
  Json& add(const std::string& key, int number) {
    return add(key, static_cast<std::int64_t>(number));
  }
  Json& add(const std::string& key, std::uint64_t number);
  Json& add(const std::string& key, bool value);
  Json& add(const std::string& key, double number, int digits = 9);  ///< null if not finite
  std::string text() const { return out_.str() + "\n"; }

 private:
  void begin(const std::string& key);
  std::ostringstream out_;
  std::vector<char> brackets_;
  bool first_ = true;
};

/// 16 hexadecimal digits.
std::string hexadecimal(std::uint64_t value);

}  // namespace takt::gpu
