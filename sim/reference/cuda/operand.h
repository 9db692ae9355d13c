// SPDX-License-Identifier: Apache-2.0
#pragma once
// Operands and results of kernels.

#include "arithmetic.h"
#include "walk.h"

namespace takt::gpu {

/// A tensor of any type.
struct Any {
  Type type = Type::kInt8;
  void* data = nullptr;
  TAKT_HD std::int64_t whole(std::int64_t i) const { return load_whole(type, data, i); }
  TAKT_HD Real real(std::int64_t i) const { return load_real(type, data, i); }
};

/// A tensor whose type the kernel is made for.
template <class T>
struct Typed {
  const T* data;
  explicit Typed(Any any) : data(static_cast<const T*>(any.data)) {}
  TAKT_HD Real real(std::int64_t i) const { return static_cast<Real>(real_of(data[i])); }
  TAKT_HD std::int64_t whole(std::int64_t i) const {
    if constexpr (sizeof(T) == 1) {
      return data[i];
    } else {
      return static_cast<std::int64_t>(real_of(data[i]));
    }
  }
};

/// Where results go. Wide ones are kept whole in `wide` if that is set, else brought back at once
/// by the known factor.
struct Out {
  Any tensor;
  bool scaled = false;
  std::uint32_t multiplier = 1U << 31;
  std::int64_t* wide = nullptr;

  TAKT_HD void whole(std::int64_t i, std::int64_t value) const {
    if (wide != nullptr) {
      wide[i] = value;
    } else {
      store_whole(tensor.type, tensor.data, i,
                  scaled ? requantise(value, multiplier, tensor.type) : value);
    }
  }
  TAKT_HD void real(std::int64_t i, Real value) const {
    store_real(tensor.type, tensor.data, i, value);
  }
};

/// Calls `use(Typed<T>(x))` for the types that kernels are made for, else `use(x)`.
template <class F>
void by_type(Any x, const F& use) {
  switch (x.type) {
    case Type::kInt8: use(Typed<std::int8_t>(x)); break;
    case Type::kFp16: use(Typed<Half>(x)); break;
    case Type::kBf16: use(Typed<Bfloat>(x)); break;
    case Type::kFp32: use(Typed<float>(x)); break;
    default: use(x); break;
  }
}

}  // namespace takt::gpu
