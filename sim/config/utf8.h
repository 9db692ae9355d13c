// SPDX-License-Identifier: Apache-2.0
#pragma once
// Is it text? Bytes from outside are looked at before anything else is done with them.

#include <string>

namespace takt {

/// The index of the first byte that is not part of well-formed UTF-8 text without control
/// characters, or npos.
std::size_t find_bad_byte(const std::string& text);

}  // namespace takt
