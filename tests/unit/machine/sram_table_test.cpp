// SPDX-License-Identifier: Apache-2.0
// Energy and area of memory banks: the interpolation, and how far what a machine gets lies from
// single runs of CACTI, if these are there.
#include "sim/machine/sram_table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "sim/machine/machine_file_spec.h"

namespace takt {
namespace {

SramTable table() { return {{{1024, 8, 1}, {8192, 8, 4}, {1024, 32, 2}, {8192, 32, 8}}, 1.5}; }

TEST(SramTable, is_linear_in_the_logarithms) {
  EXPECT_DOUBLE_EQ(interpolate(table(), 1024, 8).value, 1);
  EXPECT_DOUBLE_EQ(interpolate(table(), 8192, 32).value, 8);
  // Two thirds of the way from 1 to 8 KiB: 1 x 4^(2/3).
  EXPECT_NEAR(interpolate(table(), 4096, 8).value, std::pow(4.0, 2.0 / 3), 1e-12);
  // Half way from 8 to 32 B: between 1 and 2.
  EXPECT_NEAR(interpolate(table(), 1024, 16).value, std::sqrt(2.0), 1e-12);
  EXPECT_FALSE(interpolate(table(), 4096, 16).outside);
}

TEST(SramTable, beyond_its_points_is_the_nearest) {
  for (const auto& [size, width, value] :
       {std::array<double, 3>{512, 8, 1}, {65536, 8, 4}, {1024, 4, 1}, {8192, 256, 8}}) {
    const SramValue found = interpolate(table(), size, width);
    EXPECT_DOUBLE_EQ(found.value, value) << size << " B, " << width << " B wide";
    EXPECT_TRUE(found.outside);
  }
}

TEST(SramTable, a_bank_is_a_part_of_its_buffer_and_ports_multiply) {
  Buffer buffer;
  buffer.size = Bytes(8192);
  buffer.banks = 8;
  buffer.width = Bytes(8);
  EXPECT_DOUBLE_EQ(value_of_bank(table(), buffer).value, 1);
  buffer.shared_port = false;  // 1R1W
  EXPECT_DOUBLE_EQ(value_of_bank(table(), buffer).value, 1.5);
  buffer.read_ports = buffer.write_ports = 2;  // 2R2W
  EXPECT_DOUBLE_EQ(value_of_bank(table(), buffer).value, 1.5 * 1.5 * 1.5);
}

/// Mean energy of a byte in a single-ported bank of high-performance cells, by size and width.
std::map<std::pair<std::uint64_t, std::uint64_t>, double> cacti_rows(const std::string& path,
                                                                     const std::string& node) {
  std::map<std::pair<std::uint64_t, std::uint64_t>, double> out;
  std::ifstream file(path);
  std::map<std::string, std::size_t> column;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    std::vector<std::string> cells;
    std::istringstream words(line);
    for (std::string cell; std::getline(words, cell, ',');) cells.push_back(cell);
    if (column.empty()) {
      for (std::size_t i = 0; i < cells.size(); ++i) column[cells[i]] = i;
      continue;
    }
    const auto cell = [&](const char* name) { return cells.at(column.at(name)); };
    const std::uint64_t size = std::stoull(cell("capacity_bytes"));
    const std::uint64_t width = std::stoull(cell("line_bytes"));
    if (cell("tech_nm") != node || cell("cell_type") != "itrs-hp" || cell("ports") != "1RW" ||
        cell("status").rfind("ok", 0) != 0 || size < 32 * width) {
      continue;
    }
    out[{size, width}] =
        (std::stod(cell("read_pJ_per_byte")) + std::stod(cell("write_pJ_per_byte"))) / 2;
  }
  return out;
}

TEST(SramTable, tables_are_near_the_runs_that_they_were_fitted_to) {
  const char* folder = std::getenv("TAKT_DATA");
  const std::string path =
      std::string(folder != nullptr ? folder : "../shared/data") + "/cacti7_sram.csv";
  if (!std::ifstream(path)) GTEST_SKIP() << path << " is not there";
  const auto file = MachineFile::open("configs/npu_128.yaml", {});
  ASSERT_TRUE(file);
  for (const std::string node : {"45", "65"}) {
    const auto rows = cacti_rows(path, node);
    ASSERT_GT(rows.size(), 50u);
    double sum = 0, worst = 0;
    for (const auto& [place, expected] : rows) {
      const auto [size, width] = place;
      const auto machine =
          file->with({"energy=parts/energy/" + node + "nm.yaml", "core.buffers.unified.banks=1",
                      "core.buffers.unified.size=" + std::to_string(size) + " B",
                      "core.buffers.unified.width=" + std::to_string(width) + " B"});
      ASSERT_TRUE(machine) << to_string(machine.errors());
      const double found = machine->machine.energy.buffer_byte[0].second.picojoules.value();
      const double off = std::abs(found / expected - 1);
      sum += off;
      worst = std::max(worst, off);
    }
    const double mean = sum / static_cast<double>(rows.size());
    std::cout << node << " nm: " << rows.size() << " runs, off by " << 100 * mean
              << " % on average, " << 100 * worst << " % at most\n";
    EXPECT_LT(mean, 0.13) << node << " nm";
    EXPECT_LT(worst, 0.45) << node << " nm";
  }
}

}  // namespace
}  // namespace takt
