// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/result_codec.h"

#include <cstring>
#include <type_traits>

#include "sim/kernel/child_process.h"

namespace takt {
namespace {

class Writer {
 public:
  void number(std::uint64_t value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  void text(const std::string& text) {
    number(text.size());
    bytes_ += text;
  }
  template <class T>
  void plain(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(const std::string& bytes) : bytes_(bytes) {}
  std::uint64_t number() {
    std::uint64_t value = 0;
    copy(&value, sizeof(value));
    return value;
  }
  std::string text() {
    const std::uint64_t size = number();
    CHECK(size <= bytes_.size() - at_) << "a result cut short";
    std::string out = bytes_.substr(at_, size);
    at_ += size;
    return out;
  }
  template <class T>
  void plain(T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    copy(&value, sizeof(value));
  }
  bool at_end() const { return at_ == bytes_.size(); }

 private:
  void copy(void* to, std::size_t size) {
    CHECK(size <= bytes_.size() - at_) << "a result cut short";
    std::memcpy(to, bytes_.data() + at_, size);
    at_ += size;
  }
  const std::string& bytes_;
  std::size_t at_ = 0;
};

void write(Writer& w, const UnitResult& unit) {
  w.text(unit.name);
  w.plain(unit.is_matrix);
  w.plain(unit.matrix);
  w.plain(unit.ledger);
  w.number(unit.counters.size());
  for (const UnitCounter& counter : unit.counters) {
    w.text(counter.name);
    w.number(counter.value);
  }
}

UnitResult read_unit(Reader& r) {
  UnitResult unit;
  unit.name = r.text();
  r.plain(unit.is_matrix);
  r.plain(unit.matrix);
  r.plain(unit.ledger);
  const std::uint64_t counters = r.number();
  for (std::uint64_t i = 0; i < counters; ++i) {
    std::string name = r.text();
    unit.counters.push_back({std::move(name), r.number()});
  }
  return unit;
}

}  // namespace

std::string encode(const EngineResult& result) {
  Writer w;
  w.plain(result.status);
  w.plain(result.end);
  w.number(result.regions.size());
  for (const RegionResult& region : result.regions) w.plain(region);
  w.number(result.units.size());
  for (const UnitResult& unit : result.units) write(w, unit);
  w.number(result.blocked.size());
  for (const std::string& line : result.blocked) w.text(line);
  w.number(result.kernel_activations);
  return w.take();
}

EngineResult decode_engine_result(const std::string& bytes) {
  Reader r(bytes);
  EngineResult result;
  r.plain(result.status);
  r.plain(result.end);
  const std::uint64_t regions = r.number();
  for (std::uint64_t i = 0; i < regions; ++i) {
    result.regions.emplace_back();
    r.plain(result.regions.back());
  }
  const std::uint64_t units = r.number();
  for (std::uint64_t i = 0; i < units; ++i) result.units.push_back(read_unit(r));
  const std::uint64_t blocked = r.number();
  for (std::uint64_t i = 0; i < blocked; ++i) result.blocked.push_back(r.text());
  result.kernel_activations = r.number();
  CHECK(r.at_end()) << "a result with something behind it";
  return result;
}

Result<EngineResult> run_engine_in_child(Engine& engine, const Program& program,
                                         const RunLimits& limits) {
  CHECK(limits.spans == nullptr) << "spans do not cross from a child process";
  // Within the child: a first character, then the result or the diagnostics' text.
  Diagnostics errors;
  const std::string bytes = run_in_child_or_throw(
      [&] {
        RunLimits in_child = limits;
        in_child.progress = nullptr;
        const Result<EngineResult> result = engine.run(program, in_child);
        if (result.ok()) return "v" + encode(*result);
        Writer w;
        for (const Diagnostic& d : result.errors()) {
          w.plain(d.kind);
          for (const std::string* s : {&d.name, &d.place.file, &d.path, &d.message, &d.hint}) {
            w.text(*s);
          }
        }
        return "e" + w.take();
      },
      limits.stop);
  if (bytes.empty()) {
    EngineResult none;
    none.status = EngineResult::Status::kInterrupted;
    none.regions.resize(program.regions.size());
    return none;
  }
  if (bytes[0] == 'v') return decode_engine_result(bytes.substr(1));
  const std::string rest = bytes.substr(1);
  Reader r(rest);
  while (!r.at_end()) {
    Diagnostic d;
    r.plain(d.kind);
    for (std::string* s : {&d.name, &d.place.file, &d.path, &d.message, &d.hint}) *s = r.text();
    errors.push_back(std::move(d));
  }
  return errors;
}

}  // namespace takt
