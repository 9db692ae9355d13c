// SPDX-License-Identifier: Apache-2.0
#pragma once
// Finding machines and networks: as named, else in the folders that came with takt.

#include <string>
#include <vector>

namespace takt {

/// Folders that hold `configs` and `workloads`: the installed share folder or the project, as found
/// from the program's own place; then the tree it was built from. Existing ones only.
std::vector<std::string> share_folders();

/// `name` if such a file exists; else the first of `folder`/`name` and `folder`/`name`.yaml below
/// `shares`; else `name` unchanged, for the reader to say that it is missing. `folder` is "configs"
/// or "workloads". A name that starts with "configs/" or "workloads/" is looked up below the share.
std::string find_shared(const std::string& name, const std::string& folder,
                        const std::vector<std::string>& shares);

}  // namespace takt
