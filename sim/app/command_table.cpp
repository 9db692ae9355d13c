// SPDX-License-Identifier: Apache-2.0
// The explicit list of commands: a command whose code is not there is absent.
#include "sim/app/commands.h"

namespace takt {

const std::vector<Command>& commands() {
  static const std::vector<Command> kCommands{};
  return kCommands;
}

}  // namespace takt
