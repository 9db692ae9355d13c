// SPDX-License-Identifier: Apache-2.0
#include "sim/app/progress.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/report/format.h"

namespace takt {
namespace {

constexpr std::chrono::milliseconds kInterval{100};
constexpr int kBarWidth = 30;

}  // namespace

Progress::Progress(const Options& options, const Console& console, std::string what)
    : err_(console.err), what_(std::move(what)) {
  if (options.progress == ProgressMode::kJson) form_ = Form::kJson;
  if (options.progress == ProgressMode::kAuto && console.err_is_terminal && !options.quiet) {
    form_ = Form::kBar;
  }
}

Progress::~Progress() { clear(); }

void Progress::clear() {
  if (shown_) err_ << "\r\033[K" << std::flush;
  shown_ = false;
}

void Progress::update(std::size_t done, std::size_t total, Clock::time_point now) {
  if (form_ == Form::kNone || total == 0) return;
  if (done < total && last_ != Clock::time_point{} && now - last_ < kInterval) return;
  last_ = now;
  const double elapsed = std::chrono::duration<double>(now - begin_).count();
  const double share = static_cast<double>(done) / static_cast<double>(total);
  const double left = share > 0 ? elapsed / share - elapsed : 0;
  if (form_ == Form::kJson) {
    nlohmann::ordered_json json;
    json["what"] = what_;
    json["done"] = done;
    json["total"] = total;
    json["elapsed_s"] = elapsed;
    json["left_s"] = left;
    err_ << json.dump() << "\n" << std::flush;
    return;
  }
  const int filled = static_cast<int>(share * kBarWidth);
  err_ << "\r\033[K" << what_ << " [" << std::string(static_cast<std::size_t>(filled), '#')
       << std::string(static_cast<std::size_t>(kBarWidth - filled), ' ') << "] " << done << "/"
       << total << ", " << format_seconds(left) << " left" << std::flush;
  shown_ = true;
}

}  // namespace takt
