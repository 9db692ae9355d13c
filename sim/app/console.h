// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where a command talks to: two streams, and what is known of the terminal behind them.

#include <ostream>

namespace takt {

struct Console {
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  bool color = false;  ///< of `out`: a terminal, and NO_COLOR is unset or empty
  int width = 120;     ///< columns of `out`
};

/// Standard output and error, with what isatty and the environment say of them.
Console standard_console();

}  // namespace takt
