// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/child_process.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <iostream>
#include <new>

#include "sim/kernel/kernel.h"

namespace takt {
namespace {

constexpr char kReturned = 'r', kThrew = 't', kOutOfMemory = 'm';

/// False when the parent is gone: there is nobody left to tell.
bool write_all(int fd, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t n = ::write(fd, data, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    data += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

[[noreturn]] void be_the_child(int fd, pid_t parent, const std::function<std::string()>& work) {
  // A group of its own: ctrl-C at the terminal reaches the parent, which passes it on exactly once.
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  ::signal(SIGPIPE, SIG_IGN);
  char tag = kReturned;
  std::string bytes;
  try {
    bytes = work();
  } catch (const std::bad_alloc&) {
    tag = kOutOfMemory;
  } catch (const std::exception& e) {
    tag = kThrew;
    bytes = e.what();
  } catch (...) {
    tag = kThrew;
    bytes = "an exception of unknown type";
  }
  std::cout.flush();
  std::fflush(nullptr);
  const bool told = write_all(fd, &tag, 1) && write_all(fd, bytes.data(), bytes.size());
  ::_exit(told ? 0 : 1);  // no destructors: the child shares its parent's open files
}

std::string read_all(int fd, pid_t child, const std::atomic<bool>* stop) {
  std::string text;
  char block[65536];
  bool passed_on = false;
  for (;;) {
    if (stop != nullptr && stop->load() && !passed_on) {
      passed_on = true;
      ::kill(child, SIGINT);
    }
    pollfd waiting{fd, POLLIN, 0};
    // A signal ends poll() early; if it came just before, the timeout looks at `stop` again.
    const int ready = ::poll(&waiting, 1, stop != nullptr && !passed_on ? 200 : -1);
    if (ready <= 0) continue;
    const ssize_t n = ::read(fd, block, sizeof(block));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return text;
    text.append(block, static_cast<std::size_t>(n));
  }
}

ChildOutcome failed(ChildOutcome::Kind kind, std::string why) {
  ChildOutcome outcome;
  outcome.kind = kind;
  outcome.error = std::move(why);
  return outcome;
}

}  // namespace

ChildOutcome run_in_child(const std::function<std::string()>& work, const std::atomic<bool>* stop) {
  CHECK(kernel_is_fresh()) << "a simulation has already run in this process: fork before it";
  int fds[2];
  CHECK(::pipe(fds) == 0) << "pipe: " << ::strerror(errno);
  std::cout.flush();
  std::fflush(nullptr);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  CHECK(child >= 0) << "fork: " << ::strerror(errno);
  if (child == 0) {
    ::close(fds[0]);
    be_the_child(fds[1], parent, work);
  }
  ::close(fds[1]);
  std::string text = read_all(fds[0], child, stop);
  ::close(fds[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    CHECK(errno == EINTR) << "waitpid: " << ::strerror(errno);
  }
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    const bool asked = signal == SIGINT || signal == SIGTERM;
    return failed(
        asked ? ChildOutcome::Kind::kInterrupted : ChildOutcome::Kind::kKilled,
        std::string("ended by SIG") + ::sigabbrev_np(signal) + " (" + ::sigdescr_np(signal) + ")");
  }
  if (text.empty()) {
    return failed(
        ChildOutcome::Kind::kThrew,
        "ended with status " + std::to_string(WEXITSTATUS(status)) + " without an answer");
  }
  const char tag = text[0];
  text.erase(0, 1);
  if (tag == kOutOfMemory) return failed(ChildOutcome::Kind::kOutOfMemory, "out of memory");
  if (tag == kThrew) return failed(ChildOutcome::Kind::kThrew, std::move(text));
  ChildOutcome outcome;
  outcome.bytes = std::move(text);
  return outcome;
}

std::string run_in_child_or_throw(const std::function<std::string()>& work,
                                  const std::atomic<bool>* stop) {
  ChildOutcome outcome = run_in_child(work, stop);
  switch (outcome.kind) {
    case ChildOutcome::Kind::kReturned: return std::move(outcome.bytes);
    case ChildOutcome::Kind::kInterrupted: return "";
    case ChildOutcome::Kind::kOutOfMemory: throw std::bad_alloc();
    case ChildOutcome::Kind::kKilled:
      throw InternalError("the evaluation's process was " + outcome.error);
    case ChildOutcome::Kind::kThrew: throw InternalError(outcome.error);
  }
  return "";
}

}  // namespace takt
