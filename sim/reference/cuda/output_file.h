// SPDX-License-Identifier: Apache-2.0
#pragma once
// A file that is there whole or not at all.

#include <sys/stat.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "list.h"

namespace takt::gpu {

/// Written beside its place and put there at the end, so that a run that fails or is stopped leaves
/// what was there before. A device or a pipe is written to, never replaced.
class OutputFile {
 public:
  explicit OutputFile(const std::string& path) : path_(path), part_(path) {
    struct stat status {};
    const bool in_place = stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
    if (!in_place) part_ += ".part";
    stream_.open(part_, std::ios::binary);
    if (!stream_) fail();
  }
  ~OutputFile() {
    if (!finished_ && part_ != path_) std::remove(part_.c_str());
  }
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  std::ostream& stream() { return stream_; }
  /// Throws InputError if something could not be written.
  void finish() {
    stream_.close();
    if (!stream_ || (part_ != path_ && std::rename(part_.c_str(), path_.c_str()) != 0)) fail();
    finished_ = true;
  }

 private:
  [[noreturn]] void fail() const { throw InputError(3, path_ + ": error: cannot be written"); }
  std::string path_, part_;
  std::ofstream stream_;
  bool finished_ = false;
};

}  // namespace takt::gpu
