// SPDX-License-Identifier: Apache-2.0
// Where files are found and how they are written.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "sim/app/output_folder.h"
#include "sim/app/progress.h"
#include "sim/app/share_paths.h"

namespace takt {
namespace {

namespace fs = std::filesystem;

class Files : public ::testing::Test {
 protected:
  Files() : folder_(fs::temp_directory_path() / ("takt-files-" + std::to_string(getpid()))) {
    fs::create_directories(folder_);
  }
  ~Files() override { fs::remove_all(folder_); }
  std::string at(const std::string& name) const { return (folder_ / name).string(); }
  void make(const std::string& name, const std::string& text = "x") const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  std::string text_of(const std::string& name) const {
    std::ifstream file(folder_ / name);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  std::size_t count(const std::string& name) const {
    const auto items = fs::directory_iterator(folder_ / name);
    return static_cast<std::size_t>(std::distance(begin(items), end(items)));
  }
  fs::path folder_;
};

TEST_F(Files, TheFolderIsMadeAndNothingElseIsInIt) {
  const auto out = OutputFolder::open(at("a/b"));
  ASSERT_TRUE(out.ok());
  EXPECT_EQ(count("a/b"), 0U);
  EXPECT_FALSE(out->write("record.json", "{}\n").has_value());
  EXPECT_EQ(text_of("a/b/record.json"), "{}\n");
  EXPECT_EQ(count("a/b"), 1U);
}

TEST_F(Files, AnOldFileIsReplacedWhole) {
  make("record.json", std::string(10'000, 'y'));
  const auto out = OutputFolder::open(at(""));
  ASSERT_TRUE(out.ok());
  EXPECT_FALSE(out->write("record.json", "new").has_value());
  EXPECT_EQ(text_of("record.json"), "new");
}

TEST_F(Files, AFileThatCannotBeFinishedDoesNotAppear) {
  const auto out = OutputFolder::open(at(""));
  ASSERT_TRUE(out.ok());
  const auto error = out->write_stream("big.json", [](std::ostream& file) {
    file << "half";
    file.setstate(std::ios::badbit);  // as a full disk does
  });
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->name, "E-unwritable");
  EXPECT_EQ(count(""), 0U);
}

TEST_F(Files, BelowAFileThereIsNoFolder) {
  make("file");
  const auto out = OutputFolder::open(at("file/out"));
  ASSERT_FALSE(out.ok());
  EXPECT_EQ(out.errors().at(0).name, "E-unwritable");
  EXPECT_EQ(exit_code(out.errors()), 3);
  EXPECT_FALSE(OutputFolder::open(at("file")).ok());
}

TEST_F(Files, NamesAreFoundAsGivenThenInTheShare) {
  make("share/configs/npu.yaml");
  make("share/configs/parts/x.yaml");
  const std::vector<std::string> shares{at("share")};
  const std::string npu = at("share/configs/npu.yaml");
  EXPECT_EQ(find_shared("npu", "configs", shares), npu);
  EXPECT_EQ(find_shared("npu.yaml", "configs", shares), npu);
  EXPECT_EQ(find_shared("configs/npu.yaml", "configs", shares), npu);
  EXPECT_EQ(find_shared("parts/x", "configs", shares), at("share/configs/parts/x.yaml"));
  EXPECT_EQ(find_shared(npu, "configs", shares), npu);
  EXPECT_EQ(find_shared("nothing", "configs", shares), "nothing");
  EXPECT_EQ(find_shared("gemm:m=1,n=1,k=1", "workloads", shares), "gemm:m=1,n=1,k=1");
}

TEST_F(Files, AFolderIsNoMachine) {
  make("share/configs/parts/x.yaml");
  EXPECT_EQ(find_shared("parts", "configs", {at("share")}), "parts");
}

TEST(Progress, NothingWithoutATerminal) {
  std::ostringstream out, err;
  Progress progress(Options{}, Console{out, err}, "run");
  progress.update(1, 2);
  EXPECT_EQ(err.str(), "");
}

TEST(Progress, LinesOfJsonWhenAsked) {
  std::ostringstream out, err;
  Options options;
  options.progress = ProgressMode::kJson;
  Progress progress(options, Console{out, err}, "run");
  progress.update(1, 4);
  EXPECT_EQ(err.str().substr(0, 34), R"({"what":"run","done":1,"total":4,")");
  EXPECT_EQ(err.str().back(), '\n');
}

TEST(Progress, ABarIsDrawnTenTimesASecondAtMostAndWipedAtTheEnd) {
  std::ostringstream out, err;
  Console console{out, err};
  console.err_is_terminal = true;
  const Progress::Clock::time_point start = Progress::Clock::now();
  {
    Progress progress(Options{}, console, "run");
    for (int ms = 0; ms <= 1000; ++ms) {
      progress.update(static_cast<std::size_t>(ms), 2000, start + std::chrono::milliseconds(ms));
    }
  }
  const std::string text = err.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\r'), 11 + 1);
  EXPECT_EQ(text.substr(text.size() - 4), "\r\033[K");
}

TEST(Progress, QuietMeansQuiet) {
  std::ostringstream out, err;
  Console console{out, err};
  console.err_is_terminal = true;
  Options options;
  options.quiet = true;
  Progress progress(options, console, "run");
  progress.update(1, 2);
  EXPECT_EQ(err.str(), "");
}

}  // namespace
}  // namespace takt
