// SPDX-License-Identifier: Apache-2.0
#pragma once
// A machine file that many machines are made of, one set of overrides each: its text and that of
// its parts is parsed once.

#include <string>
#include <utility>
#include <vector>

#include "sim/config/node.h"
#include "sim/machine/machine_spec.h"

namespace takt {

class MachineFile {
 public:
  /// Overrides of `options` are not looked at.
  static Result<MachineFile> open(const std::string& path, const MachineOptions& options = {});

  /// What read_machine_config() gives for the file with these overrides.
  Result<MachineConfig> with(const std::vector<std::string>& overrides) const;

 private:
  MachineFile(Node tree, std::string path, std::vector<std::string> roots)
      : tree_(std::move(tree)), path_(std::move(path)), roots_(std::move(roots)) {}

  Node tree_;
  std::string path_;
  std::vector<std::string> roots_;
};

}  // namespace takt
