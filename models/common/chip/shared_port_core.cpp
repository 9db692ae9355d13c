// SPDX-License-Identifier: Apache-2.0
#include "models/common/chip/shared_port_core.h"

#include "sim/program/verify_coverage.h"

namespace takt {

void SharedPort::start(const TransferJob& job) {
  CHECK(listener_ != nullptr) << "a shared buffer with nobody to tell";
  const auto [begin, end] = hull_of(job.box);
  SramRequest request;
  request.start = job.start;
  request.duration = job.floor.occupancy;
  request.address = begin;
  request.span = end - begin;
  request.bytes = TransferTiming::moved(job.box, width_).value();
  request.write = job.write;
  const Cycles free = job.start + job.floor.occupancy + memory_.issue(request);
  listener_->requested(job.id, free);
  listener_->finished(job.id, free + job.floor.latency);
}

}  // namespace takt
