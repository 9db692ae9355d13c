// SPDX-License-Identifier: Apache-2.0
#include "sim/app/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>

namespace takt {

Console standard_console() {
  Console console{std::cout, std::cerr};
  console.out_is_terminal = isatty(STDOUT_FILENO) != 0;
  console.err_is_terminal = isatty(STDERR_FILENO) != 0;
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  console.color = console.out_is_terminal && (no_color == nullptr || *no_color == 0) &&
                  (term == nullptr || std::string(term) != "dumb");
  winsize size{};
  if (console.out_is_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    console.width = std::max<int>(size.ws_col, 60);
  }
  return console;
}

}  // namespace takt
