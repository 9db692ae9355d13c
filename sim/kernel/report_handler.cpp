// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/report_handler.h"

#include <iostream>

namespace takt {
namespace {

std::string text_of(const sc_core::sc_report& report) {
  std::string text = std::string("SystemC: ") + report.get_msg_type();
  const char* message = report.get_msg();
  if (message != nullptr && *message != '\0') text += std::string(": ") + message;
  const char* process = report.get_process_name();
  if (process != nullptr) text += std::string(" (in process ") + process;
  text += process != nullptr ? " at " : " (at ";
  return text + report.get_time().to_string() + ")";
}

void handle(const sc_core::sc_report& report, const sc_core::sc_actions& actions) {
  if ((actions & sc_core::SC_DISPLAY) != 0 && report.get_severity() == sc_core::SC_WARNING) {
    std::cerr << "warning: " << text_of(report) << "\n";
  }
  if ((actions & sc_core::SC_THROW) != 0) throw report;
}

}  // namespace

InternalError internal_error(const sc_core::sc_report& report) {
  return InternalError(text_of(report));
}

void install_report_handler() {
  using sc_core::sc_report_handler;
  sc_report_handler::set_handler(&handle);
  sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_DISPLAY);
  sc_report_handler::set_actions(sc_core::SC_ERROR, sc_core::SC_THROW);
  // By default a fatal report aborts the process; thrown, it can be told from a crash.
  sc_report_handler::set_actions(sc_core::SC_FATAL, sc_core::SC_THROW);
  // An empty program has nothing to simulate; that is no mistake.
  sc_report_handler::set_actions(sc_core::SC_ID_NO_SC_START_ACTIVITY_, sc_core::SC_DO_NOTHING);
}

}  // namespace takt
