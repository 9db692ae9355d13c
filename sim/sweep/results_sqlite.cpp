// SPDX-License-Identifier: Apache-2.0
#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <memory>

#include "sim/sweep/results_table.h"

namespace takt {
namespace {

/// An SQL name: in double quotes, since keys hold dots.
std::string quoted_name(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
struct EndStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

class Database {
 public:
  explicit Database(const std::string& path) {
    sqlite3* opened = nullptr;
    ok_ = sqlite3_open(path.c_str(), &opened) == SQLITE_OK;
    database_.reset(opened);
  }

  void run(const std::string& sql) {
    ok_ = ok_ && sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
  }

  void insert(const ResultsTable& table) {
    std::string sql = "INSERT INTO points VALUES (?";
    for (std::size_t c = 1; c < table.columns.size(); ++c) sql += ",?";
    sqlite3_stmt* prepared = nullptr;
    ok_ = ok_ && sqlite3_prepare_v2(database_.get(), (sql + ")").c_str(), -1, &prepared, nullptr) ==
                     SQLITE_OK;
    const std::unique_ptr<sqlite3_stmt, EndStatement> statement(prepared);
    for (const std::vector<Cell>& row : table.rows) {
      for (std::size_t c = 0; ok_ && c < row.size(); ++c) {
        bind(prepared, static_cast<int>(c) + 1, row[c]);
      }
      ok_ = ok_ && sqlite3_step(prepared) == SQLITE_DONE && sqlite3_reset(prepared) == SQLITE_OK;
      if (!ok_) return;
    }
  }

  bool ok() const { return ok_; }
  std::string message() const { return sqlite3_errmsg(database_.get()); }

 private:
  void bind(sqlite3_stmt* statement, int at, const Cell& cell) {
    switch (cell.kind) {
      case Cell::Kind::kNone: ok_ = sqlite3_bind_null(statement, at) == SQLITE_OK; return;
      case Cell::Kind::kInteger:
        ok_ = sqlite3_bind_int64(statement, at, std::strtoll(cell.text.c_str(), nullptr, 10)) ==
              SQLITE_OK;
        return;
      case Cell::Kind::kReal:
        ok_ = sqlite3_bind_double(statement, at, std::strtod(cell.text.c_str(), nullptr)) ==
              SQLITE_OK;
        return;
      case Cell::Kind::kText:
        ok_ =
            sqlite3_bind_text(statement, at, cell.text.c_str(), -1, SQLITE_TRANSIENT) == SQLITE_OK;
        return;
    }
  }

  std::unique_ptr<sqlite3, CloseDatabase> database_;
  bool ok_ = false;
};

}  // namespace

std::optional<Diagnostic> write_sqlite(const ResultsTable& table, const std::string& path) {
  namespace fs = std::filesystem;
  const fs::path scratch =
      fs::path(path).parent_path() / ("." + fs::path(path).filename().string() + ".part");
  std::error_code error;
  fs::remove(scratch, error);
  std::string why;
  {
    Database database(scratch.string());
    // The file is renamed when it is whole: a journal would protect nothing.
    database.run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
    std::string columns;
    for (const std::string& name : table.columns) {
      columns += (columns.empty() ? "" : ", ") + quoted_name(name) +
                 (name == "point" ? " INTEGER PRIMARY KEY" : "");
    }
    database.run("BEGIN; CREATE TABLE points (" + columns + ")");
    database.insert(table);
    database.run("COMMIT");
    if (!database.ok()) why = database.message();
  }
  if (why.empty()) {
    fs::rename(scratch, path, error);
    if (!error) return std::nullopt;
    why = error.message();
  }
  Diagnostic d;
  d.name = "E-unwritable";
  d.place.file = path;
  d.message = "cannot be written: " + why;
  return d;
}

}  // namespace takt
