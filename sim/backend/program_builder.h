// SPDX-License-Identifier: Apache-2.0
#pragma once
// Decisions -> program: addresses of tensors and slots, token channels, one lowered nest a region
// and core. Tokens between regions follow from two rules: who reads a tensor waits for who made it,
// and who writes bytes waits for who used them last.

#include <map>
#include <optional>

#include "sim/backend/allocate.h"
#include "sim/backend/backend.h"
#include "sim/backend/decisions.h"
#include "sim/backend/last_users.h"
#include "sim/backend/layout.h"
#include "sim/base/stop.h"

namespace takt {

class ProgramBuilder {
 public:
  ProgramBuilder(const RegionGraph& graph, const Backend& backend, const Decisions& decisions,
                 const std::vector<TensorUse>& uses);
  /// The whole network. Fails (returns the region) where tiles and residents do not fit together.
  /// Throws Stopped soon after `stop` is set: with hundreds of cores the tokens between them are
  /// many.
  std::optional<std::size_t> build(Program& into, StopFlag stop = nullptr);
  /// One region alone, nothing before or after it, no host: for judging a mapping. `into` may be
  /// what an earlier call for the same network left: tensors of other regions stay as they are.
  bool build_alone(std::size_t region, Program& into);

 private:
  struct Placed {  ///< an area of a region's tiles, with who writes and who uses it
    Area area;
    BufferId buffer;
    std::vector<Role> writers, users;
  };
  struct Step {  ///< one region in one pass
    std::size_t region = 0;
    std::uint32_t pass = 0;
    std::vector<RegionPlan> plans;  ///< by part
    std::vector<Placed> placed;
  };

  struct Written {  ///< bytes that a step is the first to write, and who does
    Area area;
    BufferId buffer;
    Role writer;
  };

  struct ResidentUse {  ///< by a region, of residents_[index]
    std::size_t index = 0;
    bool makes = false;
  };

  void start(Program& into);
  /// A step's slots, and resident tensors that it makes or receives.
  std::vector<Written> first_writes(const Step& step) const;
  /// The region where a tensor finds no room, if one does not.
  std::optional<std::size_t> place_residents();
  bool place_residents_alone(std::size_t region);
  bool place_resident(std::size_t tensor, std::size_t first, std::size_t last);
  void place_shared(std::size_t tensor, std::size_t first, std::size_t last);
  bool keeps_shared(std::size_t tensor) const {
    return tensor < decisions_.shared.size() && decisions_.shared[tensor];
  }
  /// The cores' shared buffer, as one more behind a core's own.
  BufferId shared_buffer() const { return {static_cast<std::uint32_t>(machine_.buffers.size())}; }
  bool place_slots(std::size_t region, Step& step);
  bool place_slot(std::size_t region, OperandPlace& place, std::uint64_t bytes, std::uint32_t slots,
                  BufferId buffer, std::vector<Role> writers, std::vector<Role> users, Step& step);
  void make_plans(std::size_t region, Step& step);
  void make_channels(RegionPlan& plan);
  std::vector<ChannelId> array_channels(const RegionPlan& plan, const char* what,
                                        std::uint32_t initial, StallCause cause, bool only);
  ChannelId channel(std::string name, std::uint32_t initial, StallCause cause);
  void host_moves();
  void data_edges(std::size_t index);
  void find_resident_uses();
  void record_uses(std::size_t index);
  void reuse_edges(std::size_t index);
  void shared_reuse_edges(std::size_t index, const std::vector<Written>& written);
  void accumulator_edges(std::size_t index);
  void pass_edges(std::size_t index);
  /// All parts of the giver and the taker: what one core made another reads. Or one core's alone,
  /// for each core reuses its own buffers.
  static constexpr std::uint32_t kAllCores = UINT32_MAX;
  void connect(std::size_t giver, Role giver_role, std::size_t taker, Role taker_role,
               std::optional<StallCause> cause = std::nullopt, std::uint32_t core = kAllCores);
  /// Does the unit that plays `taker_role` know that this was done, from what it waited for before?
  /// Which of a core's units plays a role, by one of its roles: it plays them in order, and as a
  /// taker knows what its earlier ops waited for.
  std::size_t unit_of_role(Role role) const;
  bool known(std::size_t giver, Role giver_role, Role taker_role) const;
  void learn(std::size_t taker);
  bool has_role(const Step& step, Role role) const;
  void spill_gives(RegionPlan& plan, Role role, UnitId unit, RegionTokens& tokens);
  void spill_all_gives(RegionPlan& plan);
  void lower_all();

  const RegionGraph& graph_;
  const Backend& backend_;
  const Machine& machine_;
  const Decisions& decisions_;
  const std::vector<TensorUse>& uses_;
  std::uint32_t cores_ = 1;  ///< that any region gives work to
  StopFlag stop_ = nullptr;
  Program* program_ = nullptr;
  std::shared_ptr<const std::vector<TensorPlacement>> tensors_;  ///< once residents are placed
  std::vector<Step> steps_;
  std::map<std::uint32_t, BufferAllocator> allocators_;  ///< by buffer
  std::vector<Placed> residents_;                        ///< with TensorPlacement addresses set
  std::vector<std::size_t> resident_tensor_;             ///< whose area residents_[i] is
  std::vector<std::vector<ResidentUse>> residents_of_;   ///< by region
  std::map<std::uint32_t, LastUsers> last_users_;        ///< by buffer, of the steps so far
  std::vector<std::size_t> last_sums_;  ///< by core: the step so far whose sums it held last
  std::map<std::tuple<std::size_t, Role, std::size_t, Role, std::uint32_t>, std::vector<ChannelId>>
      connected_;
  std::array<std::array<std::size_t, kRoles>, kRoles>
      known_{};  ///< [taker's unit][giver]: step + 1
  std::vector<std::tuple<std::size_t, Role, Role>> learned_;
  std::vector<std::vector<ChannelId>> fifo_ready_, fifo_free_;  ///< [core][array]
  std::vector<std::vector<std::uint64_t>> fifo_loads_;          ///< [core][array]
};

}  // namespace takt
