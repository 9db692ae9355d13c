// SPDX-License-Identifier: Apache-2.0
#pragma once
// Payloads that are used again, with our extension on them for good: a new payload with a new
// extension costs ten times as much (60 ns against 6).

#include <tlm>

#include <memory>
#include <vector>

#include "sim/base/check.h"
#include "sim/base/ids.h"
#include "sim/base/quantity.h"
#include "sim/stats/ledger.h"

namespace takt {

/// Who asked, and for what. Ignorable: a target that does not know it works without.
struct PayloadInfo : tlm::tlm_extension<PayloadInfo> {
  std::uint64_t op = 0;                          ///< TileOp::sequence
  UnitId requester;                              ///< Program::units
  UnitAccount account = UnitAccount::kWaitBank;  ///< where the requester books a delay
  void* context = nullptr;                       ///< the initiator's own, to find its state again

  tlm::tlm_extension_base* clone() const override;
  void copy_from(const tlm::tlm_extension_base& other) override;
};

/// Hands out payloads with reference count 1 and a PayloadInfo; they return on the last release().
class PayloadPool : public tlm::tlm_mm_interface {
 public:
  PayloadPool() = default;
  PayloadPool(const PayloadPool&) = delete;
  PayloadPool& operator=(const PayloadPool&) = delete;
  ~PayloadPool() override;

  /// A payload for `size` bytes at `address`. Every standard field is set; there is no data,
  /// because values are the functional player's.
  tlm::tlm_generic_payload& acquire(tlm::tlm_command command, std::uint64_t address, Bytes size);
  void free(tlm::tlm_generic_payload* payload) override;

  static PayloadInfo& info(tlm::tlm_generic_payload& payload);
  std::size_t made() const { return all_.size(); }
  std::size_t in_use() const { return all_.size() - idle_.size(); }

 private:
  std::vector<std::unique_ptr<tlm::tlm_generic_payload>> all_;
  std::vector<tlm::tlm_generic_payload*> idle_;
};

}  // namespace takt
