// SPDX-License-Identifier: Apache-2.0
// Tokens between regions that use the same bytes on chip, one after the other.
#include <algorithm>
#include <set>
#include <tuple>

#include "sim/backend/program_builder.h"
#include "sim/mapper/vector_space.h"

namespace takt {

std::vector<ProgramBuilder::Written> ProgramBuilder::first_writes(const Step& step) const {
  std::vector<Written> written;
  for (const Placed& placed : step.placed) {
    for (const Role role : placed.writers) written.push_back({placed.area, placed.buffer, role});
  }
  for (const ResidentUse& resident : residents_of_[step.region]) {
    const Placed& placed = residents_[resident.index];
    const std::size_t tensor = resident_tensor_[resident.index];
    const bool from_host = graph_.tensors[tensor].kind == TensorKind::kInput;
    const bool shared = placed.buffer == shared_buffer();
    if (from_host && uses_[tensor].first() == step.region) {
      written.push_back({placed.area, placed.buffer, Role::kHostIn});
    } else if (!from_host && resident.makes) {
      written.push_back({placed.area, placed.buffer, shared ? Role::kStore : Role::kVector});
    }
  }
  return written;
}

void ProgramBuilder::find_resident_uses() {
  residents_of_.resize(graph_.regions.size());
  for (std::size_t i = 0; i < residents_.size(); ++i) {
    const TensorUse& use = uses_[resident_tensor_[i]];
    for (const std::size_t r : use.makers) residents_of_[r].push_back({i, true});
    for (const std::size_t r : use.readers) residents_of_[r].push_back({i, false});
  }
}

void ProgramBuilder::record_uses(std::size_t index) {
  const Step& step = steps_[index];
  const auto cores = static_cast<std::uint32_t>(step.plans.size());
  const auto record = [&](const Placed& placed, Role user) {
    const Area& area = placed.area;
    last_users_[placed.buffer.index].record(area.address, area.address + area.bytes, user, index,
                                            cores);
  };
  for (const Placed& placed : step.placed) {
    for (const Role user : placed.users) record(placed, user);
  }
  const bool copies = copies_only(graph_.regions[step.region]);
  for (const ResidentUse& resident : residents_of_[step.region]) {
    const Placed& placed = residents_[resident.index];
    if (placed.buffer == shared_buffer()) {
      // Whoever needs what a load brought is through after it: the vector unit comes last.
      record(placed, Role::kVector);
      if (resident.makes || copies) record(placed, Role::kStore);
      if (resident.makes) record(placed, Role::kHostOut);
      continue;
    }
    record(placed, resident.makes ? Role::kHostOut : Role::kMatrix);
    record(placed, Role::kVector);
  }
}

void ProgramBuilder::reuse_edges(std::size_t index) {
  const Step& step = steps_[index];
  // For each kind of earlier user, each writer and each core, the latest step that used those bytes
  // there.
  std::map<std::tuple<Role, Role, std::uint32_t>, std::size_t> latest;
  const std::vector<Written> written = first_writes(step);
  shared_reuse_edges(index, written);
  for (const Written& w : written) {
    if (w.buffer == shared_buffer()) continue;
    last_users_[w.buffer.index].visit(
        w.area.address, w.area.address + w.area.bytes,
        static_cast<std::uint32_t>(step.plans.size()),
        [&](Role user, std::uint32_t core, std::size_t when) {
          std::size_t& known = latest.emplace(std::tuple(user, w.writer, core), when).first->second;
          known = std::max(known, when);
        });
  }
  for (const auto& [key, when] : latest) {
    const auto [user, writer, core] = key;
    // Where the vector unit of as late a step is waited for, so are its arrays.
    const auto vector = latest.find({Role::kVector, writer, core});
    if (user == Role::kMatrix && vector != latest.end() && vector->second >= when &&
        has_role(steps_[when], Role::kVector)) {
      continue;
    }
    // The vector unit follows the arrays by its own order: their last sums reach it last.
    if (user == Role::kMatrix && writer == Role::kVector) continue;
    connect(when, user, index, writer, std::nullopt, core);
  }
}

// What one core writes there, all may have used before.
void ProgramBuilder::shared_reuse_edges(std::size_t index, const std::vector<Written>& written) {
  std::set<std::tuple<std::size_t, Role, Role>> users;
  for (const Written& w : written) {
    if (w.buffer != shared_buffer()) continue;
    last_users_[w.buffer.index].visit(w.area.address, w.area.address + w.area.bytes, machine_.cores,
                                      [&](Role user, std::uint32_t, std::size_t when) {
                                        users.insert({when, user, w.writer});
                                      });
  }
  // The latest first: what is known through it needs no token of its own.
  for (auto use = users.rbegin(); use != users.rend(); ++use) {
    const auto [when, user, writer] = *use;
    connect(when, user, index, writer);
  }
}

}  // namespace takt
