// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/workload_layers.h"

#include <sstream>

namespace takt {
namespace {

std::string one_word(std::string name) {
  for (char& c : name) {
    if (std::isspace(static_cast<unsigned char>(c)) != 0) c = '_';
  }
  return name.empty() ? "_" : name;
}

void write_matrix(std::ostream& out, const MatrixWork& w) {
  out << " g " << w.g << " n " << w.n << " p " << w.p << " q " << w.q << " o " << w.o << " r "
      << w.r << " s " << w.s << " c " << w.c << " in_h " << w.in_h << " in_w " << w.in_w
      << " stride_h " << w.stride_h << " stride_w " << w.stride_w << " dilation_h " << w.dilation_h
      << " dilation_w " << w.dilation_w << " pad_h " << w.pad_h << " pad_w " << w.pad_w;
}

}  // namespace

std::string write_layers(const RegionGraph& regions) {
  std::ostringstream out;
  out << "takt_layers 1 " << one_word(regions.name) << " batch " << regions.batch << '\n';
  for (const Region& region : regions.regions) {
    const bool matrix = region.kind == Region::Kind::kMatrix;
    out << (matrix ? "matrix " : "vector ") << one_word(region.name) << ' ' << one_word(region.op)
        << ' ' << to_string(region.dtype);
    if (matrix) {
      write_matrix(out, region.matrix);
    } else {
      out << " images " << region.vector.images << " rows " << region.vector.rows << " elements "
          << region.vector.row_elements;
    }
    out << " steps";
    for (const VectorStep& step : region.epilogue) out << ' ' << one_word(step.what);
    out << '\n';
  }
  return out.str();
}

}  // namespace takt
