// SPDX-License-Identifier: Apache-2.0
// Random programs read back op by op, and broken texts end in diagnostics, never in a crash.
#include "sim/program/text.h"

#include <gtest/gtest.h>

#include <cstring>
#include <sstream>

#include "tests/support/gemm_program.h"
#include "tests/support/random_program.h"

namespace takt::test {
namespace {

std::string text_of(const Program& program) {
  std::ostringstream out;
  print(program, out);
  return out.str();
}

bool equal(const Range& a, const Range& b) { return a.begin == b.begin && a.count == b.count; }

bool equal(const TokenList& a, const TokenList& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].channel != b[i].channel || a[i].count != b[i].count || a[i].phase != b[i].phase) {
      return false;
    }
  }
  return true;
}

bool equal(const SramAccess& a, const SramAccess& b) {
  return a.buffer == b.buffer && a.address == b.address && a.bytes == b.bytes && a.span == b.span &&
         a.write == b.write && a.role == b.role && a.operand == b.operand && a.pitch == b.pitch;
}

bool equal(const Transfer& a, const Transfer& b) {
  for (std::size_t d = 0; d < Box::kDims; ++d) {
    if (a.remote.dims[d].count != b.remote.dims[d].count ||
        a.remote.dims[d].stride != b.remote.dims[d].stride) {
      return false;
    }
  }
  return a.space == b.space && a.remote.address == b.remote.address &&
         a.remote.row_bytes == b.remote.row_bytes && a.buffer == b.buffer &&
         a.address == b.address && a.tensor == b.tensor && a.role == b.role &&
         a.operand == b.operand;
}

bool equal(const MatrixTile& a, const MatrixTile& b) {
  return a.m == b.m && a.n == b.n && a.k == b.k && a.blocks == b.blocks &&
         a.load_stationary == b.load_stationary && a.accumulate == b.accumulate &&
         a.last_k == b.last_k && a.dtype == b.dtype;
}

bool equal(const TileOp& a, const TileOp& b) {
  if (a.sequence != b.sequence || a.kind != b.kind || a.unit != b.unit || a.region != b.region) {
    return false;
  }
  if (a.accesses.size() != b.accesses.size()) return false;
  for (std::size_t i = 0; i < a.accesses.size(); ++i) {
    if (!equal(a.accesses[i], b.accesses[i])) return false;
  }
  const Place5 &p = a.place, &q = b.place;
  return equal(a.needs, b.needs) && equal(a.gives, b.gives) && equal(a.transfer, b.transfer) &&
         equal(a.matrix, b.matrix) && a.vector.elements == b.vector.elements &&
         a.vector.lane_ops == b.vector.lane_ops && a.vector.macs == b.vector.macs &&
         a.accumulator == b.accumulator && a.accumulator_rows == b.accumulator_rows &&
         equal(p.g, q.g) && equal(p.n, q.n) && equal(p.p, q.p) && equal(p.q, q.q) &&
         equal(p.o, q.o) && equal(p.k, q.k) && equal(p.c, q.c) && equal(p.flat, q.flat);
}

void expect_same_ops(const Program& a, const Program& b, std::uint64_t seed) {
  for (std::uint32_t core = 0; core < a.machine->cores; ++core) {
    CoreStream one(a, core), other(b, core);
    TileOp x, y;
    while (one.next(x)) {
      ASSERT_TRUE(other.next(y)) << "seed " << seed << ", op " << x.sequence;
      ASSERT_TRUE(equal(x, y)) << "seed " << seed << ", op " << x.sequence;
    }
    ASSERT_FALSE(other.next(y)) << "seed " << seed;
  }
}

TEST(ProgramTextRandom, ReadsBackOpByOp) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const GemmProgram gemm(random_gemm(seed));
    const Program program = gemm.build();
    const Result<Program> read =
        read_program(text_of(program), "p", program.machine, program.graph);
    ASSERT_TRUE(read.ok()) << "seed " << seed << "\n" << to_string(read.errors());
    expect_same_ops(program, *read, seed);
  }
}

TEST(ProgramTextRandom, ManyCoresReadBack) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const Machine machine = small_machine(1 + seed % 3, 1 + seed % 2);
    ProgramBuilder builder(machine);
    const Program program = random_program(builder, seed);
    const Result<Program> read = read_program(text_of(program), "p", &machine, nullptr);
    ASSERT_TRUE(read.ok()) << "seed " << seed << "\n" << to_string(read.errors());
    expect_same_ops(program, *read, seed);
    EXPECT_EQ(text_of(*read), text_of(program)) << "seed " << seed;
  }
}

TEST(ProgramTextRandom, BrokenTextsAreDiagnosed) {
  const GemmProgram gemm({});
  const Program program = gemm.build();
  const std::string good = text_of(program);
  Random random(7);
  for (int i = 0; i < 300; ++i) {
    std::string text = good;
    const std::size_t at = random.between(0, text.size() - 1);
    const std::size_t length = random.between(1, 20);
    switch (random.between(0, 2)) {
      case 0: text.erase(at, length); break;
      case 1: text[at] = static_cast<char>(random.between(1, 255)); break;
      default: text.insert(at, good, random.between(0, good.size() - 1), length); break;
    }
    const Result<Program> read = read_program(text, "p", program.machine, program.graph);
    if (read.ok()) {
      text_of(*read);  // what was read can be printed
      continue;
    }
    for (const Diagnostic& d : read.errors()) {
      EXPECT_GE(d.place.line, 1);
      EXPECT_GE(d.place.column, 1);
      EXPECT_FALSE(d.message.empty());
    }
  }
}

}  // namespace
}  // namespace takt::test
