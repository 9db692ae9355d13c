// SPDX-License-Identifier: Apache-2.0
// Sums that wait in the lanes of the vector unit between parts of a reduction.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/program/verify.h"
#include "tests/support/program_builder.h"

namespace takt::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Products of `count` outputs from `begin` on; with or without a result.
struct Part {
  std::int64_t begin = 0, count = 4;
  bool writes = false;
  std::uint64_t macs = 12;
};

/// What is said about lanes; other findings are about what these ops leave out.
std::vector<std::string> said_of(const std::vector<Part>& parts) {
  const Machine machine = small_machine();
  ProgramBuilder builder(machine);
  for (const Part& part : parts) {
    OpMaker op = builder.vector(part.macs);
    op.op().vector.macs = part.macs;
    op.op().place.g = op.op().place.n = op.op().place.p = op.op().place.q = {0, 1};
    op.op().place.flat = {0, 1};
    op.op().place.o = {part.begin, part.count};
    if (part.writes) op.touches(0, 64, true, Transfer::Role::kOutput);
  }
  const Program program = builder.build();
  std::vector<std::string> said;
  for (const std::string& finding : verify(program).findings) {
    if (finding.find("lanes") != std::string::npos) said.push_back(finding);
  }
  return said;
}

TEST(VerifyLanes, PartsOfOneSumFollowEachOther) {
  EXPECT_THAT(said_of({{0, 4, false}, {0, 4, false}, {0, 4, true}, {4, 4, false}, {4, 4, true}}),
              IsEmpty());
  EXPECT_THAT(said_of({{0, 400, true}}), IsEmpty());  // done at once: no lane keeps any
}

TEST(VerifyLanes, SumsAreNotLost) {
  EXPECT_THAT(said_of({{0, 4, false}, {4, 4, true}}),
              ElementsAre(HasSubstr("loses partial sums of layer 'r0' in the lanes")));
  EXPECT_THAT(said_of({{0, 4, false}, {0, 4, true, 0}}),
              ElementsAre(HasSubstr("loses partial sums of layer 'r0' in the lanes")));
  EXPECT_THAT(said_of({{0, 4, false}}),
              ElementsAre("partial sums of layer 'r0' are left in the lanes of core0.vector"));
}

TEST(VerifyLanes, ALaneKeepsOne) {
  EXPECT_THAT(said_of({{0, 17, false}, {0, 17, true}}),
              ElementsAre(HasSubstr("leaves 17 partial sums in 16 lanes")));
}

}  // namespace
}  // namespace takt::test
