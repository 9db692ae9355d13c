// SPDX-License-Identifier: Apache-2.0
#include "sim/report/summary.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/report/derived.h"
#include "sim/report/format.h"
#include "sim/report/table.h"

namespace takt {
namespace {

/// How an account looks in a bar: a character that is told apart without colour, and an SGR colour.
struct AccountLook {
  char mark;
  const char* color;
};
constexpr std::array<AccountLook, kAccounts> kLooks{{{'#', "32"},
                                                     {'+', "92"},
                                                     {'~', "36"},
                                                     {'w', "33"},
                                                     {'W', "31"},
                                                     {'I', "35"},
                                                     {'O', "95"},
                                                     {'d', "34"},
                                                     {'H', "91"},
                                                     {'v', "94"},
                                                     {'.', "90"}}};

double share_of(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string colored(const std::string& text, const char* color, bool on) {
  return on ? std::string("\033[") + color + "m" + text + "\033[0m" : text;
}

std::uint64_t dram_bytes(const ActionCounts& c) { return c.dram_read_bytes + c.dram_write_bytes; }

std::string layer_table(const RunRecord& r, const std::vector<std::string>& bottlenecks,
                        const TextStyle& style) {
  Table table({{"layer", false, true},
               {"op", false},
               {"shape", false, true},
               {"cycles"},
               {"%"},
               {"util"},
               {r.machine.cached ? "memory" : "DRAM"},
               {"bandwidth"},
               {"energy"},
               {"bottleneck", false}});
  for (const LayerRecord& layer : r.layers) {
    const auto u = utilization(layer, r.machine);
    const auto bandwidth = dram_bandwidth(layer, r.machine);
    table.add({layer.name, layer.op, short_shape(layer), format_count(layer.cycles.value()),
               format_percent(share_of(layer.cycles.value(), r.cycles.value())),
               u ? format_percent(*u) : "-", format_bytes(dram_bytes(layer.counts)),
               bandwidth ? format_si(*bandwidth, "B/s") : "-",
               format_picojoules(layer.energy.total().value()),
               layer.index < bottlenecks.size() ? bottlenecks[layer.index] : "-"});
  }
  table.rule();
  table.add({"total", "", "", format_count(r.cycles.value()), "", format_percent(utilization(r)),
             format_bytes(dram_bytes(r.counts)), format_si(dram_bandwidth(r), "B/s"),
             format_picojoules(r.energy.total().value()), ""});
  return table.text(style.width, style.color);
}

/// Behind caches, what is asked of them and what the DRAM moves for it are two things.
std::string memory_lines(const RunRecord& r) {
  const auto line = [](const char* what, std::uint64_t read, std::uint64_t written, double rate) {
    return std::string(what) + format_bytes(read) + " read, " + format_bytes(written) +
           " written, " + format_si(rate, "B/s");
  };
  const ActionCounts& c = r.counts;
  const std::string rated =
      " of " + format_si(static_cast<double>(r.machine.dram_bytes_per_s), "B/s");
  const char* const whole = r.machine.cached ? "memory    " : "DRAM      ";
  const std::string asked = line(whole, c.dram_read_bytes, c.dram_write_bytes, dram_bandwidth(r));
  if (!r.machine.cached) return asked + rated + "\n";
  const std::string text = asked + ", asked of the caches before the DRAM\n";
  if (const auto moved = dram_moved(r)) {
    return text + line("DRAM      ", moved->read_bytes, moved->write_bytes, moved->bytes_per_s) +
           rated + ", moved\n";
  }
  return text + "DRAM      not known what of it the caches have: " + r.identity.fidelity +
         " looks up no line\n";
}

std::string totals(const RunRecord& r) {
  std::string text = "time      " + format_count(r.cycles.value()) +
                     " cycles = " + format_seconds(seconds(r.cycles, r.machine)) + " at " +
                     format_si(static_cast<double>(r.machine.clock_hz), "Hz") + "\n";
  text += "work      " + format_count(r.macs) + " MACs";
  if (r.counts.macs_executed != r.macs) {
    text += ", " + format_count(r.counts.macs_executed) + " done by the arrays";
  }
  if (r.counts.vector_macs > 0) {
    text += ", " + format_count(r.counts.vector_macs) + " by the vector unit";
  }
  text += ", utilization " + format_percent(utilization(r)) + "\n";
  text += memory_lines(r);
  if (const auto rows = row_outcomes(r)) {
    text += "          rows open " + format_percent(rows->hits) + ", closed " +
            format_percent(rows->misses) + ", another open " + format_percent(rows->conflicts) +
            " of the bursts; bus busy " + format_percent(rows->bus) + "\n";
  }
  if (r.counts.shared_read_bytes + r.counts.shared_write_bytes > 0) {
    text += "shared    " + format_bytes(r.counts.shared_read_bytes) + " read, " +
            format_bytes(r.counts.shared_write_bytes) + " written, in the buffer of all cores\n";
  }
  if (r.machine.host_bytes_per_s) {
    text += "host      " + format_bytes(r.counts.host_read_bytes) + " in, " +
            format_bytes(r.counts.host_write_bytes) + " out, over a link of " +
            format_si(static_cast<double>(*r.machine.host_bytes_per_s), "B/s") + " each way\n";
  }
  return text;
}

std::string energy_line(const RunRecord& r) {
  const EnergyRecord& e = r.energy;
  const double total = e.total().value();
  if (total <= 0) return "";
  std::string text = "energy    " + format_picojoules(total) + ":";
  const std::array<std::pair<const char*, double>, 7> parts{{{"matrix", e.matrix.value()},
                                                             {"vector", e.vector.value()},
                                                             {"SRAM", e.sram.value()},
                                                             {"DRAM", e.dram.value()},
                                                             {"host link", e.host_link.value()},
                                                             {"NoC", e.noc.value()},
                                                             {"static", e.leakage.value()}}};
  bool first = true;
  for (const auto& [name, value] : parts) {
    if (value <= 0) continue;
    text += std::string(first ? " " : ", ") + name + " " + format_percent(value / total);
    first = false;
  }
  if (const auto efficiency = tops_per_watt(r))
    text += "; " + format_si(*efficiency * 1e12, "op/J");
  return text + "\npower     " + format_si(watts(r), "W") + " on average; " +
         format_percent(estimated_share(e)) + " of the energy rests on estimates\n";
}

std::string area_line(const RunRecord& r) {
  if (!r.machine.area) return "";
  const DieArea& area = *r.machine.area;
  std::string text = "area      " + format_area(area.total()) + ":";
  const std::array<std::pair<const char*, double>, 6> parts{{{"matrix", area.matrix},
                                                             {"vector", area.vector},
                                                             {"SRAM", area.sram},
                                                             {"DRAM", area.dram},
                                                             {"host link", area.host_link},
                                                             {"other", area.other}}};
  bool first = true;
  for (const auto& [name, value] : parts) {
    if (value <= 0) continue;
    text += std::string(first ? " " : ", ") + name + " " + format_percent(value / area.total());
    first = false;
  }
  return text + "\n";
}

std::string roofline_line(const RunRecord& r) {
  const auto roof = roofline(r);
  if (!roof) return "";
  std::string text = "roofline  " + std::string(roof->bound) +
                     "-bound: " + format_si(roof->achieved_ops_per_s, "op/s") + " of " +
                     format_si(roof->attainable_ops_per_s, "op/s") + " attainable (" +
                     format_percent(roof->achieved_ops_per_s / roof->attainable_ops_per_s) + ")";
  if (roof->intensity_ops_per_byte) {
    text += ", " + format_si(*roof->intensity_ops_per_byte, "op/B");
    if (r.machine.cached) text += " asked of the caches";
  }
  return text + "\n";
}

std::string host_line(const HostFacts& host) {
  std::string text = "simulated in " + format_seconds(host.wall_seconds) + ", " +
                     format_bytes(host.peak_rss_bytes) + " of memory";
  if (host.engine_seconds > 0 && host.simulated.value() > 0) {
    text += ", " + format_si(static_cast<double>(host.simulated.value()) / host.engine_seconds,
                             "cycles/s");
  }
  if (host.kernel_activations > 0) {
    text += ", " + format_count(host.kernel_activations) + " kernel activations";
  }
  return text + "\n";
}

}  // namespace

std::string short_shape(const LayerRecord& layer) {
  const auto extent = [&layer](const char* name) -> std::int64_t {
    for (const auto& [key, value] : layer.shape) {
      if (key == name) return value;
    }
    return 0;
  };
  const auto number = [](std::int64_t n) { return std::to_string(n); };
  if (extent("r") > 0 && extent("c") > 0) {
    std::string text = extent("n") > 1 ? "n" + number(extent("n")) + " " : "";
    text += number(extent("c")) + "x" + number(extent("h")) + "x" + number(extent("w"));
    if (extent("k") > 0) text += " k" + number(extent("k"));  // pools have no kernels to count
    text += " " + number(extent("r")) + "x" + number(extent("s"));
    if (extent("stride") > 1) text += "/" + number(extent("stride"));
    if (extent("groups") > 1) text += " g" + number(extent("groups"));
    return text;
  }
  std::string text;
  for (const auto& [name, value] : layer.shape) {
    if (name == "b" && value == 1) continue;  // one product says nothing
    text += (text.empty() ? "" : " ") + name + (name.size() > 1 ? " " : "") + number(value);
  }
  return text;
}

std::string ledger_bar(const MatrixLedger& ledger, std::size_t width, const TextStyle& style) {
  const std::uint64_t total = ledger.total();
  if (total == 0) return "";
  std::string bar;
  std::string legend;
  std::size_t filled = 0;
  std::uint64_t sum = 0;
  std::size_t column = 0;
  for (std::size_t i = 0; i < kAccounts; ++i) {
    if (ledger.cycles[i] == 0) continue;
    sum += ledger.cycles[i];
    const auto until =
        static_cast<std::size_t>(std::llround(share_of(sum, total) * static_cast<double>(width)));
    bar += colored(std::string(until - filled, kLooks[i].mark), kLooks[i].color, style.color);
    filled = until;
    const std::string entry =
        std::string(kAccountNames[i]) + " " + format_percent(share_of(ledger.cycles[i], total));
    const std::size_t size = entry.size() + 4;
    if (column > 0 && column + size > style.width - 10) {
      legend += "\n          ";
      column = 0;
    }
    legend +=
        colored(std::string(1, kLooks[i].mark), kLooks[i].color, style.color) + " " + entry + "  ";
    column += size;
  }
  legend.erase(legend.find_last_not_of(' ') + 1);
  return "[" + bar + "]\n          " + legend + "\n";
}

std::string run_summary(const RunRecord& r, const std::vector<std::string>& bottlenecks,
                        const HostFacts& host, const TextStyle& style) {
  std::string text = printable(r.identity.workload_name) + ", batch " +
                     std::to_string(r.identity.batch) + ", on " + printable(r.identity.arch_name) +
                     ", " + r.identity.fidelity;
  for (const auto& [key, value] : r.identity.overrides) text += ", " + printable(key + "=" + value);
  text += "\n\n" + layer_table(r, bottlenecks, style) + "\n";
  if (r.partial) {
    text += "NOT FINISHED (" + r.partial->reason +
            "): " + std::to_string(r.partial->layers_finished) + " of " +
            std::to_string(r.partial->layers) + " layers; the totals are theirs\n";
  }
  text += totals(r);
  text += "cycles    " + ledger_bar(r.ledger, std::min<std::size_t>(style.width - 12, 80), style);
  text += roofline_line(r) + energy_line(r) + area_line(r);
  if (r.check) {
    text += "check     " + format_count(r.check->compared) + " values against " +
            r.check->reference + ", " + format_count(r.check->mismatches) + " differ\n";
  }
  return text + host_line(host);
}

}  // namespace takt
