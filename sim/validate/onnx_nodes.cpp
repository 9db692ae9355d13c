// SPDX-License-Identifier: Apache-2.0
#include "sim/validate/onnx_nodes.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "sim/functional/player.h"
#include "sim/ir/fuse.h"
#include "sim/program/verify.h"
#include "sim/reference/reference_executor.h"
#include "sim/validate/onnx_node_case.h"
#include "sim/workload/onnx_reader.h"

namespace takt {
namespace {

using Outcome = OnnxNodeResult::Outcome;

/// The suite's own tolerance (its runner compares with rtol = 1e-3, atol = 1e-7).
bool close(double got, double want) {
  if (std::isnan(want)) return std::isnan(got);
  return got == want || std::abs(got - want) <= 1e-7 + 1e-3 * std::abs(want);
}

std::vector<double> numbers(const Tensor& tensor) {
  if (const auto* real = std::get_if<Tensor::FloatData>(&tensor.constant)) return *real;
  const auto* whole = std::get_if<Tensor::IntData>(&tensor.constant);
  return whole != nullptr ? std::vector<double>(whole->begin(), whole->end())
                          : std::vector<double>();
}

/// What one graph output holds, by one executor.
using OutputValues = std::function<std::vector<double>(TensorId)>;

class NodeTest {
 public:
  NodeTest(const OnnxNodeCase& one, const CompileRegions& compile)
      : case_(one), compile_(compile) {}

  // With as little stored as goes: a later way is tried only where an earlier one was refused.
  OnnxNodeResult run() {
    result_.test = case_.name;
    result_.op = case_.op;
    result_.type = case_.type;
    if (!case_.problem.empty()) return refuse(case_.problem);
    std::optional<OnnxNodeResult> refusal;
    for (const OnnxBinding binding : {OnnxBinding::kNothing, OnnxBinding::kShapes,
                                      OnnxBinding::kWholes, OnnxBinding::kParameters}) {
      refused_ = false;
      if (attempt(binding)) return result_;
      if (!refused_) return result_;
      const bool first = !refusal || refusal->outcome != Outcome::kUnsupported;
      if (first && (!refusal || result_.outcome == Outcome::kUnsupported)) refusal = result_;
    }
    return *refusal;
  }

 private:
  bool attempt(OnnxBinding binding) {
    OnnxOptions options;
    // Their values count, so they are no weights to be laid out anew.
    for (const std::string& name : free_inputs(case_, binding)) options.inputs.push_back(name);
    auto graph = read_onnx_bytes(case_.name + ".onnx", bound_model(case_, binding), options);
    if (!graph) return stop(graph.errors());
    graph_ = std::move(*graph);
    // Before the values are there: what is an input must not be compiled as something known.
    const DType own = precision();
    FuseOptions fusing;
    fusing.precision = own;
    auto regions = fuse(graph_, fusing);
    if (!take_inputs() || !play(own, regions)) return false;
    result_.outcome = Outcome::kPass;
    result_.why.clear();
    return true;
  }
  OnnxNodeResult refuse(const std::string& why) {
    result_.outcome = Outcome::kUnsupported;
    result_.why = why;
    refused_ = true;
    return result_;
  }
  bool fail(const std::string& why) {
    result_.outcome = Outcome::kFail;
    result_.why = why;
    return false;
  }
  bool stop(const Diagnostics& errors) {
    result_.outcome = exit_code(errors) == 4 ? Outcome::kUnsupported : Outcome::kFail;
    result_.why = errors.front().message;
    refused_ = true;
    return false;
  }

  /// The test's own values become those that the workload brings.
  bool take_inputs() {
    const onnx::GraphProto& proto = case_.model.graph();
    for (int i = 0; i < proto.input_size() && static_cast<std::size_t>(i) < case_.inputs.size();
         ++i) {
      for (Tensor& tensor : graph_.tensors) {
        if (tensor.name != proto.input(i).name()) continue;
        std::string problem;
        Tensor value = onnx_node_tensor(case_.inputs[static_cast<std::size_t>(i)], problem);
        if (!problem.empty()) return fail(problem);
        if (value.shape != tensor.shape)
          return fail("input '" + tensor.name + "' has another shape");
        tensor.constant = value.constant;
      }
    }
    for (const Tensor& tensor : graph_.tensors) {
      if (tensor.dtype != DType::kInt8 && tensor.dtype != DType::kInt16) continue;
      refuse("int8 and int16 are quantised numbers here");
      return false;
    }
    return true;
  }

  /// Every tensor in its own type, which those of 64 bits have no arrays for.
  DType precision() {
    const auto& all = graph_.tensors;
    graph_.dtype_open = std::any_of(all.begin(), all.end(),
                                    [](const Tensor& t) { return t.dtype == DType::kFp64; });
    return DType::kFp32;
  }

