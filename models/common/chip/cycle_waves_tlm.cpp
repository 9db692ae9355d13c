// SPDX-License-Identifier: Apache-2.0
#include "models/common/chip/cycle_waves_tlm.h"

#include <algorithm>
#include <cstdio>
#include <fstream>

namespace takt {
namespace {

/// A cycle is a nanosecond of the dump, in units of 100 ps: its clock rises in the middle.
constexpr std::uint64_t kUnitsPerCycle = 10;

sc_core::sc_time half_cycle() { return {500, sc_core::SC_PS}; }

UnitId first_array(const Program& program) { return program.unit_of(UnitKind::kMatrix, 0); }

std::string module_name(const Program& program) {
  std::string name = program.units[first_array(program).index].name;
  std::replace(name.begin(), name.end(), '.', '_');
  return name + "_waves";
}

Cycles earlier_by(Cycles when, Cycles by) { return when > by ? when - by : Cycles(0); }

}  // namespace

WaveArray::Ticks::Ticks(const sc_core::sc_module_name& name) : sc_module(name) {
  SC_METHOD(tick);
  sensitive << begin_;
  dont_initialize();
}

void WaveArray::Ticks::start(std::function<bool()> more) {
  more_ = std::move(more);
  begin_.notify(sc_core::SC_ZERO_TIME);
}

void WaveArray::Ticks::tick() {
  const bool high = clk.read();
  if (!high || more_()) {
    clk.write(!high);
    next_trigger(half_cycle());
  }
}

WaveArray::WaveArray(const Program& program, const WaveOptions& options)
    : program_(program),
      options_(options),
      unit_(first_array(program)),
      ticks_("waves_clock"),
      array_(module_name(program).c_str(), program.machine->matrix) {
  array_.clk(ticks_.clk);
}

/// Where the first pass's load begins, or the pass if it has none.
Cycles WaveArray::first_cycle() const {
  if (passes_.empty()) return Cycles(0);
  const Booking& b = passes_.front().moments;
  const bool loads = program_.machine->matrix.dataflow != Dataflow::kOutputStationary;
  return loads ? b.loaded - Cycles(program_.machine->matrix.rows) : b.start;
}

void WaveArray::push_all(Cycles first) {
  const MatrixUnit& unit = program_.machine->matrix;
  const bool turned = unit.dataflow == Dataflow::kInputStationary;
  const auto cols = static_cast<std::ptrdiff_t>(unit.cols);
  std::size_t rows = 0;
  for (const PassRecord& p : passes_) {
    rows = std::max(rows, p.accumulator + (turned ? p.shape.n : p.shape.m));
  }
  sums_.assign(rows * unit.cols, 0);
  for (const PassRecord& p : passes_) {
    SystolicArrayCycle::Tile tile;
    tile.m = p.shape.m;
    tile.n = p.shape.n;
    tile.k = p.shape.k;
    tile.row = p.shape.row;
    tile.load_stationary = p.shape.load_stationary;
    tile.accumulate = p.shape.accumulate;
    tile.a = {p.a.data(), static_cast<std::ptrdiff_t>(tile.k), 1};
    tile.b = {p.b.data(), static_cast<std::ptrdiff_t>(tile.n), 1};
    tile.out = {sums_.data() + static_cast<std::ptrdiff_t>(p.accumulator) * cols, cols, 1};
    if (turned) tile.out = tile.out.transposed();
    tile.a_ready = earlier_by(p.a_ready, first);
    tile.b_ready = earlier_by(p.b_ready, first);
    array_.push(tile);
  }
}

void WaveArray::check(Cycles first) const {
  for (std::size_t i = 0; i < passes_.size() && i < results_.size(); ++i) {
    const Booking& counted = passes_[i].moments;
    const Booking& here = array_.moments(i);
    CHECK(here.start + first == counted.start && here.loaded + first == counted.loaded &&
          here.issued + first == counted.issued && here.done + first == counted.done)
        << "pass " << i << " takes other moments on the array of one module a PE";
    // Later ones may have added to the sums by then, and those behind the last are not known here.
    if (counted.done > passes_.back().moments.start) continue;
    CHECK(results_[i] == passes_[i].out)
        << "pass " << i << " makes other sums on the array of one module a PE";
  }
}

void WaveArray::copy(std::uint64_t began, Cycles first) const {
  std::ifstream file(options_.scratch + ".vcd");
  CHECK(file.good()) << "the kernel wrote no waves";
  options_.out << "$comment Takt: registers of " << program_.units[unit_.index].name
               << "; a cycle is 1 ns, registers change when clk rises, in its middle $end\n";
  bool in_date = false;
  for (std::string line; std::getline(file, line);) {
    if (line.find("All initial values") != std::string::npos) continue;  // the kernel's time
    in_date = in_date || line.rfind("$date", 0) == 0;
    if (in_date) {
      in_date = line.find("$end") == std::string::npos;
      continue;
    }
    if (line.empty() || line[0] != '#') {
      options_.out << line << "\n";
      continue;
    }
    const std::uint64_t units = std::stoull(line.substr(1));
    options_.out << "#" << units - began + first.value() * kUnitsPerCycle << "\n";
  }
}

std::vector<std::int32_t> WaveArray::sums_of(const PassRecord& pass) const {
  const MatrixUnit& unit = program_.machine->matrix;
  const bool turned = unit.dataflow == Dataflow::kInputStationary;
  std::vector<std::int32_t> sums;
  for (std::size_t i = 0; i < pass.shape.m; ++i) {
    for (std::size_t j = 0; j < pass.shape.n; ++j) {
      const std::size_t row = pass.accumulator + (turned ? j : i);
      sums.push_back(sums_[row * unit.cols + (turned ? i : j)]);
    }
  }
  return sums;
}

// The sums of a pass are looked at at the moment it is done, as the counting array's were: the next
// one may already be adding to the first of them.
void WaveArray::tick_through() {
  std::uint64_t cycle = 0;  // that begins
  bool ticking = true;
  ticks_.start([&] {
    for (std::size_t next = results_.size(); next < passes_.size(); ++next) {
      if (array_.moments(next).done > Cycles(cycle)) break;
      results_.push_back(sums_of(passes_[next]));
    }
    ticking = !array_.idle() && cycle++ < options_.cycles.value();
    return ticking;
  });
  while (ticking) sc_core::sc_start(2 * half_cycle());
}

void WaveArray::write() {
  closed_ = true;
  const Cycles first = first_cycle();
  push_all(first);
  sc_core::sc_trace_file* const file = sc_core::sc_create_vcd_trace_file(options_.scratch.c_str());
  file->set_time_unit(100, sc_core::SC_PS);
  sc_core::sc_trace(file, ticks_.clk, std::string(array_.name()) + ".clk");
  array_.trace(file);
  // The kernel's time is wherever the run ended; the dump's is to be a whole number of its units.
  const std::uint64_t unit = sc_core::sc_time(100, sc_core::SC_PS).value();
  const std::uint64_t stopped = sc_core::sc_time_stamp().value();
  const std::uint64_t began = stopped / unit + 1;
  sc_core::sc_start(sc_core::sc_time::from_value(began * unit - stopped));
  tick_through();
  sc_core::sc_close_vcd_trace_file(file);
  copy(began, first);
  std::remove((options_.scratch + ".vcd").c_str());
  check(first);
}

}  // namespace takt
