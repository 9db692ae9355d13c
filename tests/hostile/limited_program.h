// SPDX-License-Identifier: Apache-2.0
#pragma once
// takt in a process of its own, with little memory and time.

#include <sys/resource.h>
#include <sys/wait.h>

#include <cstdlib>

#include "tests/support/onnx_model.h"

namespace takt::test {

inline constexpr std::uint64_t kAddressSpaceMax = std::uint64_t{2} << 30U;
inline constexpr std::uint64_t kProcessorSecondsMax = 300;

struct Ending {
  int code = -1;  ///< exit code; -1 if a signal ended it
  std::uint64_t peak_kib = 0;
  std::string errors;  ///< the first mebibyte of standard error
};

/// Runs takt on the model, in a folder of its own.
class LimitedProgram {
 public:
  explicit LimitedProgram(OnnxModel& model) {
    std::string name = testing::TempDir() + "takt_hostile_XXXXXX";
    folder_ = mkdtemp(name.data());
    network_ = folder_ + "/net.onnx";
    std::ofstream(network_, std::ios::binary) << model.bytes();
  }
  ~LimitedProgram() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  LimitedProgram(const LimitedProgram&) = delete;
  LimitedProgram& operator=(const LimitedProgram&) = delete;

  const std::string& folder() const { return folder_; }

  Ending go() const {
    const std::string said = folder_ + "/stderr";
    const pid_t child = fork();
    if (child == 0) {
      const rlimit space{kAddressSpaceMax, kAddressSpaceMax};
      const rlimit seconds{kProcessorSecondsMax, kProcessorSecondsMax};
      setrlimit(RLIMIT_AS, &space);
      setrlimit(RLIMIT_CPU, &seconds);
      if (std::freopen("/dev/null", "r", stdin) == nullptr ||
          std::freopen("/dev/null", "w", stdout) == nullptr ||
          std::freopen(said.c_str(), "w", stderr) == nullptr) {
        _exit(125);
      }
      execl(TAKT_PROGRAM, TAKT_PROGRAM, "run", "-a", "npu_128", "-w", network_.c_str(), "-f",
            "analytic", "--json", "--progress", "off", nullptr);
      _exit(126);
    }
    int status = 0;
    rusage usage{};
    wait4(child, &status, 0, &usage);
    Ending ending;
    if (WIFEXITED(status)) ending.code = WEXITSTATUS(status);
    ending.peak_kib = static_cast<std::uint64_t>(usage.ru_maxrss);
    std::ifstream text(said, std::ios::binary);
    ending.errors.resize(1 << 20);
    text.read(ending.errors.data(), static_cast<std::streamsize>(ending.errors.size()));
    ending.errors.resize(static_cast<std::size_t>(text.gcount()));
    return ending;
  }

 private:
  std::string folder_, network_;
};

}  // namespace takt::test
