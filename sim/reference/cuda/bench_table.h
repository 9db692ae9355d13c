// SPDX-License-Identifier: Apache-2.0
#pragma once
// The rows of a microbenchmark.

#include <functional>

#include "execution.h"
#include "json.h"
#include "record.h"

namespace takt::gpu {

/// Rows of a table, as long as the budget lasts: those left out are counted, none is cut short.
class Table {
 public:
  Table(Json& json, double budget, double most_work)
      : json_(json),
        budget_(budget),
        most_work_(most_work),
        begin_(std::chrono::steady_clock::now()) {}

  /// `shape` writes the row's keys; `work` is in multiply-accumulates or bytes.
  void row(double work, const std::function<void(Json&)>& shape,
           const std::function<std::vector<TimedKernel>()>& kernels) {
    const std::chrono::duration<double> gone = std::chrono::steady_clock::now() - begin_;
    if (gone.count() > budget_ || (most_work_ > 0 && work > most_work_)) {
      ++left_out;
      return;
    }
    json_.open("", '{');
    shape(json_);
    json_.open("kernels", '[');
    for (const TimedKernel& kernel : kernels()) {
      const Timing timing = time_of(kernel.launch, 0.03);
      json_.open("", '{').add("kernel", kernel.name);
      write_timing(json_, timing);
      if (kernel.differ >= 0) json_.add("differ", kernel.differ);
      differ += std::max<std::int64_t>(0, kernel.differ);
      json_.close();
    }
    json_.close().close();
    ++measured;
  }
  int measured = 0, left_out = 0;
  std::int64_t differ = 0;  ///< elements in which a timed kernel is not the values

 private:
  Json& json_;
  double budget_, most_work_;
  std::chrono::steady_clock::time_point begin_;
};

/// Seeded elements in -1 .. 1 or -127 .. 127.
struct NoiseBody {
  Any to;
  bool is_float;
  TAKT_HD void operator()(std::int64_t i) const {
    const std::uint64_t bits = random_bits(1, 2, static_cast<std::uint64_t>(i));
    Rule rule;
    rule.kind = is_float ? Rule::kFraction : Rule::kSigned;
    rule.limit = 127;
    if (is_float) {
      store_real(to.type, to.data, i, static_cast<Real>(seeded_fraction(rule, bits)));
    } else {
      store_whole(to.type, to.data, i, seeded_whole(rule, bits));
    }
  }
};
inline Memory noise(Type type, std::int64_t count) {
  Memory memory(static_cast<std::size_t>(count) * info(type).bytes);
  for_each(count, NoiseBody{{type, memory.data()}, info(type).is_float});
  return memory;
}

/// Attention in one kernel, and copies between host and device (bench_other.cpp).
void attentions(Table& table);
void copies(Table& table);

}  // namespace takt::gpu
