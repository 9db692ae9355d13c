// SPDX-License-Identifier: Apache-2.0
#include "sim/app/output_folder.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace takt {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFolderHint = "-o takes a folder; it is made if it does not exist";
constexpr const char* kFileHint = "-o takes the name of a file, in a folder that exists";

Diagnostic unwritable(const std::string& path, const std::string& why, const char* hint) {
  Diagnostic d;
  d.name = "E-unwritable";
  d.place.file = path;
  d.message = "cannot be written: " + why;
  d.hint = hint;
  return d;
}

/// Removes the file unless told to keep it: nothing half-written stays behind.
class Scratch {
 public:
  explicit Scratch(fs::path path) : path_(std::move(path)) {}
  ~Scratch() {
    std::error_code ignored;
    if (!kept_) fs::remove(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const fs::path& path() const { return path_; }
  void keep() { kept_ = true; }

 private:
  fs::path path_;
  bool kept_ = false;
};

std::optional<Diagnostic> write_target(const fs::path& target, const char* hint,
                                       const std::function<void(std::ostream&)>& produce) {
  std::error_code error;
  const bool in_place = fs::exists(target, error) && !fs::is_regular_file(target, error);
  Scratch scratch(target.parent_path() /
                  ("." + target.filename().string() + ".takt-" + std::to_string(getpid())));
  if (in_place) scratch.keep();
  errno = 0;
  std::ofstream file(in_place ? target : scratch.path(), std::ios::binary);
  if (file) produce(file);
  file.close();
  if (!file) {
    return unwritable(target.string(), std::strerror(errno != 0 ? errno : EIO), hint);
  }
  if (in_place) return std::nullopt;
  fs::rename(scratch.path(), target, error);
  if (error) return unwritable(target.string(), error.message(), hint);
  scratch.keep();
  return std::nullopt;
}

}  // namespace

std::optional<Diagnostic> write_file(const std::string& path, const std::string& text) {
  return write_target(path, kFileHint, [&text](std::ostream& out) { out << text; });
}

OutputFolder::~OutputFolder() {
  std::error_code ignored;  // a folder that is not empty stays
  for (const std::string& folder : made_) fs::remove(folder, ignored);
}

Result<OutputFolder> OutputFolder::open(const std::string& path) {
  std::error_code error;
  std::vector<std::string> made;
  for (fs::path missing = fs::absolute(path, error).lexically_normal();
       !missing.empty() && !fs::exists(missing, error); missing = missing.parent_path()) {
    if (missing.has_filename()) made.push_back(missing.string());
  }
  fs::create_directories(path, error);
  if (error) return unwritable(path, error.message(), kFolderHint);
  OutputFolder folder(path, std::move(made));
  if (!fs::is_directory(path, error)) return unwritable(path, "it is not a folder", kFolderHint);
  const Scratch probe(fs::path(path) / (".takt-" + std::to_string(getpid())));
  std::ofstream file(probe.path());
  if (!file) return unwritable(path, std::strerror(errno), kFolderHint);
  return Result<OutputFolder>(std::move(folder));
}

std::string OutputFolder::scratch(const std::string& name) const {
  return (fs::path(path_) / ("." + name + ".takt-" + std::to_string(getpid()))).string();
}

std::optional<Diagnostic> OutputFolder::write(const std::string& name,
                                              const std::string& text) const {
  return write_stream(name, [&text](std::ostream& out) { out << text; });
}

std::optional<Diagnostic> OutputFolder::write_stream(
    const std::string& name, const std::function<void(std::ostream&)>& produce) const {
  return write_target(fs::path(path_) / name, kFolderHint, produce);
}

}  // namespace takt
