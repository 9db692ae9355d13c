// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/sweep_folder.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "sim/base/check.h"

namespace takt {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kLock = ".lock";
constexpr const char* kPoints = "points.jsonl";
constexpr std::array kOwnNames{kLock,    kPoints,    "sweep.yaml",  "origin",
                               "shards", "failures", "results.csv", "results.sqlite"};

Diagnostic folder_error(const char* name, const std::string& path, std::string message,
                        std::string hint = "") {
  Diagnostic d;
  d.name = name;
  d.place.file = path;
  d.message = std::move(message);
  d.hint = std::move(hint);
  return d;
}

Diagnostic unwritable(const std::string& path, const std::string& why) {
  return folder_error("E-unwritable", path, "cannot be written: " + why);
}

/// A lock on the whole file that ends with this process, however that ends, and that workers do
/// not inherit. The answer is the process that holds it, or 0 if it is ours now.
pid_t lock_whole(int fd) {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  if (::fcntl(fd, F_SETLK, &lock) == 0) return 0;
  ::fcntl(fd, F_GETLK, &lock);
  return lock.l_type == F_UNLCK ? -1 : lock.l_pid;
}

/// A record's totals as they are written: numbers, but for the word that says what bounds the run.
bool is_total(const Json& total) {
  for (const auto& [key, value] : total.items()) {
    const bool number = value.is_number() || value.is_null();
    const bool sound = value.is_object() ? is_total(value)
                       : key == "bound"  ? value.is_string() || value.is_null()
                                         : number;
    if (!sound) return false;
  }
  return total.is_object();
}

/// A line as a result, if it is one.
std::optional<Json> result_of(const std::string& line) {
  Json json = Json::parse(line, nullptr, false);
  if (!json.is_object() || !json.contains("id") || !json["id"].is_string()) return std::nullopt;
  if (!json.contains("status") || !json["status"].is_string()) return std::nullopt;
  if (json["status"] == "ok" && json.contains("total") && is_total(json["total"])) return json;
  const bool reason = json.contains("reason") && json["reason"].is_string();
  if (json["status"] == "infeasible" && reason) return json;
  return std::nullopt;
}

}  // namespace

