// SPDX-License-Identifier: Apache-2.0
#pragma once
// Element types and the bits of small floats.

#include <cstring>
#include <string>

#include "platform.h"

#if TAKT_ON_GPU
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#endif

namespace takt::gpu {

enum class Type : std::uint8_t {
  kInt8,
  kInt16,
  kFp8,
  kBf16,
  kFp16,
  kFp32,
  kInt32,
  kInt64,
  kUInt8,
  kUInt16,
  kUInt32,
  kUInt64,
  kBool,
  kFp64,
};

struct TypeInfo {
  const char* name;
  unsigned bytes;
  bool is_float;
};
inline constexpr TypeInfo kTypes[] = {
    {"int8", 1, false},  {"int16", 2, false},  {"fp8", 1, true},     {"bf16", 2, true},
    {"fp16", 2, true},   {"fp32", 4, true},    {"int32", 4, false},  {"int64", 8, false},
    {"uint8", 1, false}, {"uint16", 2, false}, {"uint32", 4, false}, {"uint64", 8, false},
    {"bool", 1, false},  {"fp64", 8, true}};
inline const TypeInfo& info(Type type) { return kTypes[static_cast<int>(type)]; }
TAKT_HD inline bool is_quantised(Type type) { return type == Type::kInt8 || type == Type::kInt16; }

/// A float of `kExponent` and `kMantissa` bits as it is stored.
struct Half {
  std::uint16_t bits;
};
struct Bfloat {
  std::uint16_t bits;
};

TAKT_HD inline std::uint32_t bits_of(float value) {
  std::uint32_t bits = 0;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}
TAKT_HD inline float float_of(std::uint32_t bits) {
  float value = 0;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/// A float of 1 + exponent + mantissa bits, to nearest, ties to even. `largest` is the largest
/// finite pattern; beyond it lies infinity, or the largest itself if the format `saturates`.
struct Format {
  int exponent, mantissa;
  std::uint32_t largest;
  bool saturates;
};
inline constexpr Format kHalfFormat{5, 10, 0x7BFF, false};
inline constexpr Format kBfloatFormat{8, 7, 0x7F7F, false};
inline constexpr Format kFp8Format{4, 3, 0x7E, true};

TAKT_HD inline std::uint32_t encode(Format f, float value) {
  const std::uint32_t bits = bits_of(value);
  const std::uint32_t sign = (bits >> 31) << (f.exponent + f.mantissa);
  const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
  const std::uint32_t top = (1U << f.exponent) - 1;
  if (magnitude > 0x7F800000U) return sign | (top << f.mantissa) | ((1U << f.mantissa) - 1);
  const int bias = (1 << (f.exponent - 1)) - 1;
  int exponent = static_cast<int>(magnitude >> 23) - 127;
  std::uint64_t digits = magnitude & 0x7FFFFFU;
  magnitude >> 23 == 0 ? exponent = -126 : digits |= 0x800000U;
  // Steps of 2^(exponent - mantissa), never finer than the smallest subnormal.
  const int shift = 23 - f.mantissa + most(0, 1 - bias - exponent);
  if (shift > 40 || digits == 0) return sign;
  const std::uint64_t half = (std::uint64_t{1} << shift) >> 1;
  const std::uint64_t rest = digits & ((std::uint64_t{1} << shift) - 1);
  std::uint64_t rounded = digits >> shift;
  if (rest > half || (rest == half && half != 0 && (rounded & 1) != 0)) ++rounded;
  // A carry out of the digits is the next exponent, as patterns are in the order of their values.
  const int biased = most(exponent + bias, 1);
  const auto pattern =
      static_cast<std::uint32_t>(rounded + (static_cast<std::uint64_t>(biased - 1) << f.mantissa));
  if (magnitude == 0x7F800000U || pattern > f.largest) {
    return sign | (f.saturates ? f.largest : top << f.mantissa);
  }
  return sign | pattern;
}

TAKT_HD inline float decode(Format f, std::uint32_t bits) {
  const std::uint32_t top = (1U << f.exponent) - 1, ones = (1U << f.mantissa) - 1;
  const std::uint32_t exponent = (bits >> f.mantissa) & top, digits = bits & ones;
  const std::uint32_t sign = ((bits >> (f.exponent + f.mantissa)) & 1) << 31;
  const int bias = (1 << (f.exponent - 1)) - 1;
  if (exponent == top && (!f.saturates || digits == ones)) {
    return float_of(sign | 0x7F800000U | (digits != 0 ? 0x400000U : 0));
  }
  if (exponent != 0) {
    return float_of(sign | ((exponent + 127 - static_cast<std::uint32_t>(bias)) << 23) |
                    (digits << (23 - f.mantissa)));
  }
  // Subnormal: digits * 2^(1 - bias - mantissa), exact in single precision but for bf16's own.
  if (f.exponent == 8) return float_of(sign | (digits << (23 - f.mantissa)));
  float value = static_cast<float>(digits);
  for (int i = 0; i < bias - 1 + f.mantissa; ++i) value *= 0.5F;
  return float_of(sign | bits_of(value));
}

TAKT_HD inline float real_of(Half value) {
#if defined(__CUDA_ARCH__)
  return __half2float(__ushort_as_half(value.bits));
#else
  return decode(kHalfFormat, value.bits);
#endif
}
TAKT_HD inline float real_of(Bfloat value) { return float_of(std::uint32_t{value.bits} << 16); }
TAKT_HD inline float real_of(float value) { return value; }
TAKT_HD inline float real_of(std::int8_t value) { return value; }

TAKT_HD inline void store_real(Half* to, float value) {
#if defined(__CUDA_ARCH__)
  to->bits = __half_as_ushort(__float2half_rn(value));
#else
  to->bits = static_cast<std::uint16_t>(encode(kHalfFormat, value));
#endif
}
TAKT_HD inline void store_real(Bfloat* to, float value) {
#if defined(__CUDA_ARCH__)
  to->bits = __bfloat16_as_ushort(__float2bfloat16_rn(value));
#else
  to->bits = static_cast<std::uint16_t>(encode(kBfloatFormat, value));
#endif
}
TAKT_HD inline void store_real(float* to, float value) { *to = value; }

/// Element i of a tensor of any type, as a whole number or as a float.
TAKT_HD inline std::int64_t load_whole(Type type, const void* data, std::int64_t i) {
  switch (type) {
    case Type::kInt8: return static_cast<const std::int8_t*>(data)[i];
    case Type::kInt16: return static_cast<const std::int16_t*>(data)[i];
    case Type::kInt32: return static_cast<const std::int32_t*>(data)[i];
    case Type::kInt64: return static_cast<const std::int64_t*>(data)[i];
    case Type::kBool:
    case Type::kUInt8: return static_cast<const std::uint8_t*>(data)[i];
    case Type::kUInt16: return static_cast<const std::uint16_t*>(data)[i];
    case Type::kUInt32: return static_cast<const std::uint32_t*>(data)[i];
    case Type::kUInt64:
      return static_cast<std::int64_t>(static_cast<const std::uint64_t*>(data)[i]);
    default: return 0;
  }
}

TAKT_HD inline Real load_real(Type type, const void* data, std::int64_t i) {
  switch (type) {
    case Type::kFp32: return static_cast<const float*>(data)[i];
    case Type::kFp64: return static_cast<Real>(static_cast<const double*>(data)[i]);
    case Type::kFp16: return real_of(static_cast<const Half*>(data)[i]);
    case Type::kBf16: return real_of(static_cast<const Bfloat*>(data)[i]);
    case Type::kFp8: return decode(kFp8Format, static_cast<const std::uint8_t*>(data)[i]);
    default: return static_cast<Real>(load_whole(type, data, i));
  }
}

/// Whole numbers wrap as two's complement does.
TAKT_HD inline void store_whole(Type type, void* data, std::int64_t i, std::int64_t value) {
  switch (type) {
    case Type::kInt8: static_cast<std::int8_t*>(data)[i] = static_cast<std::int8_t>(value); break;
    case Type::kUInt8:
      static_cast<std::uint8_t*>(data)[i] = static_cast<std::uint8_t>(value);
      break;
    case Type::kBool: static_cast<std::uint8_t*>(data)[i] = value != 0; break;
    case Type::kInt16:
    case Type::kUInt16:
      static_cast<std::uint16_t*>(data)[i] = static_cast<std::uint16_t>(value);
      break;
    case Type::kInt32:
    case Type::kUInt32:
      static_cast<std::uint32_t*>(data)[i] = static_cast<std::uint32_t>(value);
      break;
    case Type::kInt64:
    case Type::kUInt64: static_cast<std::int64_t*>(data)[i] = value; break;
    default: break;
  }
}

TAKT_HD inline void store_real(Type type, void* data, std::int64_t i, Real value) {
  const auto single = static_cast<float>(value);
  switch (type) {
    case Type::kFp32: static_cast<float*>(data)[i] = single; break;
    case Type::kFp64: static_cast<double*>(data)[i] = static_cast<double>(value); break;
    case Type::kFp16: store_real(static_cast<Half*>(data) + i, single); break;
    case Type::kBf16: store_real(static_cast<Bfloat*>(data) + i, single); break;
    case Type::kFp8:
      static_cast<std::uint8_t*>(data)[i] = static_cast<std::uint8_t>(encode(kFp8Format, single));
      break;
    case Type::kBool: static_cast<std::uint8_t*>(data)[i] = value != 0; break;
    default: store_whole(type, data, i, static_cast<std::int64_t>(value)); break;
  }
}

/// The type of a name, or false.
inline bool type_from(const std::string& name, Type* type) {
  for (int i = 0; i < 14; ++i) {
    if (name != kTypes[i].name) continue;
    *type = static_cast<Type>(i);
    return true;
  }
  return false;
}

}  // namespace takt::gpu
