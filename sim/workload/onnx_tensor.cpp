// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/onnx_tensor.h"

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

#include "sim/base/math.h"
#include "sim/ir/fold.h"
#include "sim/ir/shape.h"

namespace takt {
namespace {

struct OnnxType {
  std::int64_t code;
  std::string_view name;
  std::optional<DType> dtype;
};

// TensorProto.DataType, up to those of IR version 10 that the installed onnx.proto may not name.
constexpr OnnxType kTypes[] = {
    {1, "float", DType::kFp32},        {2, "uint8", DType::kUInt8},
    {3, "int8", DType::kInt8},         {4, "uint16", DType::kUInt16},
    {5, "int16", DType::kInt16},       {6, "int32", DType::kInt32},
    {7, "int64", DType::kInt64},       {8, "string", std::nullopt},
    {9, "bool", DType::kBool},         {10, "float16", DType::kFp16},
    {11, "double", DType::kFp64},      {12, "uint32", DType::kUInt32},
    {13, "uint64", DType::kUInt64},    {14, "complex64", std::nullopt},
    {15, "complex128", std::nullopt},  {16, "bfloat16", DType::kBf16},
    {17, "float8e4m3fn", DType::kFp8}, {18, "float8e4m3fnuz", DType::kFp8},
    {19, "float8e5m2", DType::kFp8},   {20, "float8e5m2fnuz", DType::kFp8},
    {21, "uint4", std::nullopt},       {22, "int4", std::nullopt},
};

const OnnxType* find_type(std::int64_t code) {
  for (const OnnxType& type : kTypes) {
    if (type.code == code) return &type;
  }
  return nullptr;
}

/// IEEE binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits.
double half_to_double(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 31;
  const int fraction = bits & 1023;
  double value = 0;
  if (exponent == 31) {
    value = fraction ? std::numeric_limits<double>::quiet_NaN()
                     : std::numeric_limits<double>::infinity();
  } else if (exponent == 0) {
    value = fraction * 0x1p-24;
  } else {
    value = (fraction + 1024) * std::ldexp(1.0, exponent - 25);
  }
  return bits & 0x8000 ? -value : value;
}

/// bfloat16 is the upper half of a float.
double brain_to_double(std::uint16_t bits) {
  const std::uint32_t wide = static_cast<std::uint32_t>(bits) << 16;
  float value = 0;
  std::memcpy(&value, &wide, sizeof value);
  return static_cast<double>(value);
}

/// Little-endian elements, as raw_data and external files hold them.
template <class T>
T load(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

/// Element `i` of raw bytes as a whole number, or as a float.
std::int64_t raw_int(DType dtype, const char* at) {
  switch (dtype) {
    case DType::kInt8: return load<std::int8_t>(at);
    case DType::kInt16: return load<std::int16_t>(at);
    case DType::kInt32: return load<std::int32_t>(at);
    case DType::kUInt16: return load<std::uint16_t>(at);
    case DType::kUInt32: return load<std::uint32_t>(at);
    case DType::kInt64:
    case DType::kUInt64: return load<std::int64_t>(at);
    case DType::kBool: return *at != 0;
    default: return load<std::uint8_t>(at);
  }
}
double raw_float(DType dtype, const char* at) {
  switch (dtype) {
    case DType::kFp64: return load<double>(at);
    case DType::kFp16: return half_to_double(load<std::uint16_t>(at));
    case DType::kBf16: return brain_to_double(load<std::uint16_t>(at));
    default: return static_cast<double>(load<float>(at));
  }
}

/// Elements out of raw bytes; "" or what is wrong.
std::string from_raw(const std::string& raw, std::int64_t count, Tensor& tensor) {
  const std::size_t width = bytes_of(tensor.dtype);
  if (raw.size() != static_cast<std::size_t>(count) * width) {
    return "holds " + std::to_string(raw.size()) + " bytes, " + to_string(tensor.shape) +
           " needs " + std::to_string(static_cast<std::size_t>(count) * width);
  }
  if (tensor.dtype == DType::kFp8) return "";  // four encodings; nothing here needs the values
  if (info(tensor.dtype).is_float) {
    Tensor::FloatData out;
    for (std::size_t i = 0; i < raw.size(); i += width) {
      out.push_back(raw_float(tensor.dtype, raw.data() + i));
    }
    tensor.constant = std::move(out);
  } else {
    Tensor::IntData out;
    for (std::size_t i = 0; i < raw.size(); i += width) {
      out.push_back(raw_int(tensor.dtype, raw.data() + i));
    }
    tensor.constant = std::move(out);
  }
  return "";
}

/// Elements out of the list that suits the type: float_data, int32_data, int64_data …
std::string from_lists(const onnx::TensorProto& proto, std::int64_t count, Tensor& tensor) {
  const auto wrong_count = [&](int stored) {
    return "holds " + std::to_string(stored) + " elements, " + to_string(tensor.shape) + " has " +
           std::to_string(count);
  };
  const auto whole = [&](const auto& list) -> std::string {
    if (list.size() != count) return wrong_count(list.size());
    Tensor::IntData out;
    for (const auto value : list)
      out.push_back(wrap(tensor.dtype, static_cast<std::int64_t>(value)));
    tensor.constant = std::move(out);
    return "";
  };
  const auto real = [&](const auto& list) -> std::string {
    if (list.size() != count) return wrong_count(list.size());
    tensor.constant = Tensor::FloatData(list.begin(), list.end());
    return "";
  };
  switch (tensor.dtype) {
    case DType::kFp32: return real(proto.float_data());
    case DType::kFp64: return real(proto.double_data());
    case DType::kInt64: return whole(proto.int64_data());
    case DType::kUInt32:
    case DType::kUInt64: return whole(proto.uint64_data());
    case DType::kFp16:
    case DType::kBf16: {  // their bits, one element in each int32
      if (proto.int32_data_size() != count) return wrong_count(proto.int32_data_size());
      Tensor::FloatData out;
      for (const std::int32_t bits : proto.int32_data()) {
        const auto narrow = static_cast<std::uint16_t>(bits);
        out.push_back(tensor.dtype == DType::kFp16 ? half_to_double(narrow)
                                                   : brain_to_double(narrow));
      }
      tensor.constant = std::move(out);
      return "";
    }
    case DType::kFp8: return "";
    default: return whole(proto.int32_data());
  }
}

/// Where external data lies: location, offset and length.
struct External {
  std::string location;
  std::uint64_t offset = 0;
};

/// "" or what is wrong with where the file says its data lies.
std::string external_place(const onnx::TensorProto& proto, External& out) {
  for (const auto& entry : proto.external_data()) {
    if (entry.key() == "location") out.location = entry.value();
    if (entry.key() != "offset") continue;
    out.offset = 0;
    for (const char digit : entry.value()) {
      if (digit < '0' || digit > '9' || out.offset > UINT64_MAX / 20) {
        return "has external data at offset '" + entry.value() + "'";
      }
      out.offset = out.offset * 10 + static_cast<std::uint64_t>(digit - '0');
    }
  }
  const std::filesystem::path place(out.location);
  bool inside = !out.location.empty() && !place.is_absolute();
  for (const auto& part : place) inside = inside && part != "..";
  if (!inside) return "has external data outside the model's folder: '" + out.location + "'";
  return "";
}

/// The bytes, or nothing if they cannot be had.
std::optional<std::string> read_external(const std::string& folder, const External& place,
                                         std::size_t size) {
  std::error_code code;
  const std::filesystem::path base = folder.empty() ? "." : folder;
  const auto target = std::filesystem::weakly_canonical(base / place.location, code);
  if (code) return std::nullopt;
  const auto root = std::filesystem::weakly_canonical(base, code);
  if (code) return std::nullopt;
  // A link inside the folder may lead out of it: then the data is as good as missing.
  const auto inside = target.lexically_relative(root);
  if (inside.empty() || *inside.begin() == "..") return std::nullopt;
  if (!std::filesystem::is_regular_file(target, code)) return std::nullopt;
  std::ifstream file(target, std::ios::binary);
  std::string bytes(size, '\0');
  if (!file.seekg(static_cast<std::streamoff>(place.offset & INT64_MAX)) ||
      !file.read(bytes.data(), static_cast<std::streamsize>(size))) {
    return std::nullopt;
  }
  return bytes;
}

std::string read_values(const onnx::TensorProto& proto, const std::string& folder, Tensor& tensor) {
  const auto count = element_count(tensor.shape);
  if (!count) return "has a shape out of bounds: " + to_string(tensor.shape);
  const bool external = proto.data_location() == onnx::TensorProto::EXTERNAL;
  External place;
  if (external) {
    const std::string problem = external_place(proto, place);
    if (!problem.empty()) return problem;
  }
  if (*count > kMaxConstantElements) return "";
  if (external) {
    const auto bytes =
        read_external(folder, place, static_cast<std::size_t>(*count) * bytes_of(tensor.dtype));
    return bytes ? from_raw(*bytes, *count, tensor) : "";
  }
  return proto.has_raw_data() ? from_raw(proto.raw_data(), *count, tensor)
                              : from_lists(proto, *count, tensor);
}

}  // namespace

std::optional<DType> dtype_of_onnx(std::int64_t data_type) {
  const OnnxType* type = find_type(data_type);
  return type ? type->dtype : std::nullopt;
}

std::string onnx_type_name(std::int64_t data_type) {
  const OnnxType* type = find_type(data_type);
  return type ? std::string(type->name) : "type " + std::to_string(data_type);
}

StoredValue read_tensor(const onnx::TensorProto& proto, const std::string& folder) {
  StoredValue out;
  out.tensor.name = proto.name();
  out.tensor.kind = TensorKind::kParameter;
  if (proto.has_segment()) {
    out.problem = "is stored in segments, which nobody writes";
    return out;
  }
  const auto dtype = dtype_of_onnx(proto.data_type());
  if (!dtype) {
    out.problem = "has elements of type " + onnx_type_name(proto.data_type());
    out.unsupported = true;
    return out;
  }
  out.tensor.dtype = *dtype;
  if (static_cast<std::size_t>(proto.dims_size()) > kMaxRank) {
    out.problem = "has " + std::to_string(proto.dims_size()) + " dimensions";
    return out;
  }
  out.tensor.shape.assign(proto.dims().begin(), proto.dims().end());
  out.problem = read_values(proto, folder, out.tensor);
  return out;
}

}  // namespace takt
