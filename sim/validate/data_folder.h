// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where measured data is: `--data`, else $TAKT_DATA, else ../shared/data.

#include <optional>
#include <string>
#include <vector>

#include "sim/base/result.h"
#include "sim/validate/data_header.h"

namespace takt {

class DataFolder {
 public:
  /// `given` is `--data`, a folder or one file; it must exist, and so must the folder that
  /// $TAKT_DATA names. `roots` are folders beside which `../shared/data` is looked for.
  static Result<DataFolder> find(const std::string& given, const std::vector<std::string>& roots);

  /// Where files are expected, for messages.
  const std::string& where() const { return where_; }
  bool is_file() const { return file_.has_value(); }
  /// Of the given file; is_file() only.
  const DataHeader& header() const { return *header_; }
  /// The data of an entry: the given file if it has the entry's columns, or its file in the folder.
  /// Nothing if it is not there; errors if it cannot be read, or lacks columns in the folder.
  Result<std::optional<DataFile>> open(const EntrySpec& entry) const;

 private:
  std::string where_;
  std::optional<DataFile> file_;
  std::optional<DataHeader> header_;
};

}  // namespace takt
