// SPDX-License-Identifier: Apache-2.0
// Files that were cut off or have bits turned: a graph or an error with the file's name, never a
// crash.
#include <gtest/gtest.h>

#include "sim/base/random.h"
#include "sim/ir/verify.h"
#include "tests/support/onnx_model.h"

namespace takt {
namespace {

using test::Ints;
using test::Names;
using test::OnnxModel;

/// A network with a bit of everything: shape arithmetic, weights, attributes of all kinds.
void fill(OnnxModel& m) {
  m.input("x", Names{"batch", "3", "8", "8"});
  m.weight("w", {4, 3, 3, 3});
  m.weight("b", {4}, {1, 2, 3, 4});
  m.node("Conv", {"x", "w", "b"}, {"c"}).with("pads", Ints{1, 1, 1, 1}).with("strides", Ints{2, 2});
  m.node("Clip", {"c", "low", "high"}, {"k"});
  m.scalar("low", 0);
  m.scalar("high", 6);
  m.node("MaxPool", {"k"}, {"p"}).with("kernel_shape", Ints{2, 2}).with("auto_pad", "SAME_UPPER");
  m.node("Shape", {"p"}, {"s"});
  m.ints("rest", {-1});
  m.int_scalar("zero", 0);
  m.node("Gather", {"s", "zero"}, {"n"});
  m.ints("axes", {0});
  m.node("Unsqueeze", {"n", "axes"}, {"u"});
  m.node("Concat", {"u", "rest"}, {"t"}).with("axis", 0);
  m.node("Reshape", {"p", "t"}, {"f"});
  m.weight("g", {5, 64});
  m.node("Gemm", {"f", "g"}, {"y"}).with("transB", 1).with("alpha", 0.5F);
  m.output("y");
}

class OnnxDamaged : public testing::Test {
 protected:
  OnnxDamaged() {
    OnnxModel m;
    fill(m);
    sound_ = m.bytes();
  }

  /// Reads `bytes`; what comes out must be a proper graph or a proper error.
  bool read(const std::string& bytes) {
    const auto graph = read_onnx_bytes(kPath, bytes, {});
    if (graph) {
      EXPECT_TRUE(verify(*graph).empty());
      return true;
    }
    const int code = exit_code(graph.errors());
    EXPECT_TRUE(code == 3 || code == 4) << to_string(graph.errors());
    for (const Diagnostic& error : graph.errors()) {
      EXPECT_EQ(error.place.file, kPath);
      EXPECT_FALSE(error.message.empty());
    }
    return false;
  }

  static constexpr const char* kPath = "no/such/folder/damaged.onnx";
  std::string sound_;
};

TEST_F(OnnxDamaged, TheSoundOneIsRead) { EXPECT_TRUE(read(sound_)); }

TEST_F(OnnxDamaged, CutOffAnywhere) {
  for (std::size_t size = 0; size < sound_.size(); ++size) {
    EXPECT_FALSE(read(sound_.substr(0, size)) && size < sound_.size() / 2) << size;
  }
}

TEST_F(OnnxDamaged, EveryBitTurned) {
  for (std::size_t i = 0; i < sound_.size() * 8; ++i) {
    std::string bytes = sound_;
    bytes[i / 8] = static_cast<char>(bytes[i / 8] ^ (1 << (i % 8)));
    read(bytes);
  }
}

TEST_F(OnnxDamaged, RandomBytesInRandomPlaces) {
  Random random(20240607);
  for (int i = 0; i < 4000; ++i) {
    std::string bytes = sound_;
    for (std::uint64_t n = random.between(1, 8); n > 0; --n) {
      bytes[random.between(0, bytes.size() - 1)] = static_cast<char>(random.between(0, 255));
    }
    read(bytes);
  }
}

TEST_F(OnnxDamaged, PiecesTakenOutAndDoubled) {
  Random random(7);
  for (int i = 0; i < 2000; ++i) {
    const std::size_t at = random.between(0, sound_.size() - 1);
    const std::size_t length = random.between(1, 64);
    std::string bytes = sound_;
    if (i % 2 == 0) bytes.erase(at, length);
    if (i % 2 == 1) bytes.insert(at, sound_.substr(at, length));
    read(bytes);
  }
}

TEST_F(OnnxDamaged, NoFileOfThisKind) {
  EXPECT_FALSE(read(""));
  EXPECT_FALSE(read("name: resnet18\nlayers: []\n"));
  EXPECT_FALSE(read(std::string(100000, '\0')));
  EXPECT_FALSE(read(std::string(100000, '\xff')));
}

TEST_F(OnnxDamaged, WrongTypesEverywhere) {
  // Each attribute in turn under each type there is.
  for (int node = 0;; ++node) {
    OnnxModel m;
    fill(m);
    if (node >= m.graph().node_size()) break;
    for (int i = 0; i < m.graph().node(node).attribute_size(); ++i) {
      for (int type = 0; type <= 14; ++type) {
        OnnxModel changed;
        fill(changed);
        if (!onnx::AttributeProto::AttributeType_IsValid(type)) continue;
        changed.graph().mutable_node(node)->mutable_attribute(i)->set_type(
            static_cast<onnx::AttributeProto::AttributeType>(type));
        read(changed.bytes());
      }
    }
  }
}

}  // namespace
}  // namespace takt
