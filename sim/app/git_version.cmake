# SPDX-License-Identifier: Apache-2.0
# cmake -DSOURCE=… -DOUT=… -DVERSION=… -P git_version.cmake: writes version.cpp with the commit of
# SOURCE, or "unknown" where SOURCE is not a git checkout of its own (an archive, say).
set(commit unknown)
find_program(GIT git)
if(GIT AND EXISTS ${SOURCE}/.git)
  execute_process(COMMAND ${GIT} rev-parse --short=12 HEAD WORKING_DIRECTORY ${SOURCE}
                  OUTPUT_VARIABLE out RESULT_VARIABLE failed OUTPUT_STRIP_TRAILING_WHITESPACE
                  ERROR_QUIET)
  if(NOT failed)
    set(commit ${out})
  endif()
endif()
file(WRITE ${OUT} "// SPDX-License-Identifier: Apache-2.0
// Written by git_version.cmake.
#include \"sim/app/version.h\"

namespace takt {
const std::string_view kVersion = \"${VERSION}\";
const std::string_view kGitCommit = \"${commit}\";
}  // namespace takt
")
