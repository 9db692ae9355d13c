// SPDX-License-Identifier: Apache-2.0
// takt_cuda as a command: what it says and how it ends, by the build that runs on the processor.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace takt {
namespace {

namespace fs = std::filesystem;

struct Said {
  int code = -1;
  std::string text;  ///< on the standard error
};

class CudaProgram : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "takt_program_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
  }
  std::string read(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  Said run(const std::string& arguments) const {
    const std::string command = std::string(TAKT_CUDA_ON_HOST) + " " + arguments + " 2>" +
                                path("said") + " >" + path("out") + " </dev/null";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read("said")};
  }

  std::string folder_;
};

const std::string kList =
    "takt_layers 2 net batch 1 precision int8\n"
    "tensor 0 x input int8 2,3 aa signed=127\n"
    "tensor 1 y activation int8 2,3 bb output\n"
    "op 0 r unary 1 0 1 1 function=relu alpha=0 beta=0\n";

TEST_F(CudaProgram, TakesNumbersOnly) {
  write("net", kList);
  const std::string list = "run " + path("net");
  EXPECT_EQ(run(list + " --seed 18446744073709551615").code, 0);
  for (const char* seed : {"abc", "''", "-1", "1.5", "18446744073709551616", "' 1'"}) {
    const Said said = run(list + " --seed " + seed);
    EXPECT_EQ(said.code, 2) << seed;
    EXPECT_EQ(said.text.find("takt_cuda: --seed needs a whole number below 2^64, not '"), 0U)
        << said.text;
  }
  for (const char* budget : {"''", "-1", "1s", "nan", "inf"}) {
    const Said said = run(list + " --budget " + budget);
    EXPECT_EQ(said.code, 2) << budget;
    EXPECT_EQ(said.text.find("takt_cuda: --budget needs a number, not '"), 0U) << said.text;
  }
  EXPECT_EQ(run(list + " --budget").code, 2);
  EXPECT_EQ(run(list + " -o").text.find("takt_cuda: -o needs a file"), 0U);
  EXPECT_EQ(run(list + " -o ''").code, 2);
  EXPECT_EQ(run(list + " --seed").code, 2);
}

TEST_F(CudaProgram, NamesAllThatItCannotRun) {
  write("net",
        "takt_layers 2 net batch 1 precision int8\n"
        "tensor 0 x input int8 2,3 aa signed=127\n"
        "tensor 1 y activation int8 2,2 bb\n"
        "tensor 2 z activation int64 2,2 cc\n"
        "tensor 3 l activation int8 2,2 dd output\n"
        "op 0 best top_k 1 0 2 1 2 axes=1 k=2\n"
        "op 1 memory lstm 1 1 1 3 hidden=2\n");
  const Said said =
      run("run " + path("net") + " -o " + path("record") + " --tensors " + path("tensors"));
  EXPECT_EQ(said.code, 4);
  EXPECT_EQ(said.text,
            "node 'best': operator 'top_k' has no kernel here\n"
            "node 'memory': operator 'lstm' has no kernel here\n");
  EXPECT_FALSE(fs::exists(path("record")));
  EXPECT_FALSE(fs::exists(path("tensors")));
}

TEST_F(CudaProgram, WritesWholeFilesOrNone) {
  write("net", kList);
  write("tensors", "before");
  const std::string list = "run " + path("net") + " --no-times -o " + path("record");
  EXPECT_EQ(run(list + " --tensors " + path("tensors")).code, 0);
  EXPECT_EQ(read("tensors").find("takt_tensors 1\ntensor 0 int8 6\n"), 0U);
  EXPECT_FALSE(fs::exists(path("tensors.part")));
  EXPECT_FALSE(fs::exists(path("record.part")));

  const Said said = run(list + " --tensors " + path("missing/tensors"));
  EXPECT_EQ(said.code, 3);
  EXPECT_EQ(said.text, path("missing/tensors") + ": error: cannot be written\n");
  // A device without room: nothing is replaced by it, and the failure is seen.
  if (fs::exists("/dev/full")) {
    EXPECT_EQ(run(list + " --tensors /dev/full").code, 3);
    EXPECT_TRUE(fs::is_character_file("/dev/full"));
  }
}

TEST_F(CudaProgram, SaysWhatIsWrongWithAList) {
  write("net", kList + "op 1 again reshape 1 0 1 1\n");
  const Said said = run("run " + path("net"));
  EXPECT_EQ(said.code, 3);
  EXPECT_EQ(said.text,
            path("net") + ":5: error: op 'again' makes tensor 'y', which has values already\n");
  EXPECT_EQ(run("run " + path("none")).code, 3);
}

}  // namespace
}  // namespace takt
