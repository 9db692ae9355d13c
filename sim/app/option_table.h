// SPDX-License-Identifier: Apache-2.0
#pragma once
// The one table of options: names, which commands take them, what they do. Read by options.cpp.

#include <vector>

#include "sim/app/options.h"

namespace takt {

/// Stores a value; the answer is what was expected instead, or empty.
using Apply = std::string (*)(Options&, const std::string&);

struct OptionRow {
  const char* name;
  char letter;        ///< 0 = none
  const char* value;  ///< how help calls the value; empty = a flag
  bool repeatable;
  OptionGroups groups;
  const char* sentence;
  Apply apply;
};

/// Every option of every command, in the order of --help.
const std::vector<OptionRow>& option_table();

}  // namespace takt
