// SPDX-License-Identifier: Apache-2.0
#include "sim/reference/reference_executor.h"

#include "sim/reference/cpu_executor.h"
#include "sim/reference/cuda_executor.h"
#include "sim/reference/oracle.h"
#include "sim/reference/recorded_executor.h"

namespace takt {
namespace {

class OracleExecutor : public ReferenceExecutor {
 public:
  std::string name() const override { return "oracle"; }
  Result<NetworkValues> run(Semantics& semantics, const ReferenceOptions& options) override {
    OracleOptions oracle;
    oracle.seed = options.seed;
    oracle.stop = options.stop;
    std::size_t done = 0;
    oracle.made = [&](OpId) {
      if (options.progress) options.progress(++done, semantics.graph().ops.size());
    };
    return Oracle(semantics, oracle).run();
  }
};

struct Row {
  const char* word;
  std::unique_ptr<ReferenceExecutor> (*make)();
};

template <class Executor>
std::unique_ptr<ReferenceExecutor> make() {
  return std::make_unique<Executor>();
}

constexpr Row kTable[] = {
    {"functional", make<OracleExecutor>},
    {"cpu", make<CpuExecutor>},
    {"recorded", make<RecordedExecutor>},
    {"cuda", make<CudaExecutor>},
};

}  // namespace

ValueCheck ReferenceExecutor::compare(const RegionGraph& regions, const NetworkValues& expected,
                                      const StoredBytes& stored) const {
  ValueCheck check = compare_values(regions, expected, stored);
  check.reference = name();
  return check;
}

std::unique_ptr<ReferenceExecutor> make_reference(const std::string& word) {
  for (const Row& row : kTable) {
    if (word == row.word) return row.make();
  }
  return nullptr;
}

std::vector<std::string> reference_words() {
  std::vector<std::string> words;
  for (const Row& row : kTable) words.emplace_back(row.word);
  return words;
}

}  // namespace takt
