// SPDX-License-Identifier: Apache-2.0
// The host link: what a PCI Express link of a generation and width has left for payload.
#include <array>

#include "sim/machine/machine_spec_parts.h"

namespace takt {
namespace {

struct Generation {
  std::uint64_t transfers_per_s;  ///< a lane
  std::uint64_t code_bits, line_bits;
  std::uint64_t
      internal_delay;  ///< symbol times, PCI Express Base Specification, tables of 3.5.3.1
};

/// PCI Express Base Specification 5.0, 4.2: 8b/10b up to 5 GT/s, 128b/130b from 8 GT/s on.
constexpr std::array<Generation, 5> kGenerations{{{2'500'000'000, 8, 10, 19},
                                                  {5'000'000'000, 8, 10, 70},
                                                  {8'000'000'000, 128, 130, 115},
                                                  {16'000'000'000, 128, 130, 115},
                                                  {32'000'000'000, 128, 130, 115}}};

/// AckFactor x 10 of the same tables: how many TLPs of max_payload one acknowledgement may cover.
std::uint64_t ack_factor_tenths(std::uint32_t lanes, std::uint64_t max_payload) {
  const bool large = max_payload >= 512;
  if (lanes <= 4) return large ? 10 : 14;
  if (lanes == 8) return large ? 10 : 25;
  return large ? 20 : 30;
}

constexpr std::uint64_t kTlpOverhead = 28;  ///< the specification's allowance in the ack limit
constexpr std::uint64_t kDllpBytes = 8;     ///< one acknowledgement or flow control update
constexpr std::uint64_t kSkipBytes = 4;     ///< a SKP ordered set, every …
constexpr std::uint64_t kSkipInterval = 1538;
constexpr std::uint64_t kWriteHeader = 24;  ///< framing, sequence number, 64-bit MWr header, LCRC
constexpr std::uint64_t kCompletionHeader = 20;  ///< the same with the header of a CplD

}  // namespace

// The model of pcie-bench (Neugebauer et al., "Understanding PCIe performance for end host
// networking", SIGCOMM 2018):
//   TLP rate = line rate x (1 - 2 x 8 B / ack limit - 4 / 1538)
//   ack limit = (max_payload + 28) x AckFactor / lanes + internal delay    (symbol times, rounded
//   down) payload rate = TLP rate x max_payload / (max_payload + header)
// The two 8 B are one acknowledgement and one flow control update in each ack limit.
PcieRate pcie_rate(std::uint32_t generation, std::uint32_t lanes, std::uint64_t max_payload) {
  CHECK(generation >= 1 && generation <= kGenerations.size()) << "PCIe generation " << generation;
  const Generation& g = kGenerations[generation - 1];
  PcieRate rate;
  rate.line_bytes_per_s = g.transfers_per_s * lanes * g.code_bits / g.line_bits / 8;
  const std::uint64_t limit =
      (max_payload + kTlpOverhead) * ack_factor_tenths(lanes, max_payload) / (10 * lanes) +
      g.internal_delay;
  const std::uint64_t whole = limit * kSkipInterval;
  const std::uint64_t lost = 2 * kDllpBytes * kSkipInterval + kSkipBytes * limit;
  CHECK(lost < whole) << "the ack limit is at least the internal delay";
  const auto share = [](std::uint64_t value, std::uint64_t part, std::uint64_t of) {
    return static_cast<std::uint64_t>(static_cast<uint128>(value) * part / of);
  };
  rate.tlp_bytes_per_s = share(rate.line_bytes_per_s, whole - lost, whole);
  rate.write_bytes_per_s = share(rate.tlp_bytes_per_s, max_payload, max_payload + kWriteHeader);
  rate.read_bytes_per_s = share(rate.tlp_bytes_per_s, max_payload, max_payload + kCompletionHeader);
  return rate;
}

namespace machine_spec {
namespace {

void read_link(Reader& spec) {
  const Node* node = spec.take("link");
  if (node != nullptr && node->is_scalar() &&
      (node->text == "axi" || node->text == "nvlink" || node->text == "usb")) {
    Diagnostic d =
        error_at(*node, spec.path_of("link"), "E-unsupported-kind",
                 "links of kind '" + node->text + "' cannot be simulated", "supported: pcie");
    d.kind = ErrorKind::kUnsupported;
    spec.errors().push_back(d);
    return;
  }
  enum class Link { kPcie };
  spec.optional("link", Choice<Link>{{{"pcie", Link::kPcie}}}, Link::kPcie);
}

}  // namespace

void read_host(Reader& root, Machine& machine) {
  Reader spec = root.optional_map("host");
  HostLink& host = machine.host;
  const std::size_t errors_before = spec.errors().size();
  host.enabled = spec.optional("enabled", Flag{}, true);
  read_link(spec);
  host.generation = static_cast<std::uint32_t>(spec.optional("generation", Whole{1, 5}, 3));
  host.lanes = static_cast<std::uint32_t>(spec.optional("lanes", PowerOfTwo{1, 16}, 16));
  host.max_payload = spec.optional("max_payload", PowerOfTwoSize{128, 4096}, Bytes(256));
  host.read_request = spec.optional("read_request", PowerOfTwoSize{128, 4096}, Bytes(512));
  host.latency = spec.optional("latency", Duration{}, Femtoseconds(250'000'000));
  host.driver_cost = spec.optional("driver_cost", Duration{}, Femtoseconds(0));
  host.credits = static_cast<std::uint32_t>(spec.optional("credits", Whole{0, 1u << 20}, 0));
  spec.finish();
  if (spec.errors().size() != errors_before) return;
  const PcieRate rate = pcie_rate(host.generation, host.lanes, host.max_payload.value());
  host.raw_bytes_per_s = rate.tlp_bytes_per_s;
  // Reads are the better direction (a completion's header is the shorter one): one figure that no
  // direction of the link in detail can beat.
  host.payload_bytes_per_s = rate.read_bytes_per_s;
}

}  // namespace machine_spec
}  // namespace takt
