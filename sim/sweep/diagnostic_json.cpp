// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/diagnostic_json.h"

namespace takt {

using Json = nlohmann::ordered_json;

Json to_json(const Diagnostics& diagnostics) {
  Json list = Json::array();
  for (const Diagnostic& d : diagnostics) {
    list.push_back({{"kind", static_cast<int>(d.kind)},
                    {"name", d.name},
                    {"file", d.place.file},
                    {"line", d.place.line},
                    {"column", d.place.column},
                    {"path", d.path},
                    {"message", d.message},
                    {"hint", d.hint},
                    {"source_line", d.source_line}});
  }
  return list;
}

Diagnostics diagnostics_from(const Json& json) {
  Diagnostics diagnostics;
  for (const Json& item : json) {
    Diagnostic d;
    d.kind = static_cast<ErrorKind>(item.at("kind").get<int>());
    d.name = item.at("name").get<std::string>();
    d.place.file = item.at("file").get<std::string>();
    d.place.line = item.at("line").get<int>();
    d.place.column = item.at("column").get<int>();
    d.path = item.at("path").get<std::string>();
    d.message = item.at("message").get<std::string>();
    d.hint = item.at("hint").get<std::string>();
    d.source_line = item.at("source_line").get<std::string>();
    diagnostics.push_back(std::move(d));
  }
  return diagnostics;
}

}  // namespace takt
