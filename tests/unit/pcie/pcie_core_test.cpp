// SPDX-License-Identifier: Apache-2.0
#include "models/common/pcie/pcie_core.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include "sim/base/clock_domain.h"
#include "sim/base/random.h"
#include "sim/machine/machine_spec.h"

namespace takt {
namespace {

constexpr Femtoseconds kLatency(250'000'000);

HostLink link(std::uint32_t generation, std::uint32_t lanes, std::uint64_t max_payload) {
  HostLink l;
  l.generation = generation;
  l.lanes = lanes;
  l.max_payload = Bytes(max_payload);
  l.read_request = Bytes(512);
  l.latency = kLatency;
  const PcieRate rate = pcie_rate(generation, lanes, max_payload);
  l.raw_bytes_per_s = rate.tlp_bytes_per_s;
  l.payload_bytes_per_s = rate.read_bytes_per_s;
  return l;
}

/// GB/s of many transfers, one behind the other.
double bandwidth(const HostLink& l, bool write) {
  PcieCore core(l);
  constexpr std::uint64_t kSize = 1 << 20, kTransfers = 64;
  Femtoseconds first{}, last{};
  for (std::uint64_t i = 0; i <= kTransfers; ++i) {
    last = core.issue(Femtoseconds(0), {Bytes(kSize), write}).done;
    if (i == 0) first = last;  // without the latency of the first
  }
  return static_cast<double>(kSize * kTransfers) / static_cast<double>((last - first).value()) *
         1e6;
}

void expect_within_1_pct(const std::string& what, double expected, double counted) {
  const double deviation = (counted / expected - 1) * 100;
  std::printf("%-28s expected %8.3f GB/s counted %8.3f (%+.3f %%)\n", what.c_str(), expected,
              counted, deviation);
  EXPECT_LE(std::abs(deviation), 1.0) << what;
}

// Neugebauer et al., "Understanding PCIe performance for end host networking", SIGCOMM 2018: the
// model of their pcie-bench for gen 3 links at 256 B of payload.
TEST(PcieCore, PublishedBandwidths) {
  expect_within_1_pct("gen3 x16 256 B write", 12.994, bandwidth(link(3, 16, 256), true));
  expect_within_1_pct("gen3 x8 256 B write", 6.615, bandwidth(link(3, 8, 256), true));
  expect_within_1_pct("gen3 x8 256 B read", 6.711, bandwidth(link(3, 8, 256), false));
}

/// Rows of a comma-separated file without quotes; empty if there is no such file.
std::vector<std::vector<std::string>> rows_of(const std::string& path) {
  std::vector<std::vector<std::string>> rows;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();  // carriage return
    rows.emplace_back();
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(cell);
  }
  return rows;
}

std::size_t column(const std::vector<std::string>& head, const std::string& name) {
  const auto at = std::find(head.begin(), head.end(), name);
  EXPECT_NE(at, head.end()) << "no column " << name;
  return static_cast<std::size_t>(at - head.begin());
}

TEST(PcieCore, EveryRowOfTheModelTable) {
  const char* data = std::getenv("TAKT_DATA");
  const std::string folder = data != nullptr ? data : TAKT_SOURCE_DIR "/../shared/data";
  const auto rows = rows_of(folder + "/pcie_model_bandwidth.csv");
  if (rows.empty()) GTEST_SKIP() << "no pcie_model_bandwidth.csv in " << folder;
  const auto& head = rows[0];
  const std::size_t gen = column(head, "gen"), lanes = column(head, "lanes");
  const std::size_t payload = column(head, "max_payload_B");
  const std::size_t write = column(head, "write_GBps_at_MPS");
  const std::size_t read = column(head, "read_completion_GBps_at_MPS");
  ASSERT_GT(rows.size(), 1u);
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const auto& row = rows[i];
    const HostLink l = link(static_cast<std::uint32_t>(std::stoul(row[gen].substr(3))),
                            static_cast<std::uint32_t>(std::stoul(row[lanes].substr(1))),
                            std::stoull(row[payload]));
    const std::string what = row[gen] + " " + row[lanes] + " " + row[payload] + " B ";
    expect_within_1_pct(what + "write", std::stod(row[write]), bandwidth(l, true));
    expect_within_1_pct(what + "read", std::stod(row[read]), bandwidth(l, false));
  }
}

