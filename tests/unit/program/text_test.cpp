// SPDX-License-Identifier: Apache-2.0
#include "sim/program/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/support/gemm_program.h"

namespace takt::test {
namespace {

using ::testing::HasSubstr;

std::string text_of(const Program& program) {
  std::ostringstream out;
  print(program, out);
  return out.str();
}

Diagnostics errors_of(const std::string& text, const Machine& machine,
                      const RegionGraph* graph = nullptr) {
  const Result<Program> read = read_program(text, "p.txt", &machine, graph);
  return read.ok() ? Diagnostics{} : read.errors();
}

/// A header that goes with small_machine(), and room for op lines.
std::string header() {
  return "program 1\nmachine \"small\" \"small\"\nnetwork \"\" \"\"\n"
         "buffer unified bytes=1048576\n"
         "unit core0.matrix matrix core=0\nunit core0.dma_in dma_in core=0\n"
         "channel c0 \"w.ready\" initial=0 final=0 cause=weights\n"
         "tensor 0 \"x\" dram=64+128 chip=0\n"
         "region \"a layer\" source=0 pass=0 macs=0 cores=1 mapping=\"\"\ncore 0\n";
}

TEST(ProgramText, AnOpIsOneLine) {
  const GemmProgram gemm({});
  const Program program = gemm.build();
  std::ostringstream out;
  TileOp op = gemm.ops[0][gemm.find(TileOpKind::kMatrix)];
  op.sequence = 3;
  print_op(program, op, out);
  EXPECT_EQ(out.str(),
            "t3 matrix core0.matrix mnk=16x8x12 part sums=0+16 "
            "at=g:0+1,n:0+1,p:0+16,q:0+1,o:0+8,k:0+12,c:0+12,flat:0+16 "
            "reads=input:unified@32768+192 reads=weight:unified@0+96~8 "
            "needs=c1 needs=c3 needs=c6 gives=c2@loaded gives=c4@issued");
}

TEST(ProgramText, HeaderAndNamesSurvive) {
  GemmProgram gemm({});
  gemm.channels[0].name = "a \"name\" with \\ and \n and \t in it";
  gemm.channels[3].latency = Cycles(70);
  gemm.placements()[1].resident = true;
  gemm.placements()[1].buffer_address = 4096;
  gemm.placements()[1].in_dram = false;
  const Program program = gemm.build();
  const Result<Program> read =
      read_program(text_of(program), "p.txt", program.machine, program.graph);
  ASSERT_TRUE(read.ok()) << to_string(read.errors());
  EXPECT_EQ(read->channels[0].name, program.channels[0].name);
  EXPECT_EQ(read->channels[2].final, program.channels[2].final);
  EXPECT_EQ(read->channels[1].cause, program.channels[1].cause);
  EXPECT_EQ(read->channels[3].latency, Cycles(70));
  EXPECT_TRUE(read->tensors[1].resident);
  EXPECT_FALSE(read->tensors[1].in_dram);
  EXPECT_EQ(read->tensors[1].buffer_address, 4096U);
  EXPECT_EQ(read->regions[0].macs, program.regions[0].macs);
  EXPECT_EQ(read->regions[0].mapping, "by hand");
  EXPECT_EQ(text_of(*read), text_of(program));
}

TEST(ProgramText, OddValuesSurvive) {
  const Machine machine = small_machine();
  const std::string line =
      "t0 load core0.dma_in moves=operand3:0 host=18446744073709551615/1*3+-7*1+0*4+9 "
      "end=@77 pieces=24 mnk=1x2x3 blocks=2 keep add part dtype=bf16 elements=4 lane_ops=5 macs=6 "
      "sums=7+0 "
      "at=g:-1+2,flat:0+9 writes=output7:unified@8+9/10~11 needs=c0*3 gives=c0*2@loaded\n";
  const Result<Program> read = read_program(header() + line, "p.txt", &machine, nullptr);
  ASSERT_TRUE(read.ok()) << to_string(read.errors());
  EXPECT_THAT(text_of(*read), HasSubstr(line));
  CoreStream stream(*read, 0);
  TileOp op;
  ASSERT_TRUE(stream.next(op));
  EXPECT_EQ(op.transfer.remote.dims[1].count, 1U);
  EXPECT_EQ(op.transfer.remote.dims[2].stride, -7);
  EXPECT_EQ(op.transfer.remote.dims[3].count, 1U);
  EXPECT_EQ(op.transfer.remote.dims[4].count, 4U);
  EXPECT_EQ(op.place.g.begin, -1);
}

TEST(ProgramText, AllErrorsWithTheirPlaces) {
  const Machine machine = small_machine();
  const Diagnostics errors = errors_of(header() +
                                           "t0 matrix core0.matrx\n"
                                           "t1 matrix core0.matrix needs=c1\n"
                                           "t2 matrix core0.matrix mnk=1x2\n"
                                           "t2 sync core0.matrix\n"
                                           "t4 jump core0.matrix\n"
                                           "t5 sync core0.matrix foo\n"
                                           "t6 matrix core0.matrix mnk=1x2x99999999999\n"
                                           "t7 load core0.dma_in moves=input:1\n"
                                           "nonsense\n",
                                       machine);
  ASSERT_EQ(errors.size(), 9U);
  const auto at = [&](std::size_t i) {
    return std::to_string(errors[i].place.line) + ":" + std::to_string(errors[i].place.column) +
           " " + errors[i].message;
  };
  EXPECT_EQ(at(0), "11:11 no such unit");
  EXPECT_EQ(at(1), "12:31 no such channel");
  EXPECT_EQ(at(2), "13:31 expected 'x'");
  EXPECT_EQ(at(3), "14:2 expected t3");
  EXPECT_EQ(at(4), "15:4 unknown kind of op");
  EXPECT_EQ(at(5), "16:22 unknown word 'foo'");
  EXPECT_EQ(at(6), "17:32 number too large, at most 4294967295");
  EXPECT_EQ(at(7), "18:34 no tensor 1");
  EXPECT_EQ(at(8), "19:1 unknown word 'nonsense'");
  for (const Diagnostic& d : errors) EXPECT_EQ(d.name, "E-program-text");
}

TEST(ProgramText, TooManyTokensAreTheUsersError) {
  const Machine machine = small_machine();
  std::string line = "t0 sync core0.matrix";
  for (std::size_t i = 0; i <= TokenList::capacity(); ++i) line += " needs=c0";
  const Diagnostics errors = errors_of(header() + line + "\n", machine);
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_THAT(errors[0].message, HasSubstr("no room for so many tokens"));
}

TEST(ProgramText, BelongsToItsMachineAndNetwork) {
  const GemmProgram gemm({});
  const Program program = gemm.build();
  Machine other = small_machine();
  other.hash = "other";
  const Diagnostics errors = errors_of(text_of(program), other, program.graph);
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].name, "E-program-mismatch");
  EXPECT_THAT(errors[0].message, HasSubstr("made for 'small' (small), not for 'small' (other)"));

