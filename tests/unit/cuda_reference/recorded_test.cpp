// SPDX-License-Identifier: Apache-2.0
// `--check recorded` with records of the build that runs on the processor: they agree with the
// oracle, and every way in which they can not is found.
#include "sim/reference/recorded_executor.h"

#include <cmath>

#include "sim/workload/workload.h"
#include "sim/workload/yaml_network.h"
#include "tests/unit/cuda_reference/executor_case.h"

namespace takt::test {
namespace {

struct Case : ExecutorCase {
  explicit Case(DType precision)
      : ExecutorCase(precision, *read_workload(TAKT_SOURCE_DIR "/workloads/cifar10_cnn.yaml", {})) {
  }
  Case(DType precision, Graph network) : ExecutorCase(precision, std::move(network)) {}
};

TEST(Recorded, AgreesWithTheOracle) {
  for (const DType dtype : {DType::kInt8, DType::kFp16, DType::kFp32}) {
    Case c(dtype);
    c.record();
    RecordedExecutor executor({c.folder});
    const auto given = executor.run(*c.semantics, with_seed(kSeed));
    ASSERT_TRUE(given.ok()) << to_string(given.errors());
    for (std::size_t op = 0; op < c.graph.ops.size(); ++op) {
      EXPECT_EQ(given->scales[op].multiplier, c.oracle.scales[op].multiplier);
    }
    const ValueCheck check = c.compare(executor, *given, unchanged);
    EXPECT_TRUE(check.ok()) << check.findings.front();
    EXPECT_EQ(check.reference, "recorded");
    EXPECT_GT(check.compared, dtype == DType::kInt8 ? 10000U : 40U);
  }
}

TEST(Recorded, FindsOneWrongElement) {
  Case c(DType::kInt8);
  c.record();
  RecordedExecutor executor({c.folder});
  const auto given = executor.run(*c.semantics, with_seed(kSeed));
  ASSERT_TRUE(given.ok());
  const ValueCheck check = c.compare(
      executor, *given, [](std::vector<std::byte>& bytes) { bytes[3] = bytes[3] ^ std::byte{1}; });
  EXPECT_EQ(check.mismatches, 1U);
  EXPECT_FALSE(check.ok());
}

TEST(Recorded, FindsAFloatBeyondItsBound) {
  Case c(DType::kFp32);
  c.record();
  RecordedExecutor executor({c.folder});
  const auto given = executor.run(*c.semantics, with_seed(kSeed));
  ASSERT_TRUE(given.ok());
  const ValueCheck check = c.compare(executor, *given, [](std::vector<std::byte>& bytes) {
    store_element(DType::kFp32, bytes.data(), load_element(DType::kFp32, bytes.data()) + 0.5);
  });
  EXPECT_EQ(check.mismatches, 1U);
}

TEST(Recorded, NoRecordSaysHowToMakeOne) {
  Case c(DType::kInt8);
  c.record();
  RecordedExecutor executor({c.folder, "/does/not/exist"});
  const auto other_seed = executor.run(*c.semantics, with_seed(kSeed + 1));
  ASSERT_FALSE(other_seed.ok());
  EXPECT_EQ(other_seed.errors()[0].name, "E-no-record");
  EXPECT_EQ(exit_code(other_seed.errors()), 3);
  EXPECT_NE(other_seed.errors()[0].hint.find("scripts/record_cuda"), std::string::npos);
}

TEST(Recorded, RefusesOtherSeededTensorsAndBrokenFiles) {
  Case c(DType::kInt8);
  c.record([](std::string& text) {
    const std::size_t at = text.find("\"checksum\": \"") + 13;
    text[at] = text[at] == '0' ? '1' : '0';
  });
  RecordedExecutor executor({c.folder});
  const auto given = executor.run(*c.semantics, with_seed(kSeed));
  ASSERT_FALSE(given.ok());
  EXPECT_EQ(given.errors()[0].name, "E-bad-record");
  c.record([](std::string& text) { text.resize(text.size() / 2); });
  const auto cut = executor.run(*c.semantics, with_seed(kSeed));
  ASSERT_FALSE(cut.ok());
  EXPECT_EQ(cut.errors()[0].name, "E-bad-record");
}

/// Puts `to` where `from` first stands behind `behind`.
void replace(std::string& text, const std::string& behind, const std::string& from,
             const std::string& to) {
  const std::size_t start = text.find(behind);
  ASSERT_NE(start, std::string::npos) << behind;
  const std::size_t at = text.find(from, start);
  ASSERT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
}

// Sizes, types and numbers are not believed: each such record would read beyond a tensor, compare
// nothing, or compare with something else.
TEST(Recorded, BelievesNoSizes) {
  Case c(DType::kFp32);
  const struct {
    const char *from, *to, *said;
  } cases[] = {
      {"\"elements\": 3072", "\"elements\": 4611686018427387904",
       "tensor 'input' has 4611686018427387904 elements, not 3072"},
      {"\"elements\": 3072", "\"elements\": -1",
       "must be a whole number from 0 to 9223372036854775807"},
      {"\"elements\": 3072", "\"elements\": 3072.5",
       "must be a whole number from 0 to 9223372036854775807"},
      {"\"type\": \"fp32\"", "\"type\": \"fp64\"", "tensor 'input' is of type 'fp64', not fp32"},
      {"\"step\": 384", "\"step\": 3072",
       "tensor 'input' has 8 samples; at a step of 3072 there are 1"},
      {"\"step\": 384", "\"step\": 0", "must be a whole number from 1 to 9223372036854775807"},
      {"\"samples\": [", "\"samples\": [null, ", "must be a number, \"inf\", \"-inf\" or \"nan\""},
      {"\"samples\": [", "\"samples\": [9, ",
       "tensor 'input' has 9 samples; at a step of 384 "
       "there are 8"},
      {"\"samples\": [", "\"simples\": [", "is missing"},
      {"\"largest\": ", "\"largest\": 1e-3, \"larger\": ",
       "tensor 'input' has a sample beyond its largest"},
      {"\"tensor\": 0", "\"tensor\": 1", "there are two tensors 1"},
      {"\"tensor\": 0", "\"tensor\": 99999", "tensor 'input' is missing"},
  };
  for (const auto& change : cases) {
    c.record([&](std::string& text) { replace(text, "\"tensors\"", change.from, change.to); });
    RecordedExecutor executor({c.folder});
    const auto given = executor.run(*c.semantics, with_seed(kSeed));
    ASSERT_FALSE(given.ok()) << change.to;
    const std::string said = to_string(given.errors());
    EXPECT_EQ(given.errors()[0].name, "E-bad-record") << said;
    EXPECT_EQ(exit_code(given.errors()), 3);
    EXPECT_NE(said.find(change.said), std::string::npos) << change.to << '\n' << said;
  }
}

TEST(Recorded, BelievesNoScales) {
  Case c(DType::kInt8);
  const std::pair<const char*, const char*> cases[] = {
      {"\"multiplier\": 0", "must be a whole number from 1 to 2147483648"},
      {"\"multiplier\": 4294967297", "must be a whole number from 1 to 2147483648"},
      {"\"multiplier\": -5", "must be a whole number from 1 to 2147483648"},
      {"\"omitted\": 1", "has no multiplier"},
  };
  for (const auto& [to, expected] : cases) {
    c.record([to = to](std::string& text) {
      const std::size_t at = text.find("\"multiplier\": ", text.find("\"ops\""));
      ASSERT_NE(at, std::string::npos);
      text.replace(at, text.find_first_of(",}", at) - at, to);
    });
    RecordedExecutor executor({c.folder});
    const auto given = executor.run(*c.semantics, with_seed(kSeed));
    ASSERT_FALSE(given.ok()) << to;
    const std::string said = to_string(given.errors());
    EXPECT_EQ(given.errors()[0].name, "E-bad-record");
    EXPECT_NE(said.find(expected), std::string::npos) << said;
  }
}

// JSON has no infinities; what the program writes for them is read back as what they were.
TEST(Recorded, KeepsWhatIsNoNumber) {
  const std::pair<const char*, const char*> cases[] = {
      {"- {op: log}\n", "\"nan\""}, {"- {op: exp}\n- {op: exp}\n- {op: exp}\n", "\"inf\""}};
  for (const auto& [layers, word] : cases) {
    Case c(DType::kFp16, *read_network_text("name: beyond\ninputs: {x: [batch, 64]}\nlayers:\n" +
                                                std::string(layers),
                                            "beyond.yaml", {}));
    c.record([word = word](std::string& text) {
      EXPECT_NE(text.find(word), std::string::npos) << text;
      EXPECT_EQ(text.find("null"), std::string::npos) << text;
    });
    RecordedExecutor executor({c.folder});
    const auto given = executor.run(*c.semantics, with_seed(kSeed));
    ASSERT_TRUE(given.ok()) << to_string(given.errors());
    const ValueCheck check = c.compare(executor, *given, unchanged);
    EXPECT_TRUE(check.ok()) << check.findings.front();
    EXPECT_EQ(check.compared, 64U);
    // And a finite number in the place of one of them is found.
    const ValueCheck other = c.compare(executor, *given, [](std::vector<std::byte>& bytes) {
      for (std::size_t at = 0; at < bytes.size(); at += 2) {
        if (!std::isfinite(load_element(DType::kFp16, &bytes[at]))) {
          return store_element(DType::kFp16, &bytes[at], 1);
        }
      }
    });
    EXPECT_EQ(other.mismatches, 1U);
  }
}

}  // namespace
}  // namespace takt::test
