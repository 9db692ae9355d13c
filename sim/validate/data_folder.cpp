// SPDX-License-Identifier: Apache-2.0
#include "sim/validate/data_folder.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "sim/config/parse.h"

namespace takt {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDataBytesMax = std::size_t{256} << 20;

Result<DataFile> read(const std::string& path, bool given) {
  Diagnostics errors;
  std::optional<std::string> text = read_whole_file(path, kDataBytesMax, errors);
  if (!text) return errors;
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // spreadsheets begin with it
  if (text->compare(0, kByteOrderMark.size(), kByteOrderMark) == 0) {
    text->erase(0, kByteOrderMark.size());
  }
  return DataFile{path, std::move(*text), given};
}

/// Does the first line name all of them? JSON has no such line: its words are looked for.
bool has_columns(const DataFile& file, const std::vector<std::string>& columns) {
  const bool json = file.text.find_first_not_of(" \t\r\n") != std::string::npos &&
                    file.text[file.text.find_first_not_of(" \t\r\n")] == '{';
  const std::string head = json ? file.text : file.text.substr(0, file.text.find('\n'));
  return std::all_of(columns.begin(), columns.end(), [&](const std::string& column) {
    if (json) return head.find('"' + column + '"') != std::string::npos;
    for (std::size_t at = head.find(column); at != std::string::npos;
         at = head.find(column, at + 1)) {
      const std::size_t end = at + column.size();
      const bool begins = at == 0 || head[at - 1] == ',' || head[at - 1] == '"';
      const bool ends =
          end == head.size() || head[end] == ',' || head[end] == '"' || head[end] == '\r';
      if (begins && ends) return true;
    }
    return false;
  });
}

}  // namespace

Result<DataFolder> DataFolder::find(const std::string& given,
                                    const std::vector<std::string>& roots) {
  DataFolder found;
  std::error_code error;
  if (!given.empty()) {
    found.where_ = given;
    if (fs::is_directory(given, error)) return found;
    Result<DataFile> file = read(given, true);
    if (!file) return file.errors();
    found.file_ = std::move(*file);
    return found;
  }
  if (const char* folder = std::getenv("TAKT_DATA"); folder != nullptr && *folder != 0) {
    found.where_ = folder;
    return found;
  }
  found.where_ = "../shared/data";
  if (fs::is_directory(found.where_, error)) return found;
  for (const std::string& root : roots) {
    const std::string beside = (fs::path(root) / ".." / "shared" / "data").lexically_normal();
    if (fs::is_directory(beside, error)) {
      found.where_ = beside;
      return found;
    }
  }
  return found;
}

Result<std::optional<DataFile>> DataFolder::open(const EntrySpec& entry) const {
  using Found = std::optional<DataFile>;
  if (file_) {
    return entry.columns.empty() || !has_columns(*file_, entry.columns) ? Found() : Found(*file_);
  }
  const std::string path = (fs::path(where_) / entry.file).string();
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return Found();
  Result<DataFile> file = read(path, false);
  if (!file) return file.errors();
  return Found(std::move(*file));
}

}  // namespace takt
