// SPDX-License-Identifier: Apache-2.0
// cuBLASLt, and cuDNN where it was found (TAKT_CUDNN).
#include <cublasLt.h>

#include <memory>

#include "device.h"
#include "library.h"
#if defined(TAKT_CUDNN)
#include <cudnn.h>
#endif

namespace takt::gpu {
namespace {

constexpr std::size_t kWorkspace = std::size_t{64} << 20;

/// Made at the first call and kept: both cost as much as many kernels.
struct Blas {
  cublasLtHandle_t handle = nullptr;
  Memory workspace{kWorkspace};
  Blas() {
    if (cublasLtCreate(&handle) != CUBLAS_STATUS_SUCCESS) throw DeviceError("cublasLtCreate");
  }
};
Blas& blas() {
  static Blas one;
  return one;
}

struct Gemm {
  cublasLtMatmulDesc_t what = nullptr;
  cublasLtMatrixLayout_t a = nullptr, b = nullptr, out = nullptr;
  cublasLtMatmulAlgo_t algorithm{};
  GemmCall call;
  bool usable = false;

  explicit Gemm(const GemmCall& given) : call(given) {
    const bool whole = call.type == Type::kInt8;
    const cudaDataType in = whole ? CUDA_R_8I : call.type == Type::kFp16 ? CUDA_R_16F : CUDA_R_16BF;
    const cudaDataType result = whole ? CUDA_R_32I : in;
    // Its matrices are column by column: ours, row by row, are its transposes. out^T = b * a^T.
    const cublasOperation_t turned = CUBLAS_OP_T;
    if (ok(cublasLtMatmulDescCreate(&what, whole ? CUBLAS_COMPUTE_32I : CUBLAS_COMPUTE_32F,
                                    whole ? CUDA_R_32I : CUDA_R_32F)) &&
        ok(cublasLtMatmulDescSetAttribute(what, CUBLASLT_MATMUL_DESC_TRANSA, &turned,
                                          sizeof turned)) &&
        layout(b, in, call.k, call.n, call.b_batch) &&
        layout(a, in, call.k, call.m, call.a_batch) &&
        layout(out, result, call.n, call.m, call.m * call.n)) {
      usable = choose();
    }
  }
  ~Gemm() {
    for (cublasLtMatrixLayout_t layout : {a, b, out}) {
      if (layout != nullptr) cublasLtMatrixLayoutDestroy(layout);
    }
    if (what != nullptr) cublasLtMatmulDescDestroy(what);
  }
  Gemm(const Gemm&) = delete;
  Gemm& operator=(const Gemm&) = delete;

  static bool ok(cublasStatus_t status) { return status == CUBLAS_STATUS_SUCCESS; }

  bool layout(cublasLtMatrixLayout_t& to, cudaDataType type, std::int64_t rows, std::int64_t cols,
              std::int64_t batch) const {
    const auto count = static_cast<std::int32_t>(call.batches);
    return ok(cublasLtMatrixLayoutCreate(&to, type, static_cast<std::uint64_t>(rows),
                                         static_cast<std::uint64_t>(cols), rows)) &&
           ok(cublasLtMatrixLayoutSetAttribute(to, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &count,
                                               sizeof count)) &&
           ok(cublasLtMatrixLayoutSetAttribute(to, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET,
                                               &batch, sizeof batch));
  }
  /// The algorithm that the library thinks fastest within the workspace; false if it has none.
  bool choose() {
    cublasLtMatmulPreference_t preference = nullptr;
    if (!ok(cublasLtMatmulPreferenceCreate(&preference))) return false;
    const std::size_t most = kWorkspace;
    cublasLtMatmulHeuristicResult_t found{};
    int count = 0;
    const bool chosen =
        ok(cublasLtMatmulPreferenceSetAttribute(
            preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &most, sizeof most)) &&
        ok(cublasLtMatmulAlgoGetHeuristic(blas().handle, what, b, a, out, out, preference, 1,
                                          &found, &count)) &&
        count == 1 && ok(found.state);
    algorithm = found.algo;
    cublasLtMatmulPreferenceDestroy(preference);
    return chosen;
  }
  bool run() const {
    const float one = 1, zero = 0;
    const std::int32_t whole_one = 1, whole_zero = 0;
    const bool whole = call.type == Type::kInt8;
    const void* alpha = whole ? static_cast<const void*>(&whole_one) : &one;
    const void* beta = whole ? static_cast<const void*>(&whole_zero) : &zero;
    return ok(cublasLtMatmul(blas().handle, what, alpha, call.b, b, call.a, a, beta, call.out, out,
                             call.out, out, &algorithm, blas().workspace.data(), kWorkspace,
                             nullptr));
  }
};

#if defined(TAKT_CUDNN)

struct Dnn {
  cudnnHandle_t handle = nullptr;
  Memory workspace{kWorkspace * 4};
  Dnn() {
    if (cudnnCreate(&handle) != CUDNN_STATUS_SUCCESS) throw DeviceError("cudnnCreate");
  }
};
Dnn& dnn() {
  static Dnn one;
  return one;
}

struct Convolution {
  cudnnTensorDescriptor_t x = nullptr, y = nullptr;
  cudnnFilterDescriptor_t filter = nullptr;
  cudnnConvolutionDescriptor_t what = nullptr;
  cudnnConvolutionFwdAlgo_t algorithm{};
  ConvCall call;
  bool usable = false;

