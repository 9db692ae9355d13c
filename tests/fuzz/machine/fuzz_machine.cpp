// SPDX-License-Identifier: Apache-2.0
// Any bytes are a machine file or an error, and a machine reads back from what it resolved to.
#include <cstddef>
#include <cstdint>
#include <string>

#include "sim/base/check.h"
#include "sim/machine/machine_spec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  takt::MachineOptions options;
  options.roots.clear();
  const auto config = takt::machine_config_from_text(text, "no/such/folder/fuzz.yaml", options);
  if (!config) {
    const int code = takt::exit_code(config.errors());
    CHECK(code == 3 || code == 4) << "exit code " << code;
    return 0;
  }
  const auto again =
      takt::machine_config_from_text(config->resolved_yaml, "resolved.yaml", options);
  CHECK(again.ok()) << takt::to_string(again.errors()) << config->resolved_yaml;
  CHECK(again->machine.hash == config->machine.hash) << config->resolved_yaml;
  return 0;
}