Result<SweepFolder> SweepFolder::open(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return unwritable(path, error.message());
  SweepFolder folder(path);
  if (const auto foreign = folder.begun() ? std::nullopt : folder.foreign_file()) {
    return folder_error("E-not-a-sweep", path, "holds something else than a sweep: " + *foreign,
                        "a sweep has a folder of its own");
  }
  folder.lock_ = ::open(folder.at(kLock).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (folder.lock_ < 0) return unwritable(path, ::strerror(errno));
  if (const pid_t holder = lock_whole(folder.lock_)) {
    return folder_error("E-sweep-in-use", path,
                        "another process works in this folder" +
                            (holder > 0 ? " (" + std::to_string(holder) + ")" : std::string()),
                        "wait for it, or end it and resume");
  }
  return folder;
}

Result<SweepFolder> SweepFolder::look(const std::string& path) {
  SweepFolder folder(path);
  if (folder.begun()) return folder;
  return folder_error("E-no-sweep", path, "no sweep was begun in this folder",
                      "takt sweep run SWEEP.yaml -o DIR begins one");
}

SweepFolder::SweepFolder(SweepFolder&& other) noexcept
    : path_(std::move(other.path_)),
      lock_(std::exchange(other.lock_, -1)),
      session_(other.session_),
      shards_(std::move(other.shards_)) {
  other.shards_.clear();
}

SweepFolder::~SweepFolder() {
  for (const auto& [worker, fd] : shards_) ::close(fd);
  if (lock_ >= 0) ::close(lock_);
}

std::optional<std::string> SweepFolder::read(const std::string& name) const {
  std::ifstream file(at(name), std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::optional<Diagnostic> SweepFolder::write(const std::string& name,
                                             const std::string& text) const {
  // In the folder itself, also for what goes into one below it.
  const std::string scratch = at("." + fs::path(name).filename().string() + ".part");
  errno = 0;
  std::ofstream file(scratch, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) return unwritable(at(name), ::strerror(errno != 0 ? errno : EIO));
  std::error_code error;
  fs::rename(scratch, at(name), error);
  if (error) return unwritable(at(name), error.message());
  return std::nullopt;
}

std::optional<std::string> SweepFolder::foreign_file() const {
  std::error_code error;
  // Where nobody ever locked, results.csv is somebody else's.
  const bool locked = fs::exists(at(kLock), error);
  std::set<std::string> foreign;
  for (const auto& entry : fs::directory_iterator(path_, error)) {
    const std::string name = entry.path().filename().string();
    const bool own = std::find(kOwnNames.begin(), kOwnNames.end(), name) != kOwnNames.end();
    const bool part = name[0] == '.' && entry.path().extension() == ".part";
    if (!locked || (!own && !part)) foreign.insert(name);
  }
  if (foreign.empty()) return std::nullopt;
  return *foreign.begin();
}

bool SweepFolder::begun() const {
  std::error_code error;
  return fs::is_regular_file(at(kPoints), error);
}

std::string SweepFolder::shard_path(unsigned worker) {
  std::error_code error;
  fs::create_directories(at("shards"), error);
  if (session_ == 0) {
    // One more than the highest there is.
    for (const auto& entry : fs::directory_iterator(at("shards"), error)) {
      const std::string name = entry.path().filename().string();
      session_ = std::max<std::size_t>(session_, std::strtoul(name.c_str(), nullptr, 10));
    }
    ++session_;
  }
  return at("shards/" + std::to_string(session_) + "-" + std::to_string(worker) + ".jsonl");
}

std::optional<Diagnostic> SweepFolder::append(unsigned worker, const std::string& line) {
  if (shards_.count(worker) == 0) {
    const std::string path = shard_path(worker);
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (fd < 0) return unwritable(path, ::strerror(errno));
    shards_[worker] = fd;
  }
  const std::string whole = line + "\n";
  std::size_t written = 0;
  while (written < whole.size()) {
    const ssize_t n = ::write(shards_[worker], whole.data() + written, whole.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return unwritable(at("shards"), ::strerror(errno));
    written += static_cast<std::size_t>(n);
  }
  return std::nullopt;
}

std::optional<Diagnostic> SweepFolder::write_failure(const std::string& id,
                                                     const std::string& text) const {
  std::error_code error;
  fs::create_directories(at("failures"), error);
  return write("failures/" + id + ".json", text);
}

void SweepFolder::remove_failure(const std::string& id) const {
  std::error_code ignored;
  fs::remove(at("failures/" + id + ".json"), ignored);
}

SweepResults SweepFolder::results(const std::vector<std::string>& ids) const {
  const std::set<std::string> known(ids.begin(), ids.end());
  SweepResults results;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(at("shards"), error)) {
    const auto text = read("shards/" + entry.path().filename().string());
    std::size_t begin = 0;
    // The last line counts only with its end: it may be half of one.
    for (std::size_t end = 0; text && (end = text->find('\n', begin)) != std::string::npos;
         begin = end + 1) {
      std::optional<Json> result = result_of(text->substr(begin, end - begin));
      if (!result) continue;
      const std::string id = (*result)["id"];
      if (known.count(id) > 0) results.done.emplace(id, std::move(*result));
    }
  }
  for (const std::string& id : known) {
    if (results.done.count(id) > 0) continue;
    const auto text = read("failures/" + id + ".json");
    if (!text) continue;
    const Json json = Json::parse(*text, nullptr, false);
    const bool sound = json.is_object() && json.contains("error") && json["error"].is_string();
    results.failed.emplace(id, sound ? json["error"].get<std::string>() : "unreadable");
  }
  return results;
}

}  // namespace takt
