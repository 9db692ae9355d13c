// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/run_length.h"

#include <algorithm>
#include <cmath>

#include "sim/base/math.h"

namespace takt {

// A pair holds a run of up to L = 2^run_bits - 1 zeros and the value behind it, which is a zero if
// the run goes on. With zeros at random, a share z of all, a pair stands for so many elements:
//   sum over i = 0 … L of z^i = (1 - z^(L+1)) / (1 - z)
// Eyeriss (Chen et al., JSSC 2017, Section IV-B): 5 bits of run, 16 of value, three pairs in 64
// bits.
Bytes compressed(const RunLengthCode& code, DType dtype, Bytes size, std::uint32_t zero_ppm) {
  constexpr double kMillion = 1e6;
  if (code.word_bits == 0 || zero_ppm == 0 || size.value() == 0) return size;
  const std::uint64_t element = bytes_of(dtype);
  const std::uint64_t pairs_a_word = (code.word_bits - 1) / (code.run_bits + 8 * element);
  if (pairs_a_word == 0) return size;
  const double longest = std::ldexp(1.0, static_cast<int>(code.run_bits));
  const double zeros = std::min(1.0, zero_ppm / kMillion);
  const double elements_a_pair =
      zeros >= 1.0 ? longest : (1.0 - std::pow(zeros, longest)) / (1.0 - zeros);
  const auto elements = static_cast<double>(size.value() / element);
  const auto pairs = static_cast<std::uint64_t>(std::ceil(elements / elements_a_pair));
  const std::uint64_t words = ceil_div(std::max<std::uint64_t>(1, pairs), pairs_a_word);
  return std::min(size, Bytes(ceil_div(words * code.word_bits, 8)));
}

}  // namespace takt
