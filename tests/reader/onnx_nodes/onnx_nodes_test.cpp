// SPDX-License-Identifier: Apache-2.0
// The format's own conformance suite, which nobody here wrote: one small model for each operator
// and form of it, with inputs and outputs. Debian: libonnx-testdata.

#include <gtest/gtest.h>
#include <onnx/onnx.pb.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "sim/ir/shape.h"
#include "sim/workload/onnx_reader.h"
#include "sim/workload/onnx_tensor.h"

namespace takt {
namespace {

namespace fs = std::filesystem;

const char* const kRoot = "/usr/share/libonnx-testdata/data";

std::string slurp(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A test of the suite: its model, and what goes in and must come out.
struct Case {
  std::string name;
  onnx::ModelProto model;
  std::vector<onnx::TensorProto> inputs, outputs;
};

std::vector<onnx::TensorProto> read_tensors(const fs::path& folder, const std::string& kind) {
  std::vector<onnx::TensorProto> out;
  for (int i = 0;; ++i) {
    const fs::path path = folder / (kind + "_" + std::to_string(i) + ".pb");
    onnx::TensorProto tensor;
    if (!fs::exists(path) || !tensor.ParseFromString(slurp(path))) return out;
    out.push_back(tensor);
  }
}

/// A few of the suite's files hold sequences and optionals under the names of tensors, or bfloat16
/// as plain 16-bit numbers: those say nothing.
bool is_consistent(const Case& one) {
  const auto suits = [](const onnx::ValueInfoProto& declared, const onnx::TensorProto& value) {
    return declared.type().has_tensor_type() &&
           declared.type().tensor_type().elem_type() == value.data_type();
  };
  const onnx::GraphProto& graph = one.model.graph();
  for (int i = 0; i < graph.input_size() && i < static_cast<int>(one.inputs.size()); ++i) {
    if (graph.initializer_size() == 0 &&
        !suits(graph.input(i), one.inputs[static_cast<std::size_t>(i)]))
      return false;
  }
  for (int i = 0; i < graph.output_size() && i < static_cast<int>(one.outputs.size()); ++i) {
    if (!suits(graph.output(i), one.outputs[static_cast<std::size_t>(i)])) return false;
  }
  return true;
}

std::vector<Case> load_cases() {
  std::vector<fs::path> folders;
  for (const char* group : {"node", "simple", "pytorch-operator", "pytorch-converted"}) {
    const fs::path root = fs::path(kRoot) / group;
    if (!fs::exists(root)) continue;
    for (const auto& entry : fs::directory_iterator(root)) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  std::vector<Case> cases;
  for (const fs::path& folder : folders) {
    Case one;
    one.name = folder.filename().string();
    if (!one.model.ParseFromString(slurp(folder / "model.onnx"))) continue;
    one.inputs = read_tensors(folder / "test_data_set_0", "input");
    one.outputs = read_tensors(folder / "test_data_set_0", "output");
    if (!is_consistent(one)) continue;
    cases.push_back(std::move(one));
  }
  return cases;
}

bool is_float(std::int64_t type) {
  const auto dtype = dtype_of_onnx(type);
  return dtype && info(*dtype).is_float;
}

/// The model with those inputs stored in it that a real file would store: shapes, axes, indices.
/// With `all`, every input is stored, so that whatever can be evaluated is.
std::string with_stored_inputs(const Case& one, bool all) {
  onnx::ModelProto model = one.model;
  for (int i = 0; i < model.graph().input_size(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (at >= one.inputs.size()) break;
    // `simple` models feed one input and store the others, in an order of their own.
    const std::string& name = model.graph().input(i).name();
    const auto& stored = model.graph().initializer();
    if (std::any_of(stored.begin(), stored.end(),
                    [&](const auto& t) { return t.name() == name; })) {
      break;
    }
    const onnx::TensorProto& value = one.inputs[at];
    // Scalars of floats are bounds (Clip), scales (Resize) and such.
    const bool store = all || !is_float(value.data_type()) || value.dims_size() == 0 ||
                       name == "scales" || name == "roi";
    if (!store) continue;
    onnx::TensorProto* tensor = model.mutable_graph()->add_initializer();
    *tensor = value;
    tensor->set_name(name);
  }
  return model.SerializeAsString();
}

/// A file that goes away again.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& bytes)
      : path_(testing::TempDir() + "takt_node_" + std::to_string(getpid()) + ".onnx") {
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  ~TemporaryFile() { fs::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

const Tensor* output_of(const Graph& graph, const Case& one, std::size_t i) {
  const std::string& name = one.model.graph().output(static_cast<int>(i)).name();
  for (const Tensor& tensor : graph.tensors) {
    if (tensor.is_output && (tensor.name == name || one.outputs.size() == 1)) return &tensor;
  }
  return nullptr;
}

std::string type_text(const Shape& shape, DType dtype) {
  return std::string(to_string(dtype)) + to_string(shape);
}

std::vector<double> numbers(const Tensor& tensor) {
  if (const auto* real = std::get_if<Tensor::FloatData>(&tensor.constant)) return *real;
  const auto* whole = std::get_if<Tensor::IntData>(&tensor.constant);
  return whole ? std::vector<double>(whole->begin(), whole->end()) : std::vector<double>{};
}

/// The suite's own tolerance.
bool close(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) || a == b || std::abs(a - b) <= 1e-7 + 1e-3 * std::abs(b);
}

struct Tally {
  int read = 0, unsupported = 0, values = 0;
};

/// Compares what was read with what the suite says must come out.
void compare(const Case& one, const Graph& graph, Tally& tally) {
  for (std::size_t i = 0; i < one.outputs.size(); ++i) {
    const Tensor* got = output_of(graph, one, i);
    if (got == nullptr) continue;
    const StoredValue wanted = read_tensor(one.outputs[i], "");
    ASSERT_EQ(wanted.problem, "") << one.name;
    EXPECT_EQ(type_text(got->shape, got->dtype),
              type_text(wanted.tensor.shape, wanted.tensor.dtype))
        << one.name;
    const std::vector<double> a = numbers(*got), b = numbers(wanted.tensor);
    if (a.size() != b.size() || a.empty()) continue;
    ++tally.values;
    for (std::size_t k = 0; k < a.size(); ++k) {
      ASSERT_TRUE(close(a[k], b[k]))
          << one.name << " element " << k << ": " << a[k] << " not " << b[k];
    }
  }
}

/// Models that the format's authors meant to be odd, and why we refuse them.
bool is_known_exception(const std::string& name) {
  static const std::set<std::string> kKnown{};
  return kKnown.count(name) > 0;
}

Tally run_all(const std::vector<Case>& cases, bool store_all) {
  Tally tally;
  for (const Case& one : cases) {
    const TemporaryFile file(with_stored_inputs(one, store_all));
    const auto graph = read_onnx(file.path(), {});
    if (graph) {
      ++tally.read;
      compare(one, *graph, tally);
    } else if (exit_code(graph.errors()) == 4) {
      ++tally.unsupported;
    } else if (!is_known_exception(one.name)) {
      ADD_FAILURE() << one.name << ": " << to_string(graph.errors());
    }
  }
  return tally;
}

TEST(OnnxNodes, ShapesAreTheSuites) {
  if (!fs::exists(kRoot)) GTEST_SKIP() << "libonnx-testdata is not installed";
  const Tally tally = run_all(load_cases(), false);
  std::cout << tally.read << " read, " << tally.unsupported << " not supported\n";
  EXPECT_GE(tally.read, 400);
}

TEST(OnnxNodes, EvaluatedValuesAreTheSuites) {
  if (!fs::exists(kRoot)) GTEST_SKIP() << "libonnx-testdata is not installed";
  const Tally tally = run_all(load_cases(), true);
  std::cout << tally.values << " values compared\n";
  EXPECT_GE(tally.values, 150);
}

}  // namespace
}  // namespace takt
