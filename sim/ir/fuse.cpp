// SPDX-License-Identifier: Apache-2.0
#include "sim/ir/fuse.h"

#include <algorithm>

#include "sim/base/check.h"
#include "sim/ir/fuse_state.h"
#include "sim/ir/print_names.h"

namespace takt {
namespace fusing {

Fuser::Fuser(const Graph& graph, const FuseOptions& options) : graph_(graph), options_(options) {
  const std::size_t count = graph.tensors.size();
  producer_.resize(count);
  readers_.resize(count);
  places_.resize(count);
  claims_.resize(count);
  prepared_.resize(count);
  parameter_.assign(count, -1);
  done_.assign(graph.ops.size(), false);
  for (std::uint32_t i = 0; i < graph.ops.size(); ++i) {
    for (TensorId input : graph.ops[i].inputs) {
      if (!input.valid()) continue;
      auto& readers = readers_[input.index];
      if (readers.empty() || readers.back() != OpId{i}) readers.push_back(OpId{i});
    }
    for (TensorId output : graph.ops[i].outputs) {
      if (output.valid()) producer_[output.index] = OpId{i};
    }
  }
}

DType Fuser::stored_dtype(TensorId id) const {
  const DType own = graph_.tensor(id).dtype;
  return graph_.dtype_open && info(own).is_float ? options_.precision : own;
}

bool Fuser::has_input(const Op& o, std::size_t i) const {
  return i < o.inputs.size() && o.inputs[i].valid();
}

void Fuser::unsupported(const Op& o, const std::string& message, const std::string& hint) {
  Diagnostic diagnostic;
  diagnostic.kind = ErrorKind::kUnsupported;
  diagnostic.name = "E-unsupported-form";
  diagnostic.path = "node '" + o.name + "'";
  diagnostic.message = message;
  diagnostic.hint = hint;
  errors_.push_back(std::move(diagnostic));
}

std::string Fuser::unique_name(const std::string& wanted) {
  std::string name = wanted;
  // From where the last search for this name ended: thousands of pieces may want the same one.
  for (int& i = next_suffix_.emplace(wanted, 2).first->second; !names_.insert(name).second; ++i) {
    name = wanted + "." + std::to_string(i);
  }
  return name;
}

void Fuser::add_region(Region region) {
  region.name = unique_name(region.name);
  out_.regions.push_back(std::move(region));
}

void Fuser::visit(OpId id) {
  const Op& o = op(id);
  if (done_[id.index]) return;
  done_[id.index] = true;
  if (o.outputs.empty() || !o.outputs[0].valid()) {
    // Only the recurrent layers may leave out their first output and make another one.
    if (o.kind != OpKind::kLstm && o.kind != OpKind::kGru && o.kind != OpKind::kRnn) {
      const bool makes = std::any_of(o.outputs.begin(), o.outputs.end(),
                                     [](TensorId output) { return output.valid(); });
      if (makes) unsupported(o, "is not lowered without its first result", "name that result");
      return;
    }
  } else if (is_parameter(o.outputs[0])) {
    return;  // placed when somebody reads it
  } else if (elements_of(shape(o.outputs[0])) == 0) {
    for (TensorId output : o.outputs) {
      if (output.valid()) allocate(output, row_major(shape(output).size()));
    }
    return;
  }
  if (is_view(o)) return view_op(id);
  switch (o.kind) {
    case OpKind::kConv: return conv(id);
    case OpKind::kConvTranspose: return conv_transpose(id);
    case OpKind::kMatMul: return matmul(id);
    case OpKind::kLstm:
    case OpKind::kGru:
    case OpKind::kRnn: return recurrent(id);
    case OpKind::kConcat: return concat(id);
    case OpKind::kMaxPool:
    case OpKind::kAveragePool:
      return std::get<WindowAttrs>(o.attributes).global ? reduction(id) : pool(id);
    case OpKind::kReduce:
    case OpKind::kArgMax:
    case OpKind::kTopK: return reduction(id);
    case OpKind::kResize: return resize(id);
    case OpKind::kPad: return pad(id);
    case OpKind::kGather: return gather(id);
    default: return elementwise(id);
  }
}

// What leaves must be a stored tensor of its own: the host reads it whole.
void Fuser::finish_outputs() {
  for (std::uint32_t i = 0; i < graph_.tensors.size(); ++i) {
    const TensorId id{i};
    if (!graph_.tensors[i].is_output) continue;
    const auto found = place(id);
    CHECK(found.has_value()) << "output '" << graph_.tensors[i].name << "' has no place";
    View view = *found;
    const StoredTensor& stored = out_.tensors[view.stored.index];
    if (stored.elements != view.elements() || distinct(view) != view.elements() ||
        stored.kind != TensorKind::kActivation) {
      const std::string name = graph_.tensors[i].name + ".out";
      view = materialise(id, row_major(view.dims.size()), name);
    }
    out_.tensors[view.stored.index].is_output = true;
  }
}

Result<RegionGraph> Fuser::run() {
  out_.name = graph_.name;
  out_.hash = graph_.hash;
  if (graph_.batch > 0) out_.batch = graph_.batch;
  for (const Tensor& tensor : graph_.tensors) {
    if (graph_.batch > 0) break;
    if (tensor.kind != TensorKind::kInput || tensor.shape.empty()) continue;
    out_.batch = tensor.shape[0];
    break;
  }
  claim_concatenations();
  for (std::uint32_t i = 0; i < graph_.ops.size(); ++i) {
    const std::size_t errors = errors_.size();
    visit(OpId{i});
    if (errors_.size() == errors) continue;
    // What reads the result of an op that is refused may be wrong as well: all is said at once.
    for (const TensorId output : graph_.ops[i].outputs) {
      if (output.valid() && !places_[output.index]) {
        places_[output.index] = allocate(output, row_major(shape(output).size()));
      }
    }
  }
  if (errors_.empty()) finish_outputs();
  if (!errors_.empty()) return errors_;
  for (const std::optional<View>& view : places_) out_.places.push_back(view ? *view : View{});
  return std::move(out_);
}

int OperandList::add(const VectorOperand& operand) {
  for (std::size_t i = 0; i < operands.size(); ++i) {
    const VectorOperand& old = operands[i];
    if (old.tensor == operand.tensor && old.access == operand.access &&
        old.row_elements == operand.row_elements && old.rows == operand.rows &&
        old.view.offset == operand.view.offset && old.view.stride_h == operand.view.stride_h &&
        old.view.stride_c == operand.view.stride_c && old.view.stride_w == operand.view.stride_w &&
        old.window == operand.window) {
      return static_cast<int>(i);
    }
  }
  operands.push_back(operand);
  return static_cast<int>(operands.size()) - 1;
}

std::int64_t distinct(const Factors& factors) {
  std::int64_t product = 1;
  for (Factor f : factors) {
    if (f.stride != 0) product *= f.extent;
  }
  return product;
}

std::int64_t distinct(const View& view) {
  std::int64_t product = 1;
  for (const Factors& dim : view.dims) product *= distinct(dim);
  return product;
}

VectorOperand::Access access_of(const View& view, const std::vector<std::size_t>& outside,
                                bool parameter) {
  bool varies = false;
  for (std::size_t d : outside) {
    const std::int64_t extent = extent_of(view.dims[d]);
    if (extent == 1) continue;
    if (distinct(view.dims[d]) != extent) return VectorOperand::Access::kWhole;
    varies = true;
  }
  // A vector of parameters for a single row might be cut into columns either way; whole is simpler.
  return varies || !parameter ? VectorOperand::Access::kAligned : VectorOperand::Access::kWhole;
}

}  // namespace fusing

Result<RegionGraph> fuse(const Graph& graph, const FuseOptions& options) {
  return fusing::Fuser(graph, options).run();
}

}  // namespace takt
