// SPDX-License-Identifier: Apache-2.0
#include "sim/app/share_paths.h"

#include <algorithm>
#include <filesystem>

namespace takt {
namespace {

namespace fs = std::filesystem;

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error) && !fs::is_directory(path, error);
}

}  // namespace

std::vector<std::string> share_folders() {
  std::error_code error;
  const fs::path own = fs::read_symlink("/proc/self/exe", error).parent_path();
  std::vector<std::string> found;
  // prefix/bin/takt -> prefix/share/takt; project/build/takt -> project.
  for (const fs::path& place :
       {own / ".." / "share" / "takt", own / "..", fs::path(TAKT_SOURCE_DIR)}) {
    const fs::path clean = place.lexically_normal();
    if (!fs::is_directory(clean / "configs", error)) continue;
    std::string text = clean.string();
    while (text.size() > 1 && text.back() == '/') text.pop_back();
    if (std::find(found.begin(), found.end(), text) == found.end()) found.push_back(text);
  }
  return found;
}

std::string find_shared(const std::string& name, const std::string& folder,
                        const std::vector<std::string>& shares) {
  // "gemm:m=1,…" is no file, an absolute path is exactly that.
  if (name.empty() || name[0] == '/' || is_file(name)) return name;
  for (const std::string& share : shares) {
    for (const fs::path& candidate :
         {fs::path(share) / folder / name, fs::path(share) / folder / (name + ".yaml"),
          fs::path(share) / name}) {
      if (is_file(candidate)) return candidate.string();
    }
  }
  return name;
}

}  // namespace takt
