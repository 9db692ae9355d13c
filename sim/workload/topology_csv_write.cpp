// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/topology_csv_write.h"

#include <algorithm>
#include <cctype>
#include <sstream>

namespace takt {
namespace {

/// No window: rows times reduction times columns.
bool is_product(const MatrixWork& w) {
  const bool window = (w.r > 1 && w.p > 1) || (w.s > 1 && w.q > 1) || w.pad_h > 0 || w.pad_w > 0 ||
                      w.stride_h > 1 || w.stride_w > 1;
  return !window && (w.q == 1 || w.r * w.s > 1);
}

std::string cell(std::string name) {
  const auto splits = [](unsigned char c) { return c == ',' || std::iscntrl(c) != 0; };
  std::replace_if(name.begin(), name.end(), splits, '_');
  return name;
}

void write_gemm(std::ostream& out, const Region& region) {
  const MatrixWork& w = region.matrix;
  for (std::int64_t g = 0; g < w.g; ++g) {
    out << cell(region.name);
    if (w.g > 1) out << '.' << g;
    out << ", " << w.n * w.p * w.q << ", " << w.o << ", " << w.r * w.s * w.c << ",\n";
  }
}

void write_conv(std::ostream& out, const Region& region) {
  const MatrixWork& w = region.matrix;
  const bool product = is_product(w);
  const std::int64_t images = product ? 1 : w.n;
  const std::int64_t p = product ? w.n * w.p * w.q : w.p, q = product ? 1 : w.q;
  const std::int64_t r = product ? 1 : w.r, s = product ? 1 : w.s;
  const std::int64_t c = product ? w.r * w.s * w.c : w.c;
  // One stride for both directions: the height's. The input is what that many windows cover.
  const std::int64_t stride = w.stride_h;
  for (std::int64_t i = 0; i < images * w.g; ++i) {
    out << cell(region.name);
    if (images * w.g > 1) out << '.' << i;
    out << ", " << (p - 1) * stride + r << ", " << (q - 1) * stride + s << ", " << r << ", " << s
        << ", " << c << ", " << w.o << ", " << stride << ",\n";
  }
}

}  // namespace

Result<std::string> write_topology(const RegionGraph& regions) {
  bool gemms = true, any = false;
  for (const Region& region : regions.regions) {
    if (region.kind != Region::Kind::kMatrix) continue;
    any = true;
    gemms = gemms && is_product(region.matrix);
  }
  if (!any) {
    Diagnostic diagnostic;
    diagnostic.kind = ErrorKind::kUnsupported;
    diagnostic.name = "E-unsupported-form";
    diagnostic.message = "no layer of '" + regions.name + "' is a convolution or a product";
    diagnostic.hint = "a SCALE-Sim topology has nothing else";
    return diagnostic;
  }
  std::ostringstream out;
  out << (gemms ? "Layer, M, N, K,\n"
                : "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, "
                  "Num Filter, Strides,\n");
  for (const Region& region : regions.regions) {
    if (region.kind != Region::Kind::kMatrix) continue;
    if (gemms) {
      write_gemm(out, region);
    } else {
      write_conv(out, region);
    }
  }
  return out.str();
}

}  // namespace takt
