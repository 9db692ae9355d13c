// SPDX-License-Identifier: Apache-2.0
#include "sim/app/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "sim/app/commands.h"

namespace takt {
namespace {

using og = OptionGroup;
using ::testing::HasSubstr;

constexpr OptionGroups kRun = og::kMachine | og::kWorkload | og::kSimulate | og::kLayers |
                              og::kFiles | og::kJson | og::kRunOnly | og::kCommon;

Options parsed(const std::vector<std::string>& arguments) {
  const Result<Options> options = parse_options(arguments, kRun);
  EXPECT_TRUE(options.ok());
  return options.ok() ? *options : Options{};
}

Diagnostics errors_of(const std::vector<std::string>& arguments) {
  const Result<Options> options = parse_options(arguments, kRun);
  EXPECT_FALSE(options.ok());
  return options.ok() ? Diagnostics{} : options.errors();
}

TEST(Options, LongAndShortFormsMeanTheSame) {
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"-a", "x.yaml", "-w", "net", "-f", "analytic", "-b", "4"},
           {"--arch=x.yaml", "--workload", "net", "--fidelity=analytic", "--batch", "4"},
           {"-ax.yaml", "-wnet", "-fanalytic", "-b4"}}) {
    const Options o = parsed(arguments);
    EXPECT_EQ(o.archs, std::vector<std::string>{"x.yaml"});
    EXPECT_EQ(o.workload, "net");
    EXPECT_EQ(o.fidelity, Fidelity::kAnalytic);
    EXPECT_EQ(o.batch, 4);
  }
}

TEST(Options, TransactionIsTheDefault) { EXPECT_EQ(parsed({}).fidelity, Fidelity::kTransaction); }

TEST(Options, RepeatableOnesKeepTheirOrder) {
  const Options o = parsed({"--set", "a.b=1", "--set", "a.b=2", "--layer", "x", "--layer", "y",
                            "--dim", "seq=128", "--dim", "n=2"});
  EXPECT_EQ(o.overrides, (std::vector<std::string>{"a.b=1", "a.b=2"}));
  EXPECT_EQ(o.layers, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(o.dims.at(0), (std::pair<std::string, std::int64_t>("seq", 128)));
}

TEST(Options, AnOverridesValueMayHoldAnything) {
  EXPECT_EQ(parsed({"--set", "a=b=-5 MiB"}).overrides.at(0), "a=b=-5 MiB");
}

TEST(Options, EverythingWrongIsReportedAtOnce) {
  const Diagnostics errors =
      errors_of({"--batch", "0", "--dtype", "int3", "--fideltiy", "analytic", "--seed", "-1"});
  EXPECT_EQ(errors.size(), 4U);
  EXPECT_EQ(exit_code(errors), exit_codes::kUsage);
}

TEST(Options, AValueTooManyHidesNoOtherMistake) {
  const Diagnostics errors = errors_of({"--json=1", "--dtype", "int3", "--batch", "x", "--layer"});
  EXPECT_EQ(errors.size(), 4U) << to_string(errors);
}

TEST(Options, AMistypedOneIsGuessed) {
  const Diagnostics errors = errors_of({"--workloda", "x"});
  EXPECT_EQ(errors.at(0).name, "E-unknown-option");
  EXPECT_EQ(errors.at(0).hint, "did you mean '--workload'?");
}

TEST(Options, AbbreviationsAreNotGuessed) {
  EXPECT_EQ(errors_of({"--work", "x"}).at(0).name, "E-unknown-option");
}

TEST(Options, AnOptionOfAnotherCommandIsNamedAsSuch) {
  EXPECT_THAT(errors_of({"--to", "yaml"}).at(0).message, HasSubstr("this command has no option"));
}

TEST(Options, ANumberIsAllOfItsText) {
  for (const char* text : {"4x", "1.5", "1e3", "", " 4", "99999999999999999999", "-4", "0"}) {
    EXPECT_FALSE(parse_options({std::string("--batch=") + text}, kRun).ok()) << text;
  }
}

TEST(Options, AValueIsMissing) {
  EXPECT_EQ(errors_of({"--arch"}).at(0).name, "E-missing-value");
  EXPECT_EQ(errors_of({"--arch="}).at(0).name, "E-missing-value");
}

TEST(Options, AFlagTakesNoValue) { EXPECT_EQ(errors_of({"--json=yes"}).at(0).name, "E-bad-value"); }

TEST(Options, TwiceIsOnceTooMany) {
  EXPECT_EQ(errors_of({"-b", "1", "-b", "2"}).at(0).name, "E-option-repeated");
}

TEST(Options, HelpNamesEveryOptionOfTheGroupAndFitsTheTerminal) {
  const std::string help = options_help(kRun);
  for (const char* name : {"--arch FILE", "--workload X", "--max-cycles N", "--progress P"}) {
    EXPECT_THAT(help, HasSubstr(name));
  }
  EXPECT_EQ(help.find("--to "), std::string::npos);
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
}

class CommandLine : public ::testing::Test {
 protected:
  int run(const std::vector<std::string>& arguments) {
    return run_takt(arguments, Console{out_, err_});
  }
  std::ostringstream out_, err_;
};

TEST_F(CommandLine, NothingIsAUsageError) {
  EXPECT_EQ(run({}), exit_codes::kUsage);
  EXPECT_EQ(out_.str(), "");
  EXPECT_THAT(err_.str(), HasSubstr("usage: takt COMMAND"));
}

TEST_F(CommandLine, VersionIsOneLine) {
  EXPECT_EQ(run({"--version"}), exit_codes::kOk);
  EXPECT_THAT(out_.str(), ::testing::MatchesRegex("takt [0-9.]+ \\([0-9a-z]+\\)\n"));
}

TEST_F(CommandLine, AnUnknownVerbIsAUsageError) {
  EXPECT_EQ(run({"frobnicate"}), exit_codes::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("unknown command 'frobnicate'"));
}

TEST_F(CommandLine, HelpListsEveryCommandAndEachHasItsOwn) {
  EXPECT_EQ(run({"--help"}), exit_codes::kOk);
  for (const Command& command : commands()) {
    EXPECT_THAT(out_.str(), HasSubstr(command.name));
    std::ostringstream own;
    EXPECT_EQ(run_takt({command.name, "--help"}, Console{own, err_}), exit_codes::kOk);
    EXPECT_THAT(own.str(), HasSubstr(std::string("usage: takt ") + command.name));
  }
  EXPECT_EQ(err_.str(), "");
}

TEST_F(CommandLine, AFullDiskIsNotSuccess) {
  out_.setstate(std::ios::failbit);
  EXPECT_EQ(run({"--version"}), exit_codes::kInvalidInput);
  EXPECT_THAT(err_.str(), HasSubstr("E-unwritable"));
}

}  // namespace
}  // namespace takt
