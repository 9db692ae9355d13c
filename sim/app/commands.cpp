// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands.h"

#include <new>

#include "sim/app/version.h"
#include "sim/base/stop.h"
#include "sim/config/suggest.h"

namespace takt {
namespace {

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size() + 1, width), ' ');
  return text;
}

void print_overview(std::ostream& out) {
  out << "takt " << kVersion << ": a cycle-approximate simulator of deep-learning accelerators\n\n"
      << "usage: takt COMMAND [options]\n       takt COMMAND --help\n       takt --version\n\n"
      << "commands:\n";
  for (const Command& c : commands()) out << "  " << padded(c.name, 10) << c.summary << "\n";
}

void print_help(const Command& command, std::ostream& out) {
  out << "usage: takt " << command.name << " " << command.synopsis << "\n\n"
      << command.summary << "\n\noptions:\n"
      << options_help(command.groups);
}

int unknown_command(const std::string& verb, const Console& console) {
  std::vector<std::string> known;
  for (const Command& c : commands()) known.emplace_back(c.name);
  const std::optional<std::string> near = suggest(verb, known);
  Diagnostic d;
  d.kind = ErrorKind::kUsage;
  const bool option = !verb.empty() && verb[0] == '-';
  d.name = option ? "E-unknown-option" : "E-unknown-command";
  d.message = (option ? "unknown option '" : "unknown command '") + verb + "'";
  d.hint = near ? "did you mean '" + *near + "'?" : "takt --help lists the commands";
  return report_errors({d}, console);
}

int dispatch(const std::vector<std::string>& arguments, const Console& console) {
  if (arguments.empty()) {
    print_overview(console.err);
    return exit_codes::kUsage;
  }
  const std::string& verb = arguments[0];
  if (verb == "--version") {
    console.out << "takt " << kVersion << " (" << kGitCommit << ")\n";
    return exit_codes::kOk;
  }
  if (verb == "--help" || verb == "-h" || verb == "help") {
    print_overview(console.out);
    return exit_codes::kOk;
  }
  for (const Command& command : commands()) {
    if (verb != command.name) continue;
    const Result<Options> options =
        parse_options(std::vector<std::string>(arguments.begin() + 1, arguments.end()),
                      command.groups | OptionGroup::kCommon);
    if (!options) return report_errors(options.errors(), console);
    if (options->help) {
      print_help(command, console.out);
      return exit_codes::kOk;
    }
    return command.run(*options, console);
  }
  return unknown_command(verb, console);
}

}  // namespace

int report_errors(const Diagnostics& errors, const Console& console) {
  console.out.flush();
  console.err << to_string(errors);
  return exit_code(errors);
}

int guarded(const std::function<int()>& work, const Console& console) {
  try {
    return work();
  } catch (const Stopped&) {
    console.out.flush();
    console.err << "interrupted: nothing was finished\n";
    return exit_codes::kInterrupted;
  } catch (const std::bad_alloc&) {
    Diagnostic d;
    d.name = "E-out-of-memory";
    d.message = "this takes more memory than there is";
    d.hint = "a smaller batch, one layer (--layer), or no values (--check none)";
    return report_errors({d}, console);
  } catch (const std::exception& e) {
    // An InternalError, or a library's: then its caller should have known better.
    console.out.flush();
    console.err << "takt: internal error: " << e.what() << "\n" << kReportRequest;
  }
  return exit_codes::kInternal;
}

int run_takt(const std::vector<std::string>& arguments, const Console& console) {
  const int code = guarded([&] { return dispatch(arguments, console); }, console);
  console.out.flush();
  if (!console.out && code == exit_codes::kOk) {
    Diagnostic d;
    d.name = "E-unwritable";
    d.message = "standard output cannot be written";
    return report_errors({d}, console);
  }
  return code;
}

}  // namespace takt
