// SPDX-License-Identifier: Apache-2.0
#include "sim/report/record_json.h"

#include <gtest/gtest.h>

#include <string>

#include "sample_record.h"
#include "sim/report/host_facts.h"
#include "sim/report/layers_csv.h"

namespace takt {
namespace {

using Json = nlohmann::ordered_json;

std::vector<std::string> keys(const Json& json) {
  std::vector<std::string> all;
  for (const auto& [key, value] : json.items()) all.push_back(key);
  return all;
}

TEST(RecordJson, KeysComeInTheContractsOrder) {
  const Json json = to_json(sample_record());
  EXPECT_EQ(keys(json), (std::vector<std::string>{"schema_version", "takt", "arch", "workload",
                                                  "fidelity", "seed", "total", "layers", "units"}));
  EXPECT_EQ(keys(json["arch"]), (std::vector<std::string>{"name", "hash", "overrides"}));
  EXPECT_EQ(keys(json["total"]["energy_pj"]),
            (std::vector<std::string>{"total", "matrix", "vector", "sram", "dram", "host_link",
                                      "static"}));
}

TEST(RecordJson, CountsAreIntegers) {
  const Json json = to_json(sample_record());
  for (const char* key : {"cycles", "clock_hz", "macs", "dram_read_bytes", "host_write_bytes"}) {
    EXPECT_TRUE(json["total"][key].is_number_integer()) << key;
  }
  for (const Json& cycles : json["total"]["ledger"]) EXPECT_TRUE(cycles.is_number_integer());
}

TEST(RecordJson, LargeCountsKeepTheirLastDigit) {
  RunRecord r = sample_record();
  r.macs = 18446744073709551615ULL;
  EXPECT_NE(to_text(to_json(r)).find("18446744073709551615"), std::string::npos);
}

TEST(RecordJson, WhatDoesNotApplyIsAbsent) {
  RunRecord r = sample_record();
  r.machine.host_bytes_per_s.reset();
  const Json json = to_json(r);
  EXPECT_FALSE(json["total"].contains("host_read_bytes"));
  EXPECT_FALSE(json["total"]["energy_pj"].contains("host_link"));
  EXPECT_FALSE(json["layers"][1].contains("utilization"));
  EXPECT_FALSE(json["layers"][1].contains("roofline"));
  EXPECT_FALSE(json["layers"][1].contains("fused"));
  EXPECT_FALSE(json.contains("check"));
  EXPECT_FALSE(json.contains("partial"));
  EXPECT_FALSE(json["total"].contains("vector_macs"));
  EXPECT_FALSE(json["total"]["energy_pj"].contains("noc"));
  r.counts.vector_macs = 5;
  r.energy.noc = Picojoules(2.0);
  EXPECT_EQ(to_json(r)["total"]["vector_macs"], 5);
  EXPECT_EQ(to_json(r)["total"]["energy_pj"]["noc"], 2);
}

TEST(RecordJson, LayersSumToTheTotal) {
  const Json json = to_json(sample_record());
  std::uint64_t cycles = 0;
  double energy = 0;
  for (const Json& layer : json["layers"]) {
    cycles += layer["cycles"].get<std::uint64_t>();
    energy += layer["energy_pj"]["total"].get<double>();
  }
  EXPECT_EQ(cycles, json["total"]["cycles"].get<std::uint64_t>());
  EXPECT_DOUBLE_EQ(energy, json["total"]["energy_pj"]["total"].get<double>());
}

TEST(RecordJson, MappingKeepsNumbersAndWords) {
  const Json mapping = to_json(sample_record())["layers"][0]["mapping"];
  EXPECT_EQ(mapping["tile"]["p"], 8);
  EXPECT_EQ(mapping["outer"], "pixels");
}

TEST(RecordJson, DoublesReadBackToTheSameBits) {
  RunRecord r = sample_record();
  r.energy.matrix = Picojoules(0.1 + 0.2);
  const Json back = Json::parse(to_text(to_json(r)));
  EXPECT_EQ(back["total"]["energy_pj"]["matrix"].get<double>(), 0.1 + 0.2);
}

TEST(RecordJson, NamesThatAreNotUtf8DoNotThrow) {
  RunRecord r = sample_record();
  r.layers[0].name = "conv\xff\xfe";
  std::string text;
  EXPECT_NO_THROW(text = to_text(to_json(r)));
  EXPECT_TRUE(Json::accept(text)) << text;
}

TEST(LayersCsv, OneRowALayerAndAlwaysTheSameColumns) {
  RunRecord r = sample_record();
  const std::string whole = layers_csv(to_json(r));
  EXPECT_EQ(std::count(whole.begin(), whole.end(), '\n'), 3);
  r.machine.host_bytes_per_s.reset();
  const std::string hostless = layers_csv(to_json(r));
  EXPECT_EQ(whole.substr(0, whole.find('\n')), hostless.substr(0, hostless.find('\n')));
  EXPECT_NE(
      whole.find("\n0,a,matmul,relu,m=8 n=5 k=4,int8,tile.p=8 tile.o=5 outer=pixels,40,0,40,"),
      std::string::npos)
      << whole;
}

TEST(LayersCsv, QuotesAsRfc4180) {
  EXPECT_EQ(csv_cell("plain"), "plain");
  EXPECT_EQ(csv_cell("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_cell("say \"hi\""), "\"say \"\"hi\"\"\"");
  EXPECT_EQ(csv_cell("two\nlines"), "\"two\nlines\"");
}

TEST(HostFacts, RatesOnlyWhereTheyExist) {
  HostFacts facts;
  EXPECT_FALSE(to_json(facts).contains("simulated_cycles_per_s"));
  EXPECT_FALSE(to_json(facts).contains("kernel_activations"));
  facts.engine_seconds = 2;
  facts.simulated = Cycles(10);
  EXPECT_DOUBLE_EQ(to_json(facts)["simulated_cycles_per_s"].get<double>(), 5.0);
  EXPECT_GT(peak_rss_bytes(children_peak_rss_bytes()), 1'000'000U);
}

}  // namespace
}  // namespace takt
