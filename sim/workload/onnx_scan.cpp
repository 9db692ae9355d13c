// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/onnx_scan.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace takt {
namespace {

/// The messages of the format, as far as they hold others. kLeaf: strings, numbers, packed lists.
enum class Kind : std::uint8_t {
  kModel,
  kGraph,
  kNode,
  kAttribute,
  kTensor,
  kSparse,
  kValueInfo,
  kType,
  kTypePart,
  kTensorShape,
  kAnnotation,
  kTraining,
  kFunction,
  kEntry,
  kLeaf,
};

struct Edge {
  Kind in;
  std::uint32_t field;
  Kind holds;
};

// Field numbers of onnx.proto (IR version 8). What newer versions add is a leaf here: protobuf
// skips it too, so it costs no more than its bytes.
constexpr Edge kEdges[] = {
    {Kind::kModel, 7, Kind::kGraph},          {Kind::kModel, 8, Kind::kEntry},
    {Kind::kModel, 14, Kind::kEntry},         {Kind::kModel, 20, Kind::kTraining},
    {Kind::kModel, 25, Kind::kFunction},      {Kind::kGraph, 1, Kind::kNode},
    {Kind::kGraph, 5, Kind::kTensor},         {Kind::kGraph, 11, Kind::kValueInfo},
    {Kind::kGraph, 12, Kind::kValueInfo},     {Kind::kGraph, 13, Kind::kValueInfo},
    {Kind::kGraph, 14, Kind::kAnnotation},    {Kind::kGraph, 15, Kind::kSparse},
    {Kind::kNode, 5, Kind::kAttribute},       {Kind::kAttribute, 5, Kind::kTensor},
    {Kind::kAttribute, 6, Kind::kGraph},      {Kind::kAttribute, 10, Kind::kTensor},
    {Kind::kAttribute, 11, Kind::kGraph},     {Kind::kAttribute, 14, Kind::kType},
    {Kind::kAttribute, 15, Kind::kType},      {Kind::kAttribute, 22, Kind::kSparse},
    {Kind::kAttribute, 23, Kind::kSparse},    {Kind::kTensor, 3, Kind::kEntry},
    {Kind::kTensor, 13, Kind::kEntry},        {Kind::kSparse, 1, Kind::kTensor},
    {Kind::kSparse, 2, Kind::kTensor},        {Kind::kValueInfo, 2, Kind::kType},
    {Kind::kType, 1, Kind::kTypePart},        {Kind::kType, 4, Kind::kTypePart},
    {Kind::kType, 5, Kind::kTypePart},        {Kind::kType, 8, Kind::kTypePart},
    {Kind::kType, 9, Kind::kTypePart},        {Kind::kTypePart, 1, Kind::kType},
    {Kind::kTypePart, 2, Kind::kTensorShape}, {Kind::kTensorShape, 1, Kind::kEntry},
    {Kind::kAnnotation, 2, Kind::kEntry},     {Kind::kTraining, 1, Kind::kGraph},
    {Kind::kTraining, 2, Kind::kGraph},       {Kind::kTraining, 3, Kind::kEntry},
    {Kind::kTraining, 4, Kind::kEntry},       {Kind::kFunction, 7, Kind::kNode},
    {Kind::kFunction, 9, Kind::kEntry},
};

Kind kind_of(Kind in, std::uint32_t field) {
  for (const Edge& edge : kEdges) {
    if (edge.in == in && edge.field == field) return edge.holds;
  }
  return Kind::kLeaf;
}

constexpr std::size_t kMaxDepth = 100;  // protobuf's own

class Scanner {
 public:
  explicit Scanner(const std::string& bytes) : bytes_(bytes) {}

  std::string run() {
    open_.push_back({Kind::kModel, bytes_.size()});
    while (!open_.empty()) {
      if (at_ == open_.back().end) {
        open_.pop_back();
        continue;
      }
      if (!step()) return "is damaged at byte " + std::to_string(at_) + ", or no ONNX file";
      if (parts_ > kMaxOnnxParts) {
        return "holds more than " + std::to_string(kMaxOnnxParts) + " parts";
      }
    }
    return "";
  }

 private:
  struct Message {
    Kind kind;
    std::size_t end;
  };

  std::optional<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (at_ >= open_.back().end) return std::nullopt;
      const auto byte = static_cast<unsigned char>(bytes_[at_++]);
      value |= static_cast<std::uint64_t>(byte & 127) << shift;
      if (byte < 128) return value;
    }
    return std::nullopt;
  }

  bool skip(std::uint64_t count) {
    if (count > open_.back().end - at_) return false;
    at_ += static_cast<std::size_t>(count);
    return true;
  }

  /// One field of the innermost message.
  bool step() {
    const auto tag = varint();
    if (!tag || (*tag >> 3) == 0 || (*tag >> 3) > UINT32_MAX) return false;
    switch (*tag & 7) {
      case 0: return varint().has_value();
      case 1: return skip(8);
      case 5: return skip(4);
      case 2: break;
      default: return false;  // groups, which the format does not use
    }
    const auto length = varint();
    if (!length || *length > open_.back().end - at_) return false;
    ++parts_;
    const Kind kind = kind_of(open_.back().kind, static_cast<std::uint32_t>(*tag >> 3));
    if (kind == Kind::kLeaf || kind == Kind::kEntry) return skip(*length);
    if (open_.size() >= kMaxDepth) return false;
    open_.push_back({kind, at_ + static_cast<std::size_t>(*length)});
    return true;
  }

  const std::string& bytes_;
  std::size_t at_ = 0;
  std::size_t parts_ = 0;
  std::vector<Message> open_;
};

}  // namespace

std::string scan_onnx(const std::string& bytes) { return Scanner(bytes).run(); }

}  // namespace takt
