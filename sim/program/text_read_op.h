// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads the words of one op line.

#include <cstdint>
#include <map>
#include <string>

#include "sim/program/program.h"
#include "sim/program/text_scanner.h"

namespace takt {

/// What an op's names mean.
struct OpNames {
  const std::map<std::string, std::uint32_t, std::less<>>& units;
  const std::map<std::string, std::uint32_t, std::less<>>& buffers;
  std::size_t channels = 0;
  std::size_t tensors = 0;
};

/// `scanner` stands behind the op's name, t<sequence>. What is wrong stays in the scanner.
TileOp read_op(LineScanner& scanner, const OpNames& names);

}  // namespace takt
