// SPDX-License-Identifier: Apache-2.0
#include "sim/reference/recorded_executor.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "sim/functional/region_values.h"
#include "sim/reference/cuda_executor.h"
#include "sim/reference/layer_list.h"
#include "sim/reference/record_file.h"
#include "sim/reference/seeded.h"

namespace takt {

namespace {

std::vector<std::string> record_folders() {
  if (const char* named = std::getenv("TAKT_RECORDS")) return {named};
  const std::string own = own_folder();
  return {own + "/../results/reference", own + "/../share/takt/results/reference",
          TAKT_SOURCE_DIR "/results/reference"};
}

std::uint64_t hash_of(const std::vector<std::byte>& bytes) {
  return name_hash({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

/// Operands out of what is known so far.
class Known : public ElementSource {
 public:
  explicit Known(const NetworkValues& values) : values_(values) {}
  double at(TensorId tensor, std::int64_t index) override {
    return values_.tensors[tensor.index].at(index);
  }

 private:
  const NetworkValues& values_;
};

/// What follows from parameters alone: the compiler folds such ops, and a program starts from their
/// results. Products of parameters are left to the network.
void fold(Semantics& semantics, NetworkValues& values) {
  const Graph& graph = semantics.graph();
  Known known(values);
  for (std::uint32_t i = 0; i < graph.ops.size(); ++i) {
    const Op& op = graph.ops[i];
    const bool ready = std::all_of(op.inputs.begin(), op.inputs.end(), [&](TensorId id) {
      return !id.valid() ||
             (!values.tensors[id.index].empty() && graph.tensor(id).kind != TensorKind::kInput);
    });
    if (!ready || semantics.is_matrix({i}) || !semantics.unsupported({i}).empty()) continue;
    for (std::size_t output = 0; output < op.outputs.size(); ++output) {
      const TensorId id = op.outputs[output];
      if (!id.valid()) continue;
      TensorValues result(semantics.dtype(id), semantics.elements(id));
      for (std::int64_t e = 0; e < result.elements(); ++e) {
        double value = semantics.element({i}, output, e, known);
        if (semantics.scaled({i})) value = semantics.finish({i}, value, values.scales[i]);
        result.set(e, value);
      }
      values.tensors[id.index] = std::move(result);
    }
  }
  semantics.forget();
}

}  // namespace

RecordedExecutor::RecordedExecutor() : RecordedExecutor(record_folders()) {}
RecordedExecutor::RecordedExecutor(std::vector<std::string> folders)
    : folders_(std::move(folders)) {}
RecordedExecutor::~RecordedExecutor() = default;

Result<NetworkValues> RecordedExecutor::run(Semantics& semantics, const ReferenceOptions& options) {
  auto found = find_record(folders_, name_hash(write_value_lines(semantics)), options.seed);
  if (!found) return found.errors();
  if (!*found) {
    return Diagnostics{record_error(
        "E-no-record", "", "there is no record of this network at this batch, precision and seed",
        "scripts/record_cuda makes records on a machine with a GPU (docs/cuda.md); "
        "--check functional and --check cpu need none")};
  }
  if (Diagnostics wrong = check_record(**found, semantics); !wrong.empty()) return wrong;
  record_ = std::move(*found);
  const Graph& graph = semantics.graph();
  NetworkValues values;
  values.tensors.resize(graph.tensors.size());
  values.scales.resize(graph.ops.size());
  for (const auto& [op, multiplier] : record_->multipliers) {
    if (op < values.scales.size()) values.scales[op].multiplier = multiplier;
  }
  std::vector<bool> made(graph.tensors.size(), false);
  for (const Op& op : graph.ops) {
    for (const TensorId output : op.outputs) {
      if (output.valid()) made[output.index] = true;
    }
  }
  for (std::uint32_t i = 0; i < graph.tensors.size(); ++i) {
    if (made[i]) continue;
    values.tensors[i] = initial_values(semantics, {i}, options.seed);
    const TensorValues& ours = values.tensors[i];
    const std::uint64_t sum =
        name_hash({reinterpret_cast<const char*>(ours.bytes()),
                   static_cast<std::size_t>(ours.elements()) * bytes_of(ours.dtype())});
    if (record_->tensors.at(i).checksum == hexadecimal(sum)) continue;
    return Diagnostics{record_error("E-bad-record", record_->file,
                                    "starts from other values of '" + graph.tensors[i].name + "'",
                                    "record it again: scripts/record_cuda")};
  }
  fold(semantics, values);
  if (options.progress) options.progress(graph.ops.size(), graph.ops.size());
  return values;
}

namespace {

/// Compares tensors with what a record says of them.
class RecordComparison {
 public:
  explicit RecordComparison(ValueCheck& check) : check_(check) {}

  /// `bytes`: in the network's own order of elements. `bound`: relative error allowed for floats.
  void tensor(const StoredTensor& tensor, const RecordedTensor& want,
              const std::vector<std::byte>& bytes, double bound) {
    const bool whole = !info(tensor.dtype).is_float;
    const double largest = whole ? 1 : std::max(1e-30, want.largest);
    std::uint64_t wrong = 0;
    std::string first;
    for (std::size_t s = 0; s < want.samples.size(); ++s) {
      const std::int64_t e = static_cast<std::int64_t>(s) * want.step;
      const double expected = want.samples[s];
      const double got = load_element(
          tensor.dtype, bytes.data() + static_cast<std::size_t>(e) * bytes_of(tensor.dtype));
      if (!whole) ++check_.compared;
      const bool same = got == expected || (std::isnan(got) && std::isnan(expected));
      const double error = same ? 0 : std::abs(got - expected);
      check_.max_abs_error = std::max(check_.max_abs_error, error);
      check_.max_rel_error = std::max(check_.max_rel_error, error / largest);
      if (same || (!whole && error <= bound * largest)) continue;
      if (wrong++ == 0) {
        first = "element " + std::to_string(e) + " is " + std::to_string(got) + " instead of " +
                std::to_string(expected);
      }
    }
    if (whole) {
      check_.compared += static_cast<std::uint64_t>(want.elements);
      if (wrong == 0 && hexadecimal(hash_of(bytes)) != want.checksum) {
        wrong = 1;
        first = "none of the recorded elements, but the checksum is another";
      }
    }
    if (wrong == 0) return;
    check_.mismatches += wrong;
    check_.findings.push_back("tensor '" + tensor.name + "' differs from the record: " + first);
  }

 private:
  ValueCheck& check_;
};

}  // namespace

ValueCheck RecordedExecutor::compare(const RegionGraph& regions, const NetworkValues&,
                                     const StoredBytes& stored) const {
  ValueCheck check;
  check.reference = name();
  RecordComparison comparison(check);
  const std::vector<double> bounds = float_bounds(regions);
  for (std::uint32_t i = 0; i < regions.tensors.size(); ++i) {
    const StoredTensor& tensor = regions.tensors[i];
    if (bounds[i] == 0 || !tensor.graph_tensor.valid()) continue;
    const View& view = regions.places[tensor.graph_tensor.index];
    if (view.stored != TensorId{i}) continue;
    const RecordedTensor& want = record_->tensors.at(tensor.graph_tensor.index);
    const OperandWalk walk = walk_of(view);
    const unsigned size = bytes_of(tensor.dtype);
    const std::vector<std::byte>& from = stored({i});
    std::vector<std::byte> bytes(static_cast<std::size_t>(want.elements) * size);
    for (std::int64_t e = 0; e < want.elements; ++e) {
      const std::byte* at = from.data() + static_cast<std::uint64_t>(walk.at(e)) * size;
      std::copy(at, at + size, bytes.data() + static_cast<std::size_t>(e) * size);
    }
    comparison.tensor(tensor, want, bytes, bounds[i]);
  }
  return check;
}

}  // namespace takt
