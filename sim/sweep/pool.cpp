// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/pool.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <new>
#include <optional>
#include <vector>

#include "sim/base/check.h"

namespace takt {
namespace {

/// What goes before an answer's text.
struct AnswerHead {
  std::uint64_t size = 0;
  enum class End : std::uint64_t { kThrew, kReturned, kNoMemory } end = End::kThrew;
};

bool write_all(int fd, const void* data, std::size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    // MSG_NOSIGNAL: a partner that died is a return value, not a signal.
    const ssize_t n = ::send(fd, at, size, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    at += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

bool read_all(int fd, void* data, std::size_t size) {
  char* at = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t n = ::read(fd, at, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    at += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

[[noreturn]] void be_a_worker(int fd, pid_t parent,
                              const std::function<std::string(std::size_t)>& task) {
  // A group of its own: ctrl-C at the terminal is the parent's to deal with.
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  ::signal(SIGINT, SIG_DFL);
  ::signal(SIGTERM, SIG_DFL);
  std::uint64_t index = 0;
  while (read_all(fd, &index, sizeof index)) {
    AnswerHead head;
    std::string text;
    try {
      text = task(static_cast<std::size_t>(index));
      head.end = AnswerHead::End::kReturned;
    } catch (const std::bad_alloc&) {
      head.end = AnswerHead::End::kNoMemory;
      text = "there was not memory enough";
    } catch (const std::exception& e) {
      text = e.what();
    } catch (...) {
      text = "an exception of unknown type";
    }
    head.size = text.size();
    if (!write_all(fd, &head, sizeof head) || !write_all(fd, text.data(), text.size())) break;
  }
  ::_exit(0);  // no destructors: a worker shares its parent's open files
}

class Worker {
 public:
  Worker() = default;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() { end(); }

  bool alive() const { return child_ > 0; }
  bool busy() const { return task_.has_value(); }
  int fd() const { return fd_; }

  void start(const std::function<std::string(std::size_t)>& task,
             const std::vector<Worker>& siblings) {
    int fds[2];
    CHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0)
        << "socketpair: " << ::strerror(errno);
    std::cout.flush();
    std::fflush(nullptr);
    const pid_t parent = ::getpid();
    child_ = ::fork();
    CHECK(child_ >= 0) << "fork: " << ::strerror(errno);
    if (child_ == 0) {
      ::close(fds[0]);
      // A sibling's socket held open here would hide that its worker died.
      for (const Worker& other : siblings) {
        if (other.fd_ >= 0) ::close(other.fd_);
      }
      be_a_worker(fds[1], parent, task);
    }
    ::close(fds[1]);
    fd_ = fds[0];
  }

  /// A worker that is already dead answers nothing, which read() then says.
  void give(std::size_t index) {
    task_ = index;
    const std::uint64_t number = index;
    write_all(fd_, &number, sizeof number);
  }

  /// What it has to say; it did say something, or died.
  TaskOutcome answer() {
    TaskOutcome outcome;
    AnswerHead head;
    outcome.index = *task_;
    task_.reset();
    if (read_all(fd_, &head, sizeof head)) {
      outcome.text.resize(head.size);
      if (read_all(fd_, outcome.text.data(), head.size)) {
        outcome.returned = head.end == AnswerHead::End::kReturned;
        outcome.killed = head.end == AnswerHead::End::kNoMemory;
        return outcome;
      }
    }
    outcome.text = end(&outcome.killed);
    return outcome;
  }

  /// Ends it if need be; how it ended.
  std::string end(bool* killed = nullptr) {
    if (child_ <= 0) return "";
    ::close(fd_);
    fd_ = -1;
    if (task_) ::kill(child_, SIGKILL);
    int status = 0;
    while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) {
    }
    child_ = 0;
    task_.reset();
    if (!WIFSIGNALED(status)) {
      return "the process ended with status " + std::to_string(WEXITSTATUS(status)) +
             " without an answer";
    }
    const int signal = WTERMSIG(status);
    if (killed != nullptr) *killed = signal == SIGKILL || signal == SIGTERM || signal == SIGINT;
    return std::string("the process was ended by SIG") + ::sigabbrev_np(signal) + " (" +
           ::sigdescr_np(signal) + ")";
  }

 private:
  pid_t child_ = 0;
  int fd_ = -1;
  std::optional<std::size_t> task_;
};

}  // namespace

bool run_pool(std::size_t count, const std::function<std::string(std::size_t)>& task,
              const std::function<bool(const TaskOutcome&)>& done, const PoolOptions& options) {
  constexpr int kPollMs = 200;  // a signal ends poll() early, unless it came just before
  std::vector<Worker> workers(
      std::min<std::size_t>(std::max(1U, options.workers), std::max<std::size_t>(count, 1)));
  std::size_t next = 0, finished = 0;
  while (finished < count) {
    if (options.stop != nullptr && options.stop->load()) return false;
    std::vector<pollfd> waiting;
    std::vector<unsigned> who;
    for (unsigned w = 0; w < workers.size(); ++w) {
      Worker& worker = workers[w];
      if (!worker.busy() && next < count) {
        if (!worker.alive()) worker.start(task, workers);
        worker.give(next++);
      }
      if (!worker.busy()) continue;
      waiting.push_back({worker.fd(), POLLIN, 0});
      who.push_back(w);
    }
    if (::poll(waiting.data(), waiting.size(), kPollMs) <= 0) continue;
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (waiting[i].revents == 0) continue;
      TaskOutcome outcome = workers[who[i]].answer();
      outcome.worker = who[i];
      ++finished;
      if (!done(outcome)) return false;
      if (options.progress) options.progress(finished, count);
    }
  }
  return true;
}

}  // namespace takt
