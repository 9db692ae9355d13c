// SPDX-License-Identifier: Apache-2.0
#include "sim/app/point_runner.h"

#include <map>
#include <tuple>

#include "sim/app/run.h"
#include "sim/app/share_paths.h"
#include "sim/machine/machine_file_spec.h"

namespace takt {
namespace {

using RegionsPtr = std::shared_ptr<const RegionGraph>;

/// More networks than this, at all batches and precisions, are not kept.
constexpr std::size_t kNetworksKept = 64;

Options options_of(const PointRequest& request) {
  Options options;
  options.archs = {request.arch};
  options.workload = request.workload;
  options.overrides = request.overrides;
  options.batch = request.batch;
  options.dtype = request.dtype;
  options.fidelity = request.fidelity;
  options.max_cycles = request.max_cycles;
  return options;
}

/// Types that the network's products are in and the machine has no rate for: no point is begun with
/// them.
Diagnostics unsupported_types(const RegionGraph& network, const Machine& machine,
                              const PointRequest& request) {
  std::map<DType, std::vector<std::string>> layers;
  for (const Region& region : network.regions) {
    if (region.kind != Region::Kind::kMatrix) continue;
    if (machine.matrix.rate_of(region.dtype).numerator == 0) {
      layers[region.dtype].push_back(region.name);
    }
  }
  Diagnostics errors;
  for (const auto& [dtype, names] : layers) {
    const std::string word(to_string(dtype));
    const bool asked = request.dtype == dtype;
    Diagnostic d;
    d.kind = ErrorKind::kUnsupported;
    d.name = "E-dtype-not-supported";
    d.path = asked ? "dtype" : "--workload";
    if (asked) d.place.file = "--set dtype=" + word;  // where the sweep's value stands
    d.message = "machine '" + machine.name + "' does not compute in " + word + ", as layer '" +
                names.front() + "'" +
                (names.size() > 1 ? " and " + std::to_string(names.size() - 1) + " more" : "") +
                " must";
    d.hint = "leave it out, or give core.matrix.macs_per_pe a rate for it";
    errors.push_back(std::move(d));
  }
  return errors;
}

/// Keeps machine files and networks, and the program of the point before: a neighbour may differ in
/// fidelity only.
class PointRunner : public PointModel {
 public:
  Result<MachineConfig> machine(const PointRequest& request) override {
    const auto at = files_.find(request.arch);
    if (at != files_.end()) return at->second.with(request.overrides);
    const std::vector<std::string> shares = share_folders();
    MachineOptions options;
    for (const std::string& share : shares) options.roots.push_back(share + "/configs");
    Result<MachineFile> file =
        MachineFile::open(find_shared(request.arch, "configs", shares), options);
    if (!file) return file.errors();
    return files_.emplace(request.arch, std::move(*file)).first->second.with(request.overrides);
  }

  Result<NetworkFacts> network(const PointRequest& request, const Machine& machine) override {
    const Result<RegionsPtr> regions = regions_at(options_of(request), machine, request.batch);
    if (!regions) return regions.errors();
    Diagnostics errors = unsupported_types(**regions, machine, request);
    if (!errors.empty()) return errors;
    return NetworkFacts{(*regions)->hash, (*regions)->batch};
  }

  Result<RunRecord> run(const PointRequest& request) override {
    const Options options = options_of(request);
    RunHooks hooks;
    hooks.in_child = true;
    Result<MachineConfig> machine = this->machine(request);
    if (!machine) return machine.errors();
    const Result<RegionsPtr> regions = regions_at(options, machine->machine, request.batch);
    if (!regions) return regions.errors();
    const ProgramKey key{machine->machine.hash, *regions};
    if (!prepared_ || key != prepared_key_) {
      hooks.network = [&, this](std::int64_t batch) {
        return regions_at(options, machine->machine, batch);
      };
      auto prepared = prepare(options, RunInputs{*machine, *regions}, hooks);
      if (!prepared) return prepared.errors();
      prepared_ = std::move(*prepared);
      prepared_key_ = key;
    }
    const Result<EngineResult> result = play(options, *prepared_, hooks);
    if (!result) return result.errors();
    return record_of(options, *prepared_, *result);
  }

 private:
  using NetworkKey = std::tuple<std::string, DType, std::optional<std::int64_t>>;
  using ProgramKey = std::pair<std::string, RegionsPtr>;  ///< machine's hash, network as kept

  Result<RegionsPtr> regions_at(const Options& options, const Machine& machine,
                                std::optional<std::int64_t> batch) {
    const NetworkKey key{options.workload, options.dtype.value_or(machine.default_dtype), batch};
    const auto at = networks_.find(key);
    if (at != networks_.end()) return at->second;
    Result<RegionsPtr> regions = read_network(options, machine, batch);
    if (!regions) return regions;
    if (networks_.size() == kNetworksKept) networks_.clear();
    networks_.emplace(key, *regions);
    return regions;
  }

  std::map<std::string, MachineFile> files_;
  std::map<NetworkKey, RegionsPtr> networks_;
  std::unique_ptr<PreparedRun> prepared_;
  ProgramKey prepared_key_;
};

}  // namespace

std::unique_ptr<PointModel> make_point_runner() { return std::make_unique<PointRunner>(); }

}  // namespace takt
