# SPDX-License-Identifier: Apache-2.0
# Precompiled headers, in the sanitizers' tree: GoogleTest's for the tests, the standard library's for
# our libraries; a fifth less to compile. The release build does without, so that a file which forgets
# an #include is found. Off with a compiler launcher: a compiler cache saves more, and without
# settings of its own caches nothing that uses such a header.
if(CMAKE_CXX_COMPILER_LAUNCHER)
  option(TAKT_PCH "Precompile headers where there are sanitizers" OFF)
else()
  option(TAKT_PCH "Precompile headers where there are sanitizers" ON)
endif()

# takt_precompile(NAME HEADERS <a> <b> OPTIONS -c): the target takt_pch_NAME, an empty file compiled
# with these headers, for others to reuse. They must compile with the same options.
function(takt_precompile name)
  cmake_parse_arguments(ARG "" "" "HEADERS;OPTIONS;DEPS" ${ARGN})
  set(empty ${PROJECT_BINARY_DIR}/precompiled/${name}.cpp)
  file(CONFIGURE OUTPUT ${empty} CONTENT "// Only its precompiled headers count.\n")
  add_library(takt_pch_${name} OBJECT ${empty})
  target_compile_options(takt_pch_${name} PRIVATE ${ARG_OPTIONS})
  target_link_libraries(takt_pch_${name} PRIVATE takt_warnings ${ARG_DEPS})
  target_precompile_headers(takt_pch_${name} PRIVATE ${ARG_HEADERS})
endfunction()
