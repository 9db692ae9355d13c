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

Diagnostic unwritable(const std::string& path, const std::string& why) {
  Diagnostic d;
  d.name = "E-unwritable";
  d.place.file = path;
  d.message = "cannot be written: " + why;
  d.hint = "-o takes a folder; it is made if it does not exist";
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

}  // namespace

Result<OutputFolder> OutputFolder::open(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return unwritable(path, error.message());
  if (!fs::is_directory(path, error)) return unwritable(path, "it is not a folder");
  const Scratch probe(fs::path(path) / (".takt-" + std::to_string(getpid())));
  std::ofstream file(probe.path());
  if (!file) return unwritable(path, std::strerror(errno));
  return OutputFolder(path);
}

std::optional<Diagnostic> OutputFolder::write(const std::string& name,
                                              const std::string& text) const {
  return write_stream(name, [&text](std::ostream& out) { out << text; });
}

std::optional<Diagnostic> OutputFolder::write_stream(
    const std::string& name, const std::function<void(std::ostream&)>& produce) const {
  const fs::path target = fs::path(path_) / name;
  Scratch scratch(fs::path(path_) / ("." + name + ".takt-" + std::to_string(getpid())));
  errno = 0;
  std::ofstream file(scratch.path(), std::ios::binary);
  if (file) produce(file);
  file.close();
  if (!file) return unwritable(target.string(), std::strerror(errno != 0 ? errno : EIO));
  std::error_code error;
  fs::rename(scratch.path(), target, error);
  if (error) return unwritable(target.string(), error.message());
  scratch.keep();
  return std::nullopt;
}

}  // namespace takt
