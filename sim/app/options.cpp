// SPDX-License-Identifier: Apache-2.0
#include "sim/app/options.h"

#include <algorithm>
#include <boost/program_options.hpp>

#include "sim/app/option_table.h"
#include "sim/config/suggest.h"

namespace takt {
namespace {

namespace po = boost::program_options;
using og = OptionGroup;

Diagnostic usage_error(const char* name, std::string message, std::string hint = "") {
  Diagnostic d;
  d.kind = ErrorKind::kUsage;
  d.name = name;
  d.message = std::move(message);
  d.hint = std::move(hint);
  return d;
}

Diagnostic unknown_option(const std::string& token, OptionGroups groups) {
  const std::string name = token.substr(0, token.find('='));
  std::vector<std::string> known;
  bool elsewhere = false;
  for (const OptionRow& row : option_table()) {
    const std::string full = std::string("--") + row.name;
    if (row.groups.meets(groups)) {
      known.push_back(full);
    } else if (name == full || (row.letter != 0 && name == std::string("-") + row.letter)) {
      elsewhere = true;
    }
  }
  if (elsewhere) {
    return usage_error("E-unknown-option", "this command has no option '" + name + "'");
  }
  const std::optional<std::string> near = suggest(name, known);
  return usage_error("E-unknown-option", "unknown option '" + name + "'",
                     near ? "did you mean '" + *near + "'?" : "--help lists the options");
}

const OptionRow* find_row(const std::string& name, OptionGroups groups) {
  for (const OptionRow& row : option_table()) {
    if (row.groups.meets(groups) && name == row.name) return &row;
  }
  return nullptr;
}

po::options_description describe(OptionGroups groups) {
  po::options_description all;
  for (const OptionRow& row : option_table()) {
    if (!row.groups.meets(groups)) continue;
    std::string names = row.name;
    if (row.letter != 0) names += std::string(",") + row.letter;
    if (*row.value == 0) {
      all.add_options()(names.c_str(), row.sentence);
    } else {
      all.add_options()(names.c_str(), po::value<std::vector<std::string>>(), row.sentence);
    }
  }
  return all;
}

void apply_one(const po::option& given, OptionGroups groups, std::vector<std::string>& seen,
               Options& into, Diagnostics& errors) {
  if (given.position_key >= 0 || given.string_key.empty()) {
    for (const std::string& word : given.original_tokens) into.positionals.push_back(word);
    return;
  }
  const OptionRow* row = find_row(given.string_key, groups);
  if (given.unregistered || row == nullptr) {
    errors.push_back(unknown_option(given.original_tokens.at(0), groups));
    return;
  }
  const std::string name = std::string("--") + row->name;
  const std::string value = given.value.empty() ? "" : given.value.front();
  // A dimension has one value.
  const bool of_dim = name == "--dim" && !value.empty();
  const std::string once = of_dim ? name + " " + value.substr(0, value.find('=')) : name;
  const bool repeatable = row->repeatable && !of_dim;
  if (!repeatable && std::find(seen.begin(), seen.end(), once) != seen.end()) {
    errors.push_back(usage_error("E-option-repeated", once + " is given twice"));
    return;
  }
  seen.push_back(once);
  if (*row->value != 0 && value.empty()) {
    errors.push_back(usage_error("E-missing-value", name + " needs a value",
                                 std::string(name) + " " + row->value));
    return;
  }
  const std::string expected = row->apply(into, value);
  if (!expected.empty()) {
    errors.push_back(
        usage_error("E-bad-value", name + ": expected " + expected + ", got '" + value + "'"));
  }
}

/// What Boost makes of the tokens. It stops at a value that is missing or one too many: that option
/// is reported and left out, and the rest is read again, so that all mistakes come at once.
std::vector<po::option> parse_tokens(std::vector<std::string> tokens, OptionGroups groups,
                                     Diagnostics& errors) {
  const po::options_description description = describe(groups);
  // Guessing would let '--l' mean '--layer' today and something else after the next option.
  const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  while (true) {
    try {
      return po::command_line_parser(tokens)
          .options(description)
          .style(style)
          .allow_unregistered()
          .run()
          .options;
    } catch (const po::invalid_command_line_syntax& e) {
      const std::string name = e.get_option_name();
      const bool extra = e.kind() == po::invalid_command_line_syntax::extra_parameter;
      errors.push_back(usage_error(extra ? "E-bad-value" : "E-missing-value",
                                   name + (extra ? " takes no value" : " needs a value")));
      const auto bad = std::find_if(tokens.begin(), tokens.end(), [&name](const std::string& t) {
        return t == name || t.rfind(name + "=", 0) == 0;
      });
      if (bad == tokens.end()) return {};
      tokens.erase(bad);
    } catch (const po::error& e) {
      errors.push_back(usage_error("E-bad-value", e.what()));
      return {};
    }
  }
}

}  // namespace

std::string_view to_string(Fidelity fidelity) {
  switch (fidelity) {
    case Fidelity::kAnalytic: return "analytic";
    case Fidelity::kTransaction: return "transaction";
    case Fidelity::kCycle: return "cycle";
  }
  return "?";
}

Result<Options> parse_options(const std::vector<std::string>& arguments, OptionGroups groups) {
  Options options;
  Diagnostics errors;
  std::vector<std::string> seen;
  for (const po::option& given : parse_tokens(arguments, groups, errors)) {
    apply_one(given, groups, seen, options, errors);
  }
  if (!errors.empty() && !options.help) return errors;
  return options;
}

std::string options_help(OptionGroups groups) {
  constexpr std::size_t kColumn = 26;
  constexpr std::size_t kWidth = 100;
  std::string text;
  for (const OptionRow& row : option_table()) {
    if (!row.groups.meets(groups)) continue;
    std::string line = row.letter != 0 ? std::string("  -") + row.letter + ", --" : "      --";
    line += row.name;
    if (*row.value != 0) line += std::string(" ") + row.value;
    std::string rest = row.sentence;
    if (line.size() + 2 > kColumn) {
      text += line + "\n";
      line.clear();
    }
    while (!rest.empty()) {
      line.resize(kColumn, ' ');
      std::size_t cut = rest.size();
      if (cut > kWidth - kColumn) {
        cut = rest.rfind(' ', kWidth - kColumn);
        if (cut == std::string::npos || cut == 0) cut = rest.size();
      }
      text += line + rest.substr(0, cut) + "\n";
      rest.erase(0, std::min(cut + 1, rest.size()));
      line.clear();
    }
  }
  return text;
}

}  // namespace takt
