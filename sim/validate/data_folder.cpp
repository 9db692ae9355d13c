// SPDX-License-Identifier: Apache-2.0
#include "sim/validate/data_folder.h"

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

/// What is wrong with $TAKT_DATA: who set it expects suites to run.
std::optional<Diagnostic> wrong_variable(const std::string& folder) {
  std::error_code error;
  if (fs::is_directory(folder, error)) return std::nullopt;
  const bool file = fs::exists(folder, error);
  Diagnostic d;
  d.name = file ? "E-unreadable-file" : "E-missing-file";
  d.place.file = folder;
  d.message = file ? "TAKT_DATA names this, which is no folder"
                   : "TAKT_DATA names this folder, which is not there";
  d.hint = file ? "TAKT_DATA is the folder of all data; --data takes one file"
                : "unset TAKT_DATA to look in ../shared/data";
  return d;
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
    Result<DataHeader> header = DataHeader::parse(*file);
    if (!header) return header.errors();
    found.file_ = std::move(*file);
    found.header_ = std::move(*header);
    return found;
  }
  if (const char* folder = std::getenv("TAKT_DATA"); folder != nullptr && *folder != 0) {
    if (auto wrong = wrong_variable(folder)) return Diagnostics{std::move(*wrong)};
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
  if (file_) return header_->fits(entry) ? Found(*file_) : Found();
  const std::string path = (fs::path(where_) / entry.file).string();
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return Found();
  Result<DataFile> file = read(path, false);
  if (!file) return file.errors();
  const Result<DataHeader> header = DataHeader::parse(*file);
  if (!header) return header.errors();
  if (!header->fits(entry)) return header->why_not(entry);
  return Found(std::move(*file));
}

}  // namespace takt
