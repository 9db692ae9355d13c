// SPDX-License-Identifier: Apache-2.0
#pragma once
// What `-o` names, a folder or a file. A file appears whole or not at all: it is written beside
// under another name and then renamed.

#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "sim/base/result.h"

namespace takt {

/// One file, whole or not at all, in a folder that exists. What is no plain file (a pipe, a device)
/// is written in place.
std::optional<Diagnostic> write_file(const std::string& path, const std::string& text);

class OutputFolder {
 public:
  /// Makes the folder if it is missing, and tries that a file can be made in it. What it made goes
  /// away with it, unless something was written there.
  static Result<OutputFolder> open(const std::string& path);
  OutputFolder(OutputFolder&& other) noexcept = default;
  OutputFolder& operator=(OutputFolder&& other) noexcept = default;
  ~OutputFolder();

  /// A path in it for a file that is not to stay.
  std::string scratch(const std::string& name) const;

  std::optional<Diagnostic> write(const std::string& name, const std::string& text) const;
  /// The same for a file that is produced piece by piece.
  std::optional<Diagnostic> write_stream(const std::string& name,
                                         const std::function<void(std::ostream&)>& produce) const;

 private:
  OutputFolder(std::string path, std::vector<std::string> made)
      : path_(std::move(path)), made_(std::move(made)) {}
  std::string path_;
  std::vector<std::string> made_;  ///< folders that were not there, innermost first
};

}  // namespace takt
