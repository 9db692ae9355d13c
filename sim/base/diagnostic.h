// SPDX-License-Identifier: Apache-2.0
#pragma once
// The user's error: where, what, and what to do about it. Ours is CHECK (check.h).

#include <string>
#include <vector>

namespace takt {

/// A place in a text the user wrote. Line and column count from 1; 0 = unknown.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
};

/// What kind of "no" this is; decides the exit code (CONTRACT: 1, 2, 3, 4, 7).
enum class ErrorKind { kInvalidInput, kUnsupported, kInfeasible, kUsage, kCheckFailed };

struct Diagnostic {
  ErrorKind kind = ErrorKind::kInvalidInput;
  std::string name;  ///< short and stable, `E-unknown-key`; documented in docs/errors.md
  Place place;
  std::string path;         ///< key path or node name: `core.matrix.rows`, `node 'conv1'`
  std::string message;      ///< what is wrong
  std::string hint;         ///< what to do, may be empty
  std::string source_line;  ///< the text of the line, shown with a caret; may be empty
};

using Diagnostics = std::vector<Diagnostic>;

/// `file:line:column: error: path: message [E-name]`, the line with a caret, and the hint.
std::string to_string(const Diagnostic& diagnostic);
/// All of them, sorted by place, exact repeats once.
std::string to_string(const Diagnostics& diagnostics);
/// The exit code of the worst: invalid input 3, unsupported 4, infeasible 7, usage 2, check 1.
int exit_code(const Diagnostics& diagnostics);

}  // namespace takt