  RegionGraph graph;
  graph.name = "gemms";
  const Diagnostics tensors = errors_of(text_of(program), *program.machine, &graph);
  EXPECT_FALSE(tensors.empty());
}

TEST(ProgramText, SomethingElseIsNotAProgram) {
  const Machine machine = small_machine();
  EXPECT_EQ(errors_of("", machine).size(), 1U);
  const Diagnostics errors = errors_of("<html>\n<body>\n", machine);
  ASSERT_FALSE(errors.empty());
  EXPECT_EQ(errors[0].place.line, 1);
}

class TwoLoops : public Nest {
 public:
  TwoLoops() {
    loops_ = {{"m", 3}, {"k", 2}};
    NestNode load, inner, outer;
    load.action = 0;
    inner.loop = 1;
    inner.children = {load};
    outer.loop = 0;
    outer.children = {load, inner};
    body_ = {outer};
  }
  NestRuns runs(int, const NestIndex&) const override { return {}; }
  bool emit(int, const NestIndex&, TileOp& op) const override {
    op.unit = {0};
    return true;
  }
};

TEST(ProgramText, NestsAreLoops) {
  const GemmProgram gemm({});
  const Program program = gemm.build();
  std::ostringstream out;
  print_nest(program, TwoLoops(), out);
  EXPECT_EQ(out.str(),
            "for m < 3\n  t0 sync core0.dma_in\n  for k < 2\n    t0 sync core0.dma_in\n");
}

}  // namespace
}  // namespace takt::test
