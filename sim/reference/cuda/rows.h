// SPDX-License-Identifier: Apache-2.0
#pragma once
// Ops on rows: a block of threads takes a row.

#include "execution.h"

namespace takt::gpu {

/// Where rows lie: the first element of each, and the further ones from it.
struct RowPlace {
  Walk first, within;
  std::int64_t rows = 1, length = 1;
};

template <class R>
struct Adds {
  TAKT_HD R operator()(R a, R b) const { return a + b; }
};
template <class R>
struct Larger {
  TAKT_HD R operator()(R a, R b) const { return a < b ? b : a; }
};

template <class Body>
void each_row(const RowPlace& place, const Body& body) {
  if (place.rows == 0 || place.length == 0) return;
  for_each_block({static_cast<unsigned>(place.rows), 1, 1}, threads_for_rows(place.length), 0,
                 body);
}

/// Layer, group, instance and RMS norm (norms.cpp).
Launch norm(Execution& run, const Op& op, const RowPlace& place);
/// Reductions (reductions.cpp).
Launch reduce(Execution& run, const Op& op, const RowPlace& place);
bool reduction_known(const std::string& function);

}  // namespace takt::gpu
