// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/topology_csv.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <vector>

#include "sim/config/parse.h"
#include "sim/ir/verify.h"
#include "sim/workload/inline_shape.h"
#include "sim/workload/workload_hash.h"

namespace takt {
namespace {

constexpr std::int64_t kExtentMax = std::int64_t{1} << 31;
// Each group of a convolution is a line: efficientnet_v2_l has 114,903, which are 10 MiB. Memory
// grows with the lines, so they are bounded too.
constexpr std::size_t kBytesMax = 32U << 20U;
constexpr std::ptrdiff_t kLinesMax = 200'000;

struct Cell {
  std::string text;
  int column = 1;
};

std::vector<Cell> cells_of(const std::string& line) {
  std::vector<Cell> cells;
  std::size_t at = 0;
  for (;;) {
    const std::size_t comma = std::min(line.find(',', at), line.size());
    std::size_t begin = at, end = comma;
    const auto space = [&](std::size_t i) {
      return line[i] == ' ' || line[i] == '\t' || line[i] == '\r';
    };
    while (begin < end && space(begin)) ++begin;
    while (end > begin && space(end - 1)) --end;
    cells.push_back({line.substr(begin, end - begin), static_cast<int>(begin) + 1});
    if (comma == line.size()) break;
    at = comma + 1;
  }
  while (!cells.empty() && cells.back().text.empty()) cells.pop_back();  // trailing commas
  return cells;
}

bool is_number(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// The columns behind the name, as in SCALE-Sim's headers.
constexpr std::array<const char*, 3> kGemmColumns{"M", "N", "K"};
constexpr std::array<const char*, 7> kConvColumns{"IFMAP Height", "IFMAP Width", "Filter Height",
                                                  "Filter Width", "Channels",    "Num Filter",
                                                  "Strides"};

class TopologyReader {
 public:
  TopologyReader(const std::string& name, const WorkloadOptions& options)
      : file_(name), batch_(options.batch.value_or(1)) {}

  void line(const std::string& text, int number) {
    line_ = text;
    number_ = number;
    const std::vector<Cell> cells = cells_of(text);
    if (cells.empty()) return;
    // A row has numbers behind its name; the header has words.
    const bool words = cells.size() > 1 && !is_number(cells[1].text);
    if (words && !header_seen_ && layers_ == 0) {
      header_seen_ = true;
      gemm_ = cells[1].text == "M" || cells[1].text == "m";
      return;
    }
    if (!header_seen_ && layers_ == 0) gemm_ = cells.size() == 4;
    row(cells);
  }

  Result<Graph> finish(const std::string& text) {
    if (errors_.empty() && layers_ == 0) error(1, "E-empty-file", "there is no layer in this file");
    if (errors_.empty()) errors_ = verify(graph_);
    for (Diagnostic& diagnostic : errors_) diagnostic.place.file = file_;
    if (!errors_.empty()) return errors_;
    graph_.hash = hash_of_text(text);
    graph_.batch = batch_;
    const std::size_t slash = file_.find_last_of('/');
    const std::string base = slash == std::string::npos ? file_ : file_.substr(slash + 1);
    graph_.name = base.substr(0, base.find_last_of('.'));
    return std::move(graph_);
  }

 private:
  void row(const std::vector<Cell>& cells) {
    const std::size_t wanted = gemm_ ? 4 : 8;
    // Newer files have a sparsity column behind; "1:1" means dense.
    const bool dense = cells.size() == wanted + 1 && cells.back().text == "1:1";
    if (cells.size() != wanted && !dense) {
      return error(1, "E-columns",
                   "a " + std::string(gemm_ ? "gemm" : "conv") + " row has " +
                       std::to_string(wanted) + " columns, this one " +
                       std::to_string(cells.size()));
    }
    std::vector<std::int64_t> values;
    for (std::size_t i = 1; i < wanted; ++i) {
      std::int64_t value = 0;
      const std::string& text = cells[i].text;
      const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
      const std::string name = gemm_ ? kGemmColumns[i - 1] : kConvColumns[i - 1];
      if (code != std::errc{} || end != text.data() + text.size()) {
        error(cells[i].column, "E-not-a-number", "expected a whole number, got '" + text + "'",
              name);
      } else if (value < 1 || value > kExtentMax) {
        error(cells[i].column, "E-out-of-range",
              "must be from 1 to " + std::to_string(kExtentMax) + ", is " + text, name);
      }
      values.push_back(value);
    }
    if (!errors_.empty()) return;
    add(unique(cells[0].text), values);
  }

  void add(const std::string& name, const std::vector<std::int64_t>& v) {
    ++layers_;
    Diagnostics problems;
    if (gemm_) {
      problems = add_gemm(graph_, name, {v[0] * batch_, v[1], v[2], 1}, DType::kFp32);
    } else {
      ConvShape conv;
      conv.n = batch_;
      // SCALE-Sim rounds the output up: a last window that hangs over reads zeros.
      conv.h = covered(v[0], v[2], v[6]);
      conv.w = covered(v[1], v[3], v[6]);
      if (v[0] < v[2] || v[1] < v[3]) {
        return error(1, "E-out-of-range", "the filter is larger than the input");
      }
      conv.r = v[2];
      conv.s = v[3];
      conv.c = v[4];
      conv.k = v[5];
      conv.stride_h = conv.stride_w = v[6];
      problems = add_conv(graph_, name, conv, DType::kFp32);
    }
    for (Diagnostic& problem : problems) {
      problem.place = {file_, number_, 1};
      problem.source_line = line_;
      errors_.push_back(std::move(problem));
    }
  }

  /// The input that ceil((input - filter + stride) / stride) windows cover, at least what there is.
  static std::int64_t covered(std::int64_t input, std::int64_t filter, std::int64_t stride) {
    const std::int64_t outputs = (input - filter + stride + stride - 1) / stride;
    return std::max(input, (outputs - 1) * stride + filter);
  }

  std::string unique(const std::string& wanted) {
    std::string name = wanted.empty() ? "layer" : wanted;
    for (int i = 2; !names_.insert(name).second; ++i) name = wanted + "." + std::to_string(i);
    return name;
  }

  void error(int column, const std::string& name, const std::string& message,
             const std::string& path = "") {
    Diagnostic diagnostic;
    diagnostic.name = name;
    diagnostic.path = path;
    diagnostic.place = {file_, number_, column};
    diagnostic.message = message;
    diagnostic.source_line = line_;
    errors_.push_back(std::move(diagnostic));
  }

  std::string file_;
  std::int64_t batch_;
  std::string line_;
  int number_ = 0;
  bool header_seen_ = false, gemm_ = false;
  int layers_ = 0;
  std::set<std::string> names_;
  Graph graph_;
  Diagnostics errors_;
};

}  // namespace

Result<Graph> read_topology_text(const std::string& text, const std::string& name,
                                 const WorkloadOptions& options) {
  if (std::count(text.begin(), text.end(), '\n') > kLinesMax) {
    Diagnostic large;
    large.name = "E-too-large";
    large.place.file = name;
    large.message = "more than " + std::to_string(kLinesMax) + " lines";
    return large;
  }
  TopologyReader reader(name, options);
  int number = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    reader.line(text.substr(at, end - at), ++number);
    at = end + 1;
  }
  return reader.finish(text);
}

Result<Graph> read_topology_file(const std::string& path, const WorkloadOptions& options) {
  Diagnostics errors;
  const auto text = read_whole_file(path, kBytesMax, errors);
  if (!text) return errors;
  return read_topology_text(*text, path, options);
}

}  // namespace takt
