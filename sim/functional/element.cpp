// SPDX-License-Identifier: Apache-2.0
#include "sim/functional/element.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "sim/base/check.h"

namespace takt {
namespace {

/// A binary floating-point format: 1 sign, `exponent` and `mantissa` bits.
struct Format {
  int exponent, mantissa;
  double largest;
  bool saturates;  ///< no infinity: E4M3 of the OCP 8-bit specification (2023)
  int bias() const { return (1 << (exponent - 1)) - 1; }
};
constexpr Format kFp16{5, 10, 65504, false};
constexpr Format kBf16{8, 7, 0x1.FEp127, false};
constexpr Format kFp8{4, 3, 448, true};

const Format& format_of(DType dtype) {
  return dtype == DType::kFp16 ? kFp16 : dtype == DType::kBf16 ? kBf16 : kFp8;
}

double round_format(const Format& f, double value) {
  if (value == 0 || std::isnan(value)) return value;
  if (std::isinf(value)) return f.saturates ? std::copysign(f.largest, value) : value;
  int exponent = 0;
  std::frexp(value, &exponent);
  // Steps of 2^(exponent-1-mantissa), but never finer than the smallest subnormal.
  const int step = std::max(exponent - 1, 1 - f.bias()) - f.mantissa;
  const double out = std::ldexp(std::nearbyint(std::ldexp(value, -step)), step);
  if (std::abs(out) <= f.largest) return out;
  return std::copysign(f.saturates ? f.largest : std::numeric_limits<double>::infinity(), value);
}

std::uint32_t encode(const Format& f, double value) {
  const std::uint32_t sign = std::signbit(value) ? 1U << (f.exponent + f.mantissa) : 0;
  const std::uint32_t top = (1U << f.exponent) - 1;
  if (std::isnan(value)) return sign | (top << f.mantissa) | ((1U << f.mantissa) - 1);
  if (std::isinf(value)) return sign | (top << f.mantissa);
  if (value == 0) return sign;
  int exponent = 0;
  std::frexp(value, &exponent);
  const int biased = exponent - 1 + f.bias();
  const int step = std::max(exponent - 1, 1 - f.bias()) - f.mantissa;
  const auto digits = static_cast<std::uint32_t>(std::abs(std::ldexp(value, -step)));
  if (biased <= 0) return sign | digits;  // subnormal
  return sign | (static_cast<std::uint32_t>(biased) << f.mantissa) |
         (digits & ((1U << f.mantissa) - 1));
}

double decode(const Format& f, std::uint32_t bits) {
  const std::uint32_t top = (1U << f.exponent) - 1, ones = (1U << f.mantissa) - 1;
  const double sign = (bits >> (f.exponent + f.mantissa)) & 1 ? -1 : 1;
  const std::uint32_t exponent = (bits >> f.mantissa) & top, digits = bits & ones;
  if (exponent == top && (!f.saturates || digits == ones)) {
    if (digits != 0) return std::numeric_limits<double>::quiet_NaN();
    return sign * std::numeric_limits<double>::infinity();
  }
  const std::uint32_t whole = exponent == 0 ? digits : digits | (1U << f.mantissa);
  const int shift = (exponent == 0 ? 1 : static_cast<int>(exponent)) - f.bias() - f.mantissa;
  return sign * std::ldexp(static_cast<double>(whole), shift);
}

template <class T>
T raw(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}
template <class T>
void put(std::byte* at, T value) {
  std::memcpy(at, &value, sizeof value);
}

template <class T>
double wrapped(double value) {
  // 2^63 and beyond have no 64-bit pattern; nothing here comes near.
  CHECK(std::abs(value) < 0x1p63) << value << " is no whole number of a network";
  return static_cast<double>(static_cast<T>(static_cast<std::int64_t>(value)));
}

}  // namespace

double rounded(DType dtype, double value) {
  switch (dtype) {
    case DType::kInt8: return wrapped<std::int8_t>(value);
    case DType::kInt16: return wrapped<std::int16_t>(value);
    case DType::kInt32: return wrapped<std::int32_t>(value);
    case DType::kInt64: return wrapped<std::int64_t>(value);
    case DType::kUInt8: return wrapped<std::uint8_t>(value);
    case DType::kUInt16: return wrapped<std::uint16_t>(value);
    case DType::kUInt32: return wrapped<std::uint32_t>(value);
    case DType::kUInt64: return wrapped<std::uint64_t>(value);
    case DType::kBool: return value != 0;
    case DType::kFp32: return static_cast<double>(static_cast<float>(value));
    case DType::kFp64: return value;
    case DType::kFp8:
    case DType::kBf16:
    case DType::kFp16: return round_format(format_of(dtype), value);
  }
  return value;
}

double load_element(DType dtype, const std::byte* at) {
  switch (dtype) {
    case DType::kInt8: return raw<std::int8_t>(at);
    case DType::kInt16: return raw<std::int16_t>(at);
    case DType::kInt32: return raw<std::int32_t>(at);
    case DType::kInt64: return static_cast<double>(raw<std::int64_t>(at));
    case DType::kUInt8:
    case DType::kBool: return raw<std::uint8_t>(at);
    case DType::kUInt16: return raw<std::uint16_t>(at);
    case DType::kUInt32: return raw<std::uint32_t>(at);
    case DType::kUInt64: return static_cast<double>(raw<std::uint64_t>(at));
    case DType::kFp32: return static_cast<double>(raw<float>(at));
    case DType::kFp64: return raw<double>(at);
    case DType::kFp8: return decode(kFp8, raw<std::uint8_t>(at));
    case DType::kBf16: return decode(kBf16, raw<std::uint16_t>(at));
    case DType::kFp16: return decode(kFp16, raw<std::uint16_t>(at));
  }
  return 0;
}

void store_element(DType dtype, std::byte* at, double value) {
  switch (dtype) {
    case DType::kInt8: return put(at, static_cast<std::int8_t>(value));
    case DType::kInt16: return put(at, static_cast<std::int16_t>(value));
    case DType::kInt32: return put(at, static_cast<std::int32_t>(value));
    case DType::kInt64: return put(at, static_cast<std::int64_t>(value));
    case DType::kUInt8: return put(at, static_cast<std::uint8_t>(value));
    case DType::kBool: return put(at, static_cast<std::uint8_t>(value != 0));
    case DType::kUInt16: return put(at, static_cast<std::uint16_t>(value));
    case DType::kUInt32: return put(at, static_cast<std::uint32_t>(value));
    case DType::kUInt64: return put(at, static_cast<std::uint64_t>(value));
    case DType::kFp32: return put(at, static_cast<float>(value));
    case DType::kFp64: return put(at, value);
    case DType::kFp8: return put(at, static_cast<std::uint8_t>(encode(kFp8, value)));
    case DType::kBf16: return put(at, static_cast<std::uint16_t>(encode(kBf16, value)));
    case DType::kFp16: return put(at, static_cast<std::uint16_t>(encode(kFp16, value)));
  }
}

}  // namespace takt
