// SPDX-License-Identifier: Apache-2.0
#include "sim/reference/cuda_executor.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "sim/reference/layer_list.h"

namespace takt {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOtherWay = "--check cpu needs no GPU";

Diagnostic no_cuda(std::string message, std::string hint) {
  Diagnostic d;
  d.kind = ErrorKind::kUnsupported;
  d.name = "E-no-cuda";
  d.path = "--check";
  d.message = std::move(message);
  d.hint = std::move(hint);
  return d;
}

/// The program is there and has begun, but there are no values to compare with.
Diagnostic cuda_failed(std::string message, std::string hint) {
  Diagnostic d = no_cuda(std::move(message), std::move(hint));
  d.kind = ErrorKind::kCheckFailed;
  d.name = "E-cuda-failed";
  return d;
}

/// A folder that goes away with all that is in it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::error_code error;
    std::string name = (fs::temp_directory_path(error) / "takt_cuda_XXXXXX").string();
    if (!error && mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  bool ok() const { return !path_.empty(); }
  std::string file(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// How a program ended.
struct Ending {
  bool started = false;
  int code = 0, signal = 0;
};

/// Runs a program whose words go to `messages`. Throws Stopped if `stop` is set meanwhile.
Ending run_program(const std::vector<std::string>& words, const std::string& messages,
                   StopFlag stop) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, messages.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  pid_t child = 0;
  const int failed =
      posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  Ending ending;
  if (failed != 0) return ending;
  ending.started = true;
  int status = 0;
  // Asked again and again, since a signal does not end waiting. A terminal's Ctrl-C reaches the
  // program as well; what came from elsewhere is passed on.
  for (bool told = false;;) {
    const pid_t ended = waitpid(child, &status, stop == nullptr ? 0 : WNOHANG);
    if (ended == child || (ended < 0 && errno != EINTR)) break;
    if (!told && stop_asked(stop)) told = kill(child, SIGTERM) == 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  check_stop(stop);
  if (WIFEXITED(status)) ending.code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) ending.signal = WTERMSIG(status);
  return ending;
}

/// What the program cannot run, a node a line, each as an error of its own.
Diagnostics refusals(const std::string& said) {
  Diagnostics errors;
  std::istringstream lines(said);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    errors.push_back(no_cuda(line, kOtherWay));
    const std::size_t end = line.find("': ");
    if (line.rfind("node '", 0) != 0 || end == std::string::npos) continue;
    errors.back().path = line.substr(0, end + 1);
    errors.back().message = line.substr(end + 3);
  }
  return errors;
}

/// Why there are no values, in the program's own words; empty if it did its work.
Diagnostics complaints(const Ending& ending, const std::string& program, const std::string& said) {
  if (!ending.started) return {no_cuda(program + " could not be run", kOtherWay)};
  if (ending.signal != 0) {
    return {
        cuda_failed(program + " was ended by signal " + std::to_string(ending.signal), kOtherWay)};
  }
  if (ending.code == 0) return {};
  if (ending.code == 4 && !said.empty()) return refusals(said);
  const std::string first = said.substr(0, said.find('\n'));
  return {cuda_failed(
      first.empty() ? program + " ended with exit code " + std::to_string(ending.code) : first,
      "takt_cuda selftest tries the device; it must be of the same version as takt")};
}

}  // namespace

std::string own_folder() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  return error ? "" : self.parent_path().string();
}

std::string find_cuda_program() {
  if (const char* named = std::getenv("TAKT_CUDA_PROGRAM")) return named;
  const auto usable = [](const std::string& path) { return access(path.c_str(), X_OK) == 0; };
  const std::string beside = own_folder() + "/takt_cuda";
  if (usable(beside)) return beside;
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (!folder.empty() && usable(folder + "/takt_cuda")) return folder + "/takt_cuda";
  }
  return "";
}

Result<NetworkValues> read_cuda_tensors(const std::string& text, const Semantics& semantics) {
  const Graph& graph = semantics.graph();
  const auto broken = [](const std::string& what) {
    return Diagnostics{cuda_failed("takt_cuda's tensors cannot be read: " + what,
                                   "it must be of the same version as takt; build both again")};
  };
  NetworkValues values;
  values.tensors.resize(graph.tensors.size());
  values.scales.resize(graph.ops.size());
  std::istringstream in(text);
  std::string line;
  if (!std::getline(in, line) || line != "takt_tensors 1") return broken("no header");
  std::size_t tensors = 0, scales = 0;
  while (std::getline(in, line)) {
    std::istringstream words(line);
    std::string what, type;
    std::size_t index = 0, size = 0;
    words >> what >> index;
    if (what == "scale" && index < values.scales.size()) {
      words >> values.scales[index].multiplier;
      ++scales;
      continue;
    }
    words >> type >> size;
    if (what != "tensor" || !words || index >= values.tensors.size()) return broken(line);
    const TensorId id{static_cast<std::uint32_t>(index)};
    const DType dtype = semantics.dtype(id);
    if (type != to_string(dtype) ||
        size != static_cast<std::size_t>(semantics.elements(id)) * bytes_of(dtype)) {
      return broken("another type or size of tensor " + std::to_string(index));
    }
    std::vector<char> bytes(size);
    in.read(bytes.data(), static_cast<std::streamsize>(size));
    if (!in) return broken("they are cut off");
    TensorValues tensor(dtype, semantics.elements(id));
    for (std::int64_t i = 0; i < tensor.elements(); ++i) {
      tensor.set(i, load_element(dtype, reinterpret_cast<const std::byte*>(bytes.data()) +
                                            static_cast<std::size_t>(i) * bytes_of(dtype)));
    }
    values.tensors[index] = std::move(tensor);
    ++tensors;
  }
  if (tensors != values.tensors.size() || scales != values.scales.size()) {
    return broken("some are missing");
  }
  return values;
}

Result<NetworkValues> CudaExecutor::run(Semantics& semantics, const ReferenceOptions& options) {
  const std::string program = find_cuda_program();
  if (program.empty()) {
    return Diagnostics{no_cuda("there is no takt_cuda beside takt or on the PATH",
                               "it is built where a CUDA toolkit is found (docs/cuda.md); "
                               "--check cpu needs none")};
  }
  const TemporaryFolder folder;
  if (!folder.ok()) {
    return Diagnostics{no_cuda("no temporary folder could be made", "set TMPDIR to a folder")};
  }
  std::ofstream list(folder.file("list"), std::ios::binary);
  list << write_value_list(semantics);
  list.close();
  if (!list) {
    return Diagnostics{cuda_failed(folder.file("list") + " cannot be written",
                                   "set TMPDIR to a folder with room")};
  }
  const Ending ending = run_program(
      {program, "run", folder.file("list"), "--no-times", "--seed", std::to_string(options.seed),
       "--tensors", folder.file("tensors"), "-o", folder.file("record")},
      folder.file("messages"), options.stop);
  Diagnostics wrong = complaints(ending, program, text_of(folder.file("messages")));
  if (!wrong.empty()) return wrong;
  const std::size_t ops = semantics.graph().ops.size();
  if (options.progress) options.progress(ops, ops);
  return read_cuda_tensors(text_of(folder.file("tensors")), semantics);
}

}  // namespace takt