TEST(PcieCore, UnloadedTransfers) {
  HostLink l = link(3, 16, 256);
  l.driver_cost = Femtoseconds(1'000'000'000);
  const Femtoseconds now(5'000'000);
  Wire wire(l.raw_bytes_per_s);
  EXPECT_EQ(PcieCore(l).issue(now, {Bytes(600), true}).done,
            now + l.driver_cost + wire.time_of(Bytes(600 + 3 * 24)) + l.latency);
  // There with a request of 24 B, back with completions of 256, 256 and 88 B.
  EXPECT_EQ(PcieCore(l).issue(now, {Bytes(600), false}).done,
            now + l.driver_cost + wire.time_of(Bytes(24)) + l.latency +
                wire.time_of(Bytes(600 + 3 * 20)) + l.latency);
}

TEST(PcieCore, NeverFasterThanTheRatedFloor) {
  for (std::uint32_t generation = 1; generation <= 5; ++generation) {
    const HostLink l = link(generation, 8, 256);
    const ClockDomain clock(1'000'000'000);
    for (std::uint64_t size : {1u, 255u, 256u, 257u, 4096u, 1'000'001u}) {
      for (bool write : {false, true}) {
        const Femtoseconds done = PcieCore(l).issue(Femtoseconds(0), {Bytes(size), write}).done;
        EXPECT_GE(
            clock.cycle_at(done) + Cycles(1),
            clock.cycles_to_move(Bytes(size), l.payload_bytes_per_s) + clock.cycle_at(l.latency))
            << generation << " " << size;
      }
    }
  }
}

// Packet by packet or all at once: the same times.
TEST(PcieCore, ATransferTakesTheTimesOfItsPackets) {
  for (const std::uint32_t credits : {0u, 1u, 4u, 16u, 61u, 200u}) {
    for (const std::uint64_t packets : {1u, 2u, 15u, 63u, 64u, 65u, 1000u}) {
      HostLink l = link(3, 16, 256);
      l.credits = credits;
      PcieCore whole(l), pieces(l);
      Femtoseconds now(1000);
      for (int transfer = 0; transfer < 3; ++transfer) {
        const PcieBooking a = whole.issue(now, {Bytes(256 * packets - 100), true});
        PcieBooking b;
        for (std::uint64_t i = 0; i < packets; ++i) {
          b = pieces.issue(now, {Bytes(i + 1 < packets ? 256 : 156), true});
        }
        ASSERT_EQ(a.done, b.done) << credits << " credits, " << packets << " packets";
        ASSERT_EQ(whole.stats().credit_stalls, pieces.stats().credit_stalls)
            << credits << " " << packets;
        now = transfer == 0 ? a.done + kLatency + kLatency : now;  // idle, then busy
      }
    }
  }
}

// Little: credits in flight = rate x round trip.
TEST(PcieCore, CreditsBoundTheBandwidthOfWrites) {
  HostLink l = link(3, 16, 256);
  l.credits = 8;
  PcieCore core(l);
  const std::uint64_t packets = 80'000;
  const PcieBooking b = core.issue(Femtoseconds(1), {Bytes(256 * packets), true});
  const double round = static_cast<double>(
      (Wire(l.raw_bytes_per_s).time_of(Bytes(280)) + kLatency + kLatency).value());
  expect_within_1_pct(
      "8 posted credits", 8 * 256 / round * 1e6,
      static_cast<double>(256 * packets) / static_cast<double>(b.sent.value()) * 1e6);
  EXPECT_EQ(core.stats().credit_stalls, packets / 8 - 1);
}

TEST(PcieCore, DirectionsAreIndependentButForRequests) {
  const HostLink l = link(3, 16, 256);
  PcieCore alone(l), both(l);
  const Femtoseconds read = alone.issue(Femtoseconds(0), {Bytes(1 << 20), false}).done;
  const Femtoseconds write = PcieCore(l).issue(Femtoseconds(0), {Bytes(1 << 20), true}).done;
  EXPECT_EQ(both.issue(Femtoseconds(0), {Bytes(1 << 20), false}).done, read);
  const Femtoseconds second = both.issue(Femtoseconds(0), {Bytes(1 << 20), true}).done;
  // 2048 read requests of 24 B go the same way as the write.
  const Femtoseconds requests = Wire(l.raw_bytes_per_s).time_of(Bytes(2048 * 24));
  EXPECT_NEAR(static_cast<double>((second - write).value()), static_cast<double>(requests.value()),
              1);
  // And a read behind a long write waits until its requests get through.
  PcieCore after(l);
  after.issue(Femtoseconds(0), {Bytes(1 << 20), true});
  EXPECT_GT(after.issue(Femtoseconds(0), {Bytes(64), false}).done, write);
}

TEST(PcieCore, ProbeSaysWhatIssueDoesAndBiggerIsNeverEarlier) {
  HostLink l = link(4, 8, 128);
  l.credits = 12;
  PcieCore core(l);
  Random random(2);
  Femtoseconds now{};
  std::uint64_t read = 0, written = 0;
  for (int i = 0; i < 300; ++i) {
    PcieRequest r{Bytes(random.between(1, 60'000)), random.between(0, 1) == 0};
    const Femtoseconds probed = core.probe(now, r).done;
    EXPECT_GE(core.probe(now, {r.size + Bytes(random.between(1, 999)), r.write}).done, probed);
    const PcieBooking b = core.issue(now, r);
    EXPECT_EQ(b.done, probed);
    EXPECT_LE(b.start, b.sent);
    EXPECT_LT(b.sent, b.done);
    (r.write ? written : read) += r.size.value();
    now += Femtoseconds(random.between(0, 10'000'000));
  }
  EXPECT_EQ(core.stats().read_bytes, read);
  EXPECT_EQ(core.stats().write_bytes, written);
  EXPECT_EQ(core.stats().wire_bytes_down, read + core.stats().tlps_down * 20);
  EXPECT_EQ(core.stats().wire_bytes_up, written + core.stats().tlps_up * 24);
}

TEST(Wire, OnePieceOrManyEndTogether) {
  Random random(8);
  Wire one(12'345'678'901), many(12'345'678'901);
  Femtoseconds now{};
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t bytes = random.between(1, 5000);
    const Femtoseconds end = one.send(now, Bytes(bytes));
    for (std::uint64_t left = bytes; left > 0;) {
      const std::uint64_t piece = random.between(1, left);
      many.send(now, Bytes(piece));
      left -= piece;
    }
    ASSERT_EQ(many.free(), end);
    if (random.between(0, 3) == 0) now = end + Femtoseconds(random.between(0, 1'000'000));
  }
}

}  // namespace
}  // namespace takt
