// SPDX-License-Identifier: Apache-2.0
#pragma once
// The identity of a workload's text, as records carry it.

#include <string>
#include <string_view>

namespace takt {

/// 16 hex digits: FNV-1a, 64 bit, over the bytes.
std::string hash_of_text(std::string_view text);

}  // namespace takt
