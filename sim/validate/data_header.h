// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a data file has by name: the columns of its header line, or the keys of its JSON.

#include <string>
#include <vector>

#include "sim/base/result.h"
#include "sim/validate/suite.h"

namespace takt {

class DataHeader {
 public:
  /// Errors: nothing in the file, a quote that is not closed, JSON that is none.
  static Result<DataHeader> parse(const DataFile& file);

  /// The columns of an entry that are not there; all of them if the entry reads another format.
  std::vector<std::string> missing(const EntrySpec& entry) const;
  /// Does the entry read a file of these columns?
  bool fits(const EntrySpec& entry) const {
    return !entry.columns.empty() && missing(entry).empty();
  }
  /// What keeps an entry from reading the file.
  Diagnostics why_not(const EntrySpec& entry) const;

 private:
  bool has(const std::string& name) const;
  bool separated_by(char separator, const EntrySpec& entry) const;
  Diagnostic error(const std::string& message) const;

  std::string file_;
  bool json_ = false;
  int line_ = 1;        ///< of the header
  std::string source_;  ///< the header as written
  std::vector<std::string> names_;
};

}  // namespace takt
