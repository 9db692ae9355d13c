// SPDX-License-Identifier: Apache-2.0
// DRAM: a standard's timing, and how many channels of it the device has.
#include "sim/machine/machine_spec_parts.h"

namespace takt::machine_spec {
namespace {

constexpr std::uint64_t kClocksMax = 1'000'000;

std::uint32_t clocks(Reader& timing, const char* key, std::uint64_t least = 0) {
  return static_cast<std::uint32_t>(timing.required(key, Whole{least, kClocksMax}));
}

/// JEDEC's constraints, in clocks. A command takes a clock, and what it starts takes one more: none
/// of what lies between two commands for rows or data is 0.
void read_timing(Reader& standard, DramTiming& t) {
  Reader timing = standard.map("timing");
  t.cl = clocks(timing, "cl", 1);
  t.cwl = clocks(timing, "cwl", 1);
  t.rcd = clocks(timing, "rcd", 1);
  t.rp = clocks(timing, "rp", 1);
  t.ras = clocks(timing, "ras", 1);
  t.rrd_s = clocks(timing, "rrd_s", 1);
  t.rrd_l = clocks(timing, "rrd_l", 1);
  t.faw = clocks(timing, "faw", 1);
  t.ccd_s = clocks(timing, "ccd_s", 1);
  t.ccd_l = clocks(timing, "ccd_l", 1);
  t.wr = clocks(timing, "wr");
  t.wtr_s = clocks(timing, "wtr_s");
  t.wtr_l = clocks(timing, "wtr_l");
  t.rtp = clocks(timing, "rtp");
  t.rfc = clocks(timing, "rfc");
  t.refi = clocks(timing, "refi", 1);
  timing.finish();
}

/// What the constraints of a data sheet cannot be, each with its values.
void check_timing(Reader& standard, const DramTiming& t) {
  const auto complain = [&](const char* key, const std::string& message,
                            const std::string& hint = "") {
    standard.error(key, "E-dram-timing", message, hint);
  };
  const auto named = [](const char* name, std::uint32_t value) {
    return std::string(name) + " (" + std::to_string(value) + ")";
  };
  const auto at_most = [&](const char* name, std::uint32_t value, const char* limit_name,
                           std::uint32_t limit, const char* why) {
    if (value <= limit) return;
    complain("timing", named(name, value) + " must be at most " + named(limit_name, limit), why);
  };
  // A row that cannot be opened and closed between two refreshes is never read.
  if (std::uint64_t{t.rfc} + t.rcd + t.rp >= t.refi) {
    complain("timing",
             named("rfc", t.rfc) + " + " + named("rcd", t.rcd) + " + " + named("rp", t.rp) +
                 " must be less than " + named("refi", t.refi) + ", or refresh takes all time",
             "a refresh takes rfc clocks, and one is due every refi clocks");
  }
  at_most("cwl", t.cwl, "cl", t.cl, "the data of a write never come later than those of a read");
  at_most("rcd", t.rcd, "ras", t.ras, "a row is open at least until it can be read");
  at_most("rrd_s", t.rrd_s, "faw", t.faw, "up to four rows are opened within faw");
  constexpr const char* kGroup = "it is never shorter within a bank group (_l) than across (_s)";
  at_most("rrd_s", t.rrd_s, "rrd_l", t.rrd_l, kGroup);
  at_most("ccd_s", t.ccd_s, "ccd_l", t.ccd_l, kGroup);
  at_most("wtr_s", t.wtr_s, "wtr_l", t.wtr_l, kGroup);
  if (t.burst_length % t.data_rate != 0) {
    complain("burst_length", "must be a multiple of data_rate: bursts take whole clocks");
  }
  const std::uint64_t burst = std::uint64_t{t.burst_length} * t.bus_bits / 8;
  if (t.row_bytes.value() % burst != 0) {
    complain("row_size", "must be a multiple of a burst = " + std::to_string(burst) + " B");
  }
}

struct Standard {
  bool ok = false;
  DramTiming timing;
  std::string family;
  std::uint32_t channels_per_stack = 1;
};

Standard read_standard(Reader& spec) {
  Standard standard;
  DramTiming& t = standard.timing;
  const std::size_t errors_before = spec.errors().size();
  t.standard = spec.required("name", Text{});
  standard.family = spec.required("family", Text{});
  t.clock_hz = spec.required("clock", Frequency{});
  t.data_rate = static_cast<std::uint32_t>(spec.required("data_rate", Whole{1, 16}));
  t.burst_length = static_cast<std::uint32_t>(spec.required("burst_length", PowerOfTwo{1, 256}));
  t.bus_bits = static_cast<std::uint32_t>(spec.required("bus_bits", PowerOfTwo{8, 4096}));
  t.bank_groups = static_cast<std::uint32_t>(spec.required("bank_groups", PowerOfTwo{1, 64}));
  t.banks_per_group =
      static_cast<std::uint32_t>(spec.required("banks_per_group", PowerOfTwo{1, 64}));
  t.row_bytes = spec.required("row_size", PowerOfTwoSize{64, 1 << 20});
  t.rows = spec.required("rows", Whole{1, 1u << 30});
  standard.channels_per_stack =
      static_cast<std::uint32_t>(spec.optional("channels_per_stack", Whole{1, 64}, 1));
  read_timing(spec, t);
  standard.ok = !spec.broken() && spec.errors().size() == errors_before;
  if (standard.ok) check_timing(spec, t);
  return standard;
}

/// `channels` or `stacks`, not both; one channel if neither.
void read_channels(Reader& memory, const Standard& standard, Memory& out) {
  const auto stacks = memory.maybe("stacks", Whole{1, 64});
  if (stacks && memory.has("channels")) {
    memory.take("channels");
    memory.error("channels", "E-conflicting-keys", "give either channels or stacks, not both");
  } else if (stacks) {
    out.channels = static_cast<std::uint32_t>(*stacks * standard.channels_per_stack);
  } else {
    out.channels = static_cast<std::uint32_t>(memory.optional("channels", Whole{1, 1024}, 1));
  }
}

/// Bytes a second of one channel's pins.
std::uint64_t channel_peak(const DramTiming& t) {
  return t.clock_hz * t.data_rate * (t.bus_bits / 8);
}

void check_against_standard(Reader& spec, const Memory& memory) {
  const DramTiming& t = memory.timing;
  const std::uint64_t peak = channel_peak(t) * memory.channels;
  if (memory.bandwidth_bytes_per_s > peak) {
    spec.error("bandwidth", "E-bandwidth-above-peak",
               "is more than " + std::to_string(memory.channels) + " channels of " + t.standard +
                   " can move: " + Bandwidth{}.format(peak),
               "lower the bandwidth or add channels");
  }
  const std::uint64_t holds = memory.channels * std::uint64_t{t.bank_groups} * t.banks_per_group *
                              t.rows * t.row_bytes.value();
  if (memory.capacity.value() > holds) {
    spec.error("capacity", "E-capacity-above-standard",
               "is more than " + std::to_string(memory.channels) + " channels of " + t.standard +
                   " hold: " + Size{}.format(Bytes(holds)));
  }
  const std::uint64_t burst = std::uint64_t{t.burst_length} * t.bus_bits / 8;
  if (memory.interleave.value() % burst != 0 ||
      t.row_bytes.value() % memory.interleave.value() != 0) {
    spec.error("interleave", "E-interleave",
               "must be a multiple of a burst (" + std::to_string(burst) +
                   " B) that divides a row (" + std::to_string(t.row_bytes.value()) + " B)");
  }
}

/// A memory so slow that a run's cycles could no longer be counted.
void check_not_too_slow(Reader& spec, const Machine& machine) {
  constexpr std::uint64_t kCyclesPerByteMax = 1'000'000;
  const std::uint64_t least = ceil_div(machine.clock.hz(), kCyclesPerByteMax);
  const std::uint64_t rate = machine.memory.bandwidth_bytes_per_s;
  if (spec.broken() || rate == 0 || rate >= least) return;
  spec.error("bandwidth", "E-out-of-range",
             "must be at least " + Bandwidth{}.format(least) + ": at " +
                 Frequency{}.format(machine.clock.hz()) +
                 " a byte would take more than 1,000,000 cycles");
}

/// The keys of one cache; absent unless it has a size.
void read_cache_keys(Reader& spec, std::uint64_t bandwidth, Cache& cache) {
  cache.size = spec.maybe("size", Size{}).value_or(Bytes(0));
  cache.line = spec.optional("line", PowerOfTwoSize{8, 4096}, Bytes(64));
  cache.ways = static_cast<std::uint32_t>(spec.optional("ways", Whole{1, 64}, 8));
  cache.latency = spec.optional("latency", Duration{}, Femtoseconds(0));
  cache.miss = spec.optional("miss", Duration{}, Femtoseconds(0));
  cache.bandwidth_bytes_per_s = spec.optional("bandwidth", Bandwidth{}, bandwidth);
  cache.lookup = spec.optional("lookup", Duration{}, Femtoseconds(0));
  cache.fill_on_port =
      spec.optional("ports", Choice<bool>{{{"1R1W", false}, {"1RW", true}}}, false);
  cache.warm = spec.optional("start", Choice<bool>{{{"cold", false}, {"warm", true}}}, false);
}

void check_cache(Reader& spec, const Cache& cache) {
  const std::uint64_t way = cache.line.value() * cache.ways;
  if (cache.size.value() % way != 0) {
    spec.error("size", "E-buffer-shape",
               "must be a multiple of line x ways = " + std::to_string(way) + " B");
  }
  if (cache.bandwidth_bytes_per_s == 0) {
    spec.error("bandwidth", "E-out-of-range", "must be more than 0");
  }
}

/// What a cache asks of the DRAM behind it, and of the cache in front of it.
void check_behind_cache(Reader& spec, Reader& inner, const Memory& memory) {
  const auto complain = [](Reader& at, const char* key, const std::string& message,
                           const std::string& hint) {
    at.error(key, "E-conflicting-keys", message, hint);
  };
  if (memory.channels != 1) {
    complain(spec, "size",
             "a cache stands in front of one DRAM channel, this memory has " +
                 std::to_string(memory.channels),
             "give memory.channels: 1, or leave out memory.cache");
  }
  const std::uint64_t row = memory.timing.row_bytes.value(), line = memory.cache.line.value();
  if (row % line != 0) {
    complain(spec, "line",
             "must divide a row of the DRAM (" + std::to_string(row) + " B), is " +
                 std::to_string(line) + " B",
             "a line lies in one row");
  }
  if (memory.capacity.value() != 0 && memory.cache.size > memory.capacity) {
    complain(spec, "size", "is more than memory.capacity = " + Size{}.format(memory.capacity),
             "a cache is at most as large as the memory behind it");
  }
  if (memory.inner_cache.size > memory.cache.size) {
    complain(inner, "size", "is more than memory.cache.size = " + Size{}.format(memory.cache.size),
             "an inner cache is at most as large as the one behind it");
  }
}

/// A cache in front of the DRAM, and perhaps one in front of that.
void read_cache(Reader& memory, Memory& out) {
  Reader spec = memory.optional_map("cache");
  const std::size_t errors_before = spec.errors().size();
  read_cache_keys(spec, out.bandwidth_bytes_per_s, out.cache);
  Reader inner = spec.optional_map("inner");
  read_cache_keys(inner, out.cache.bandwidth_bytes_per_s, out.inner_cache);
  inner.finish();
  spec.finish();
  if (spec.broken() || spec.errors().size() != errors_before) return;
  if (out.inner_cache.present()) {
    check_cache(inner, out.inner_cache);
    if (!out.cache.present() || out.cache.line < out.inner_cache.line) {
      inner.error("size", "E-conflicting-keys",
                  "an inner cache stands in front of another one, whose lines are no shorter");
    }
    out.cache.piece = out.inner_cache.line;  // what it is asked for
  }
  if (!out.cache.present()) return;
  check_cache(spec, out.cache);
  check_behind_cache(spec, inner, out);
}

/// Keys whose default is a property of the standard: all it can move, all it holds.
void read_rates(Reader& spec, bool has_standard, bool standard_ok, Memory& memory) {
  const DramTiming& t = memory.timing;
  if (!has_standard) {
    memory.bandwidth_bytes_per_s = spec.required("bandwidth", Bandwidth{});
    memory.capacity = spec.optional("capacity", Size{}, Bytes(std::uint64_t{16} << 30));
    return;
  }
  if (!standard_ok) {
    spec.maybe("bandwidth", Bandwidth{});
    spec.maybe("capacity", Size{});
    return;
  }
  memory.bandwidth_bytes_per_s =
      spec.optional("bandwidth", Bandwidth{}, channel_peak(t) * memory.channels);
  const std::uint64_t holds = memory.channels * std::uint64_t{t.bank_groups} * t.banks_per_group *
                              t.rows * t.row_bytes.value();
  memory.capacity = spec.optional("capacity", Size{}, Bytes(holds));
}

}  // namespace

void read_memory(Reader& root, Machine& machine, std::string& family,
                 std::vector<SourcedValue>& values) {
  Reader spec = root.map("memory");
  Memory& memory = machine.memory;
  const std::size_t errors_before = spec.errors().size();
  memory.ideal = spec.optional("ideal", Flag{}, false);
  Standard standard;
  const bool has_standard = spec.has("standard") || !memory.ideal;
  if (has_standard) {
    Reader part = spec.map("standard");
    standard = read_standard(part);
    if (part.has("sources")) check_sources(part, values);
    part.take("sources");
    part.finish();
  } else {
    spec.take("standard");
  }
  memory.timing = standard.timing;
  family = standard.family;
  read_channels(spec, standard, memory);
  read_rates(spec, has_standard, standard.ok, memory);
  memory.open_page = spec.optional("page", Choice<bool>{{{"open", true}, {"closed", false}}}, true);
  memory.queue = static_cast<std::uint32_t>(spec.optional("queue", Whole{1, 4096}, 32));
  memory.interleave = spec.optional("interleave", PowerOfTwoSize{32, 1 << 20}, Bytes(256));
  memory.hashed =
      spec.optional("channels_by", Choice<bool>{{{"address", false}, {"hash", true}}}, false);
  read_cache(spec, memory);
  spec.finish();
  if (spec.errors().size() == errors_before) check_not_too_slow(spec, machine);
  if (standard.ok && spec.errors().size() == errors_before) check_against_standard(spec, memory);
}

}  // namespace takt::machine_spec
