// SPDX-License-Identifier: Apache-2.0
// Any bytes are a mapping file or an error, and what is printed of mappings reads back as it was.
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/check.h"
#include "sim/mapper/mapping_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto mappings = takt::read_mappings_text(
      std::string(reinterpret_cast<const char*>(data), size), "no/such/folder/fuzz.yaml");
  if (!mappings) {
    const int code = takt::exit_code(mappings.errors());
    CHECK(code == 3 || code == 4) << "exit code " << code;
    return 0;
  }
  std::vector<std::pair<std::string, takt::RegionMapping>> list;
  for (const auto& [name, given] : mappings->layers) list.emplace_back(name, given.mapping);
  const std::string text = takt::print_mappings(list, mappings->network);
  const auto again = takt::read_mappings_text(text, "printed.yaml");
  CHECK(again.ok()) << takt::to_string(again.errors()) << text;
  list.clear();
  for (const auto& [name, given] : again->layers) list.emplace_back(name, given.mapping);
  CHECK(takt::print_mappings(list, again->network) == text) << text;
  return 0;
}
