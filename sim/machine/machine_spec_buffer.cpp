// SPDX-License-Identifier: Apache-2.0
// On-chip memories: those of a core, and the one that all cores share.
#include "sim/machine/machine_spec_parts.h"

namespace takt::machine_spec {
namespace {

struct Ports {
  std::uint32_t read, write;
  bool shared;
  friend bool operator==(const Ports& a, const Ports& b) {
    return a.read == b.read && a.write == b.write && a.shared == b.shared;
  }
};

Choice<Ports> port_names() {
  return {{{"1RW", {1, 1, true}},
           {"2RW", {2, 2, true}},
           {"1R1W", {1, 1, false}},
           {"2R1W", {2, 1, false}},
           {"2R2W", {2, 2, false}}}};
}

}  // namespace

Buffer read_buffer(Reader& spec, std::string name, Slots slots) {
  Buffer buffer;
  buffer.name = std::move(name);
  const std::size_t errors_before = spec.errors().size();
  buffer.size = spec.required("size", Size{});
  buffer.banks = static_cast<std::uint32_t>(spec.optional("banks", Whole{1, 65536}, 1));
  buffer.width = spec.required("width", PowerOfTwoSize{1, 65536});
  const Ports ports = spec.optional("ports", port_names(), Ports{1, 1, true});
  buffer.read_ports = ports.read;
  buffer.write_ports = ports.write;
  buffer.shared_port = ports.shared;
  if (slots == Slots::kMay) {
    buffer.slots = static_cast<std::uint32_t>(spec.optional("slots", Whole{0, 65536}, 0));
    spec.finish();
  }
  if (spec.broken() || spec.errors().size() != errors_before) return buffer;
  const std::uint64_t row = buffer.banks * buffer.width.value();
  if (buffer.size.value() % row != 0) {
    spec.error("size", "E-buffer-shape",
               "must be a multiple of banks x width = " + std::to_string(row) + " B");
  }
  if (buffer.slots > 0 && buffer.size.value() % buffer.slots != 0) {
    spec.error("slots", "E-buffer-shape", "must divide the size into equal tiles");
  }
  return buffer;
}

void read_shared(Reader& root, Machine& machine, bool wanted) {
  if (!wanted) {
    root.take("shared_buffer");
    return;
  }
  Reader spec = root.map("shared_buffer");
  machine.shared.memory = read_buffer(spec, "shared", Slots::kNone);
  machine.shared.link = spec.required("link", PowerOfTwoSize{1, 65536});
  machine.shared.latency = spec.optional("latency", CycleCount{}, Cycles(0));
  spec.finish();
}

}  // namespace takt::machine_spec
