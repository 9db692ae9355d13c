// SPDX-License-Identifier: Apache-2.0
#pragma once
// A look at a file's frame before protobuf makes objects of it. An empty message takes two bytes in
// the file and two hundred in memory, so a hostile file of a few megabytes could fill a machine.

#include <cstddef>
#include <string>

namespace takt {

/// Messages and strings of one file: ten times what a decoder of 100,000 operators has.
inline constexpr std::size_t kMaxOnnxParts = std::size_t{8} << 20;

/// "" if the messages in `bytes` nest properly and are not too many, else what is wrong.
std::string scan_onnx(const std::string& bytes);

}  // namespace takt