  explicit Convolution(const ConvCall& given) : call(given) {
    const cudnnDataType_t type = call.type == Type::kFp16 ? CUDNN_DATA_HALF : CUDNN_DATA_BFLOAT16;
    bool ok = set(cudnnCreateTensorDescriptor(&x)) && set(cudnnCreateTensorDescriptor(&y)) &&
              set(cudnnCreateFilterDescriptor(&filter)) &&
              set(cudnnCreateConvolutionDescriptor(&what));
    ok = ok && set(cudnnSetTensor4dDescriptor(x, CUDNN_TENSOR_NHWC, type, call.n, call.c, call.h,
                                              call.w));
    ok = ok && set(cudnnSetTensor4dDescriptor(y, CUDNN_TENSOR_NHWC, type, call.n, call.o, call.p,
                                              call.q));
    ok = ok && set(cudnnSetFilter4dDescriptor(filter, type, CUDNN_TENSOR_NHWC, call.o,
                                              call.c / call.groups, call.r, call.s));
    ok = ok && set(cudnnSetConvolution2dDescriptor(
                   what, call.pad[0], call.pad[1], call.stride[0], call.stride[1], call.dilation[0],
                   call.dilation[1], CUDNN_CROSS_CORRELATION, CUDNN_DATA_FLOAT));
    ok = ok && set(cudnnSetConvolutionGroupCount(what, call.groups));
    ok = ok && set(cudnnSetConvolutionMathType(what, CUDNN_TENSOR_OP_MATH));
    if (!ok) return;
    cudnnConvolutionFwdAlgoPerf_t found[8];
    int count = 0;
    ok = set(cudnnFindConvolutionForwardAlgorithmEx(dnn().handle, x, call.x, filter, call.weights,
                                                    what, y, call.out, 8, &count, found,
                                                    dnn().workspace.data(), kWorkspace * 4));
    if (!ok || count == 0 || found[0].status != CUDNN_STATUS_SUCCESS) return;
    algorithm = found[0].algo;
    usable = set(cudnnSetConvolutionMathType(what, found[0].mathType));
  }
  ~Convolution() {
    if (what != nullptr) cudnnDestroyConvolutionDescriptor(what);
    if (filter != nullptr) cudnnDestroyFilterDescriptor(filter);
    if (y != nullptr) cudnnDestroyTensorDescriptor(y);
    if (x != nullptr) cudnnDestroyTensorDescriptor(x);
  }
  Convolution(const Convolution&) = delete;
  Convolution& operator=(const Convolution&) = delete;

  static bool set(cudnnStatus_t status) { return status == CUDNN_STATUS_SUCCESS; }
  bool run() const {
    const float one = 1, zero = 0;
    return set(cudnnConvolutionForward(dnn().handle, &one, x, call.x, filter, call.weights, what,
                                       algorithm, dnn().workspace.data(), kWorkspace * 4, &zero, y,
                                       call.out));
  }
};

#endif

/// A launch whose every call is checked; empty if the first fails.
template <class Kernel, class Call>
std::function<void()> launch_of(const Call& call, const char* name) {
  const auto kernel = std::make_shared<Kernel>(call);
  if (!kernel->usable || !kernel->run()) {
    cudaGetLastError();
    return nullptr;
  }
  return [kernel, name] {
    if (!kernel->run()) throw DeviceError(name);
  };
}

}  // namespace

LibraryKernel library_gemm(const GemmCall& call) {
  // Its int8 kernels want leading dimensions in steps of four.
  if (call.type == Type::kInt8 && (call.k % 4 != 0 || call.n % 4 != 0)) return {};
  return {"cublaslt.gemm", launch_of<Gemm>(call, "cublasLtMatmul")};
}

#if defined(TAKT_CUDNN)
LibraryKernel library_conv(const ConvCall& call) {
  if (call.type == Type::kInt8) return {};
  return {"cudnn.conv", launch_of<Convolution>(call, "cudnnConvolutionForward")};
}
#else
LibraryKernel library_conv(const ConvCall&) { return {}; }
#endif

std::string library_versions() {
  std::string text = "cuBLASLt " + std::to_string(cublasLtGetVersion());
#if defined(TAKT_CUDNN)
  text += ", cuDNN " + std::to_string(cudnnGetVersion());
#endif
  return text;
}

}  // namespace takt::gpu
