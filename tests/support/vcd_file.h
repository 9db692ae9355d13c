// SPDX-License-Identifier: Apache-2.0
#pragma once
// A value change dump (IEEE Std 1364-2005, clause 18), read whole and strictly: what a viewer needs
// of one. Values are kept as text of bits.

#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace takt::test {

class VcdFile {
 public:
  /// Throws std::runtime_error if the text is no dump.
  explicit VcdFile(const std::string& text) : in_(text) {
    for (std::string word; in_ >> word;) take(word);
    if (!defined_) fail("no $enddefinitions");
    if (!scopes_.empty()) fail("a scope stays open");
  }

  /// By the name in its scopes, "core0_matrix.pe_0_0.sum": the value at or before `time`, as bits
  /// without leading zeros; "x" before the first.
  std::string at(const std::string& name, std::uint64_t time) const {
    const auto variable = names_.find(name);
    if (variable == names_.end()) throw std::runtime_error("no variable '" + name + "'");
    const auto& changes = changes_.at(variable->second);
    auto after = changes.upper_bound(time);
    return after == changes.begin() ? "x" : std::prev(after)->second;
  }
  /// The same as a whole number of 32 bits, two's complement.
  std::int64_t number(const std::string& name, std::uint64_t time) const {
    return static_cast<std::int32_t>(std::stoul(at(name, time), nullptr, 2));
  }
  const std::map<std::string, std::string>& names() const { return names_; }
  std::uint64_t first_time() const { return first_; }
  std::uint64_t last_time() const { return time_; }
  std::string timescale() const { return timescale_; }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw std::runtime_error(what); }
  std::string word() {
    std::string w;
    if (!(in_ >> w)) fail("the file ends early");
    return w;
  }
  std::string until_end() {
    std::string all;
    for (std::string w = word(); w != "$end"; w = word()) all += (all.empty() ? "" : " ") + w;
    return all;
  }

  void take(const std::string& w) {
    if (w[0] == '$') return keyword(w);
    if (!defined_) fail("'" + w + "' among the definitions");
    if (w[0] == '#') return move_to(std::stoull(w.substr(1)));
    if (w[0] == 'b' || w[0] == 'B') return change(word(), w.substr(1));
    if (std::string("01xzXZ").find(w[0]) == std::string::npos) fail("no value change: '" + w + "'");
    change(w.substr(1), w.substr(0, 1));
  }
  void keyword(const std::string& w) {
    if (w == "$comment" || w == "$version" || w == "$date") {
      until_end();
    } else if (w == "$timescale") {
      timescale_ = until_end();
    } else if (w == "$scope") {
      const std::string type = word();
      if (type != "module") fail("a scope of type '" + type + "'");
      scopes_.push_back(word());
      until_end();
    } else if (w == "$upscope") {
      if (scopes_.empty()) fail("$upscope without a scope");
      scopes_.pop_back();
      until_end();
    } else if (w == "$var") {
      define();
    } else if (w == "$enddefinitions") {
      defined_ = true;
      until_end();
    } else if (w != "$dumpvars" && w != "$end") {
      fail("unknown keyword '" + w + "'");
    }
  }
  void define() {
    word();  // the type: wire, integer …
    const unsigned long bits = std::stoul(word());
    const std::string code = word();
    std::string name;
    for (const std::string& scope : scopes_) name += scope + ".";
    std::string own = until_end();
    own = own.substr(0, own.find(' '));  // without [31:0]
    own = own.substr(0, own.find('['));
    if (!names_.emplace(name + own, code).second) fail("'" + name + own + "' twice");
    bits_[code] = bits;
    changes_[code];
  }
  void move_to(std::uint64_t time) {
    if (started_ && time <= time_) fail("time does not go on at " + std::to_string(time));
    if (!started_) first_ = time;
    started_ = true;
    time_ = time;
  }
  void change(const std::string& code, const std::string& bits) {
    const auto known = bits_.find(code);
    if (known == bits_.end()) fail("a value of nothing: '" + code + "'");
    if (bits.empty() || bits.size() > known->second) fail("'" + bits + "' is too wide");
    changes_[code][time_] = bits;
  }

  std::istringstream in_;
  bool defined_ = false, started_ = false;
  std::uint64_t first_ = 0, time_ = 0;
  std::string timescale_;
  std::vector<std::string> scopes_;
  std::map<std::string, std::string> names_;  ///< to their codes
  std::map<std::string, unsigned long> bits_;
  std::map<std::string, std::map<std::uint64_t, std::string>> changes_;
};

}  // namespace takt::test
