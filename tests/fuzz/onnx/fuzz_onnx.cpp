// SPDX-License-Identifier: Apache-2.0
// Any bytes are an ONNX file or an error.
#include <cstddef>
#include <cstdint>
#include <string>

#include "sim/base/check.h"
#include "sim/ir/verify.h"
#include "sim/workload/onnx_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto graph = takt::read_onnx_bytes("no/such/folder/fuzz.onnx", bytes, {});
  if (graph) {
    CHECK(takt::verify(*graph).empty()) << "a graph that was read does not verify";
  } else {
    const int code = takt::exit_code(graph.errors());
    CHECK(code == 3 || code == 4) << "exit code " << code;
  }
  return 0;
}