  bool play(DType own, Result<RegionGraph>& regions) {
    Semantics semantics(graph_, own);
    std::optional<NetworkValues> oracle;
    for (const std::string& word : {std::string("functional"), std::string("cpu")}) {
      const auto reference = make_reference(word);
      auto values = reference->run(semantics, {});
      if (!values) return stop(values.errors());
      const auto of = [&](TensorId id) { return unpacked(values->tensors[id.index]); };
      if (!compare(reference->name(), of)) return false;
      if (!oracle) oracle = std::move(*values);
    }
    if (!regions) return stop(regions.errors());
    const auto shared = std::make_shared<const RegionGraph>(std::move(*regions));
    if (shared->regions.empty()) return true;  // nothing is left to be computed
    const auto compiled = compile_(shared);
    if (!compiled) return stop(compiled.errors());
    const Program& program = (*compiled)->program;
    const Verification verification = verify(program);
    if (!verification.ok()) return fail("verifier: " + verification.findings.front());
    FunctionalPlayer player(program, semantics, *oracle);
    player.run();
    if (!player.findings().empty()) return fail("player: " + player.findings().front());
    return compare("player", [&](TensorId id) { return played(*shared, player, *oracle, id); });
  }

  static std::vector<double> unpacked(const TensorValues& values) {
    std::vector<double> out;
    for (std::int64_t i = 0; i < values.elements(); ++i) out.push_back(values.at(i));
    return out;
  }

  static std::vector<double> played(const RegionGraph& regions, const FunctionalPlayer& player,
                                    const NetworkValues& given, TensorId id) {
    const View& view = regions.places[id.index];
    if (!view.stored.valid()) return unpacked(given.tensors[id.index]);
    const bool made =
        std::any_of(regions.regions.begin(), regions.regions.end(),
                    [&](const Region& region) { return region.output.tensor == view.stored; });
    if (!made) return unpacked(given.tensors[id.index]);
    const DType type = regions.tensors[view.stored.index].dtype;
    const std::vector<std::byte>& bytes = player.result(view.stored);
    const OperandWalk walk = walk_of(view);
    std::vector<double> out;
    for (std::int64_t i = 0; i < view.elements(); ++i) {
      const auto at = static_cast<std::uint64_t>(walk.at(i)) * bytes_of(type);
      out.push_back(load_element(type, bytes.data() + at));
    }
    return out;
  }

  std::optional<TensorId> output(std::size_t i) const {
    const std::string& name = case_.model.graph().output(static_cast<int>(i)).name();
    std::optional<TensorId> only;
    for (std::uint32_t t = 0; t < graph_.tensors.size(); ++t) {
      if (!graph_.tensors[t].is_output) continue;
      if (graph_.tensors[t].name == name) return TensorId{t};
      only = TensorId{t};
    }
    return case_.outputs.size() == 1 ? only : std::nullopt;
  }

  bool compare(const std::string& who, const OutputValues& values) {
    for (std::size_t i = 0; i < case_.outputs.size(); ++i) {
      std::string problem;
      const Tensor wanted = onnx_node_tensor(case_.outputs[i], problem);
      if (!problem.empty()) return fail(problem);
      const auto id = output(i);
      if (!id) return fail("there is no output '" + wanted.name + "'");
      const Tensor& tensor = graph_.tensor(*id);
      if (tensor.shape != wanted.shape)
        return fail("output " + std::to_string(i) + " has another shape");
      const std::vector<double> got = values(*id), want = numbers(wanted);
      if (got.size() != want.size()) {
        return fail(who + " makes " + std::to_string(got.size()) + " values, not " +
                    std::to_string(want.size()));
      }
      for (std::size_t k = 0; k < got.size(); ++k) {
        if (close(got[k], want[k])) continue;
        std::ostringstream text;
        text << who << ": output " << i << ", element " << k << ": expected " << want[k] << ", got "
             << got[k];
        return fail(text.str());
      }
    }
    return true;
  }

  const OnnxNodeCase& case_;
  const CompileRegions& compile_;
  Graph graph_;
  OnnxNodeResult result_;
  bool refused_ = false;  ///< nothing was computed
};

}  // namespace

const char* to_string(OnnxNodeResult::Outcome outcome) {
  switch (outcome) {
    case Outcome::kPass: return "pass";
    case Outcome::kFail: return "FAIL";
    case Outcome::kUnsupported: return "unsupported";
  }
  return "";
}

std::vector<OnnxNodeResult> run_onnx_nodes(
    const std::string& root, const CompileRegions& compile,
    const std::function<void(std::size_t done, std::size_t total)>& progress) {
  const std::vector<OnnxNodeCase> cases = load_onnx_node_cases(root);
  std::vector<OnnxNodeResult> results;
  for (const OnnxNodeCase& one : cases) {
    results.push_back(NodeTest(one, compile).run());
    if (progress) progress(results.size(), cases.size());
  }
  return results;
}

}  // namespace takt
