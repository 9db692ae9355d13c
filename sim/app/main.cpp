// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands.h"

int main(int argc, char** argv) {
  return takt::run_takt(std::vector<std::string>(argv + (argc > 0), argv + argc),
                        takt::standard_console());
}
