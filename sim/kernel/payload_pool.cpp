// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/payload_pool.h"

#include <limits>

namespace takt {

tlm::tlm_extension_base* PayloadInfo::clone() const {
  PayloadInfo* copy = new PayloadInfo;
  copy->copy_from(*this);
  return copy;
}

void PayloadInfo::copy_from(const tlm::tlm_extension_base& other) {
  const PayloadInfo& from = static_cast<const PayloadInfo&>(other);
  op = from.op;
  requester = from.requester;
  account = from.account;
  context = from.context;
}

PayloadPool::~PayloadPool() {
  // ~tlm_generic_payload frees the extensions that are still on it.
  for (auto& payload : all_) payload->set_mm(nullptr);
}

tlm::tlm_generic_payload& PayloadPool::acquire(tlm::tlm_command command, std::uint64_t address,
                                               Bytes size) {
  if (idle_.empty()) {
    all_.push_back(std::make_unique<tlm::tlm_generic_payload>(this));
    all_.back()->set_extension(new PayloadInfo);
    idle_.push_back(all_.back().get());
  }
  tlm::tlm_generic_payload& payload = *idle_.back();
  idle_.pop_back();
  CHECK(size.value() <= std::numeric_limits<unsigned int>::max())
      << "a payload of " << size << " bytes";
  payload.set_command(command);
  payload.set_address(address);
  payload.set_data_ptr(nullptr);
  payload.set_data_length(static_cast<unsigned int>(size.value()));
  payload.set_streaming_width(static_cast<unsigned int>(size.value()));
  payload.set_byte_enable_ptr(nullptr);
  payload.set_byte_enable_length(0);
  payload.set_dmi_allowed(false);
  payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  info(payload) = PayloadInfo{};
  payload.acquire();
  return payload;
}

void PayloadPool::free(tlm::tlm_generic_payload* payload) { idle_.push_back(payload); }

PayloadInfo& PayloadPool::info(tlm::tlm_generic_payload& payload) {
  PayloadInfo* info = payload.get_extension<PayloadInfo>();
  CHECK(info != nullptr) << "a payload without its PayloadInfo";
  return *info;
}

}  // namespace takt
