// SPDX-License-Identifier: Apache-2.0
#pragma once
// DRAMs for tests: timing in clocks as in the parts of the same name under configs/parts/dram.

#include "sim/machine/machine.h"

namespace takt::testing {

inline Memory hbm2(std::uint32_t channels = 1) {
  Memory m;
  DramTiming& t = m.timing;
  t.standard = "HBM2-2000";
  t.clock_hz = 1'000'000'000;
  t.data_rate = 2;
  t.burst_length = 4;
  t.bus_bits = 128;
  t.bank_groups = 4;
  t.banks_per_group = 4;
  t.row_bytes = Bytes(1024);
  t.rows = 32768;
  t.cl = 14, t.cwl = 4, t.rcd = 14, t.rp = 14, t.ras = 34, t.rrd_s = 4, t.rrd_l = 6, t.faw = 30;
  t.ccd_s = 1, t.ccd_l = 2, t.wr = 16, t.wtr_s = 6, t.wtr_l = 8, t.rtp = 4, t.rfc = 260;
  t.refi = 3900;
  m.channels = channels;
  m.bandwidth_bytes_per_s = 32'000'000'000ULL * channels;
  m.interleave = Bytes(256);
  m.capacity = Bytes(std::uint64_t{channels} << 29);
  return m;
}

inline Memory ddr4(std::uint32_t channels = 1) {
  Memory m;
  DramTiming& t = m.timing;
  t.standard = "DDR4-2400";
  t.clock_hz = 1'200'000'000;
  t.data_rate = 2;
  t.burst_length = 8;
  t.bus_bits = 64;
  t.bank_groups = 4;
  t.banks_per_group = 4;
  t.row_bytes = Bytes(8192);
  t.rows = 65536;
  t.cl = 17, t.cwl = 12, t.rcd = 17, t.rp = 17, t.ras = 39, t.rrd_s = 4, t.rrd_l = 6, t.faw = 26;
  t.ccd_s = 4, t.ccd_l = 6, t.wr = 18, t.wtr_s = 3, t.wtr_l = 9, t.rtp = 9, t.rfc = 420;
  t.refi = 9360;
  m.channels = channels;
  m.bandwidth_bytes_per_s = 19'200'000'000ULL * channels;
  m.interleave = Bytes(256);
  m.capacity = Bytes(std::uint64_t{channels} << 33);
  return m;
}

inline Memory ddr3(std::uint32_t channels = 1) {
  Memory m = ddr4(channels);
  DramTiming& t = m.timing;
  t.standard = "DDR3-1600";
  t.clock_hz = 800'000'000;
  t.bank_groups = 1;
  t.banks_per_group = 8;
  t.cl = 11, t.cwl = 8, t.rcd = 11, t.rp = 11, t.ras = 28, t.rrd_s = 5, t.rrd_l = 5, t.faw = 24;
  t.ccd_s = 4, t.ccd_l = 4, t.wr = 12, t.wtr_s = 6, t.wtr_l = 6, t.rtp = 6, t.rfc = 280;
  t.refi = 6240;
  m.bandwidth_bytes_per_s = 12'800'000'000ULL * channels;
  return m;
}

inline Memory without_refresh(Memory m) {
  m.timing.refi = 0;
  return m;
}

}  // namespace takt::testing
