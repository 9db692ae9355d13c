// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which takt this is. version.cpp is written while building (git_version.cmake).

#include <string_view>

namespace takt {

extern const std::string_view kVersion;    ///< "0.1.0"
extern const std::string_view kGitCommit;  ///< "1a2b3c4d5e6f", or "unknown" outside a git checkout

}  // namespace takt
