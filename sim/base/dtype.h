// SPDX-License-Identifier: Apache-2.0
#pragma once
// Element types of tensors. A row of the table is all there is to know about one.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace takt {

enum class DType : std::uint8_t {
  kInt8,
  kInt16,
  kFp8,
  kBf16,
  kFp16,
  kFp32,  // what arrays compute in
  kInt32,
  kInt64,
  kUInt8,
  kUInt16,
  kUInt32,
  kUInt64,
  kBool,
  kFp64,  // what graphs also hold
};

struct DTypeInfo {
  DType dtype;
  std::string_view name;
  unsigned bytes;
  bool is_float;
  bool computes;               ///< may be the precision of a layer (--dtype)
  unsigned accumulator_bytes;  ///< of a sum of products in this type
};

inline constexpr std::array<DTypeInfo, 14> kDTypes{{
    {DType::kInt8, "int8", 1, false, true, 4},
    {DType::kInt16, "int16", 2, false, true, 4},
    {DType::kFp8, "fp8", 1, true, true, 4},
    {DType::kBf16, "bf16", 2, true, true, 4},
    {DType::kFp16, "fp16", 2, true, true, 4},
    {DType::kFp32, "fp32", 4, true, true, 4},
    {DType::kInt32, "int32", 4, false, false, 4},
    {DType::kInt64, "int64", 8, false, false, 8},
    {DType::kUInt8, "uint8", 1, false, false, 4},
    {DType::kUInt16, "uint16", 2, false, false, 4},
    {DType::kUInt32, "uint32", 4, false, false, 4},
    {DType::kUInt64, "uint64", 8, false, false, 8},
    {DType::kBool, "bool", 1, false, false, 4},
    {DType::kFp64, "fp64", 8, true, false, 8},
}};

constexpr const DTypeInfo& info(DType dtype) { return kDTypes[static_cast<std::size_t>(dtype)]; }
constexpr std::string_view to_string(DType dtype) { return info(dtype).name; }
constexpr unsigned bytes_of(DType dtype) { return info(dtype).bytes; }
std::optional<DType> dtype_from(std::string_view name);

}  // namespace takt
