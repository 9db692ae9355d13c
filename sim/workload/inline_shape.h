// SPDX-License-Identifier: Apache-2.0
#pragma once
// A single layer written on the command line:
//   gemm:m=512,n=512,k=512[,batch=1][,dtype=int8]
//   conv:n=1,c=64,h=56,w=56,k=64,r=3,s=3[,stride=1][,pad=0][,groups=1][,dilation=1][,dtype=int8]
// w is h and s is r if not given. The first operand arrives over the host link, the second is a
// parameter; gemm's batch counts products of their own, each with its own second operand.

#include <string>

#include "sim/base/result.h"
#include "sim/ir/graph.h"
#include "sim/workload/workload.h"

namespace takt {

/// Does `text` start like one of the forms?
bool is_inline_shape(const std::string& text);
Result<Graph> read_inline_shape(const std::string& text, const WorkloadOptions& options);

/// What a layer of either form is made of; also what a row of a topology file says.
struct GemmShape {
  std::int64_t m = 1, n = 1, k = 1, batch = 1;
};
struct ConvShape {
  std::int64_t n = 1, c = 1, h = 1, w = 1, k = 1, r = 1, s = 1;
  std::int64_t stride_h = 1, stride_w = 1, pad = 0, groups = 1, dilation = 1;
};
/// Adds the layer `name` with an input and a parameter of its own; its result is an output.
Diagnostics add_gemm(Graph& graph, const std::string& name, const GemmShape& shape, DType dtype);
Diagnostics add_conv(Graph& graph, const std::string& name, const ConvShape& shape, DType dtype);

}  // namespace takt
