// SPDX-License-Identifier: Apache-2.0
// Any bytes are a sweep file or an error.
#include <cstddef>
#include <cstdint>
#include <string>

#include "sim/base/check.h"
#include "sim/sweep/sweep_spec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  takt::SweepReading reading;
  reading.origin = "no/such/folder/fuzz.yaml";
  reading.find_arch = reading.find_workload = [](const std::string& name) { return name; };
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto sweep = takt::sweep_from_text(text, reading.origin, reading);
  if (sweep) return 0;
  const int code = takt::exit_code(sweep.errors());
  CHECK(code == 3 || code == 4) << "exit code " << code;
  return 0;
}
