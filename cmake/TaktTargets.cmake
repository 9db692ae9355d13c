# SPDX-License-Identifier: Apache-2.0
# What every library of ours compiles with, besides takt_warnings. The fuzzers see which branches of
# ours an input takes; tests do without that, since it costs compiling and running.
set(takt_library_options)
if(TAKT_FUZZ)
  list(APPEND takt_library_options -fsanitize=fuzzer-no-link)
endif()
if(TAKT_PCH AND TAKT_SANITIZE)
  takt_precompile(libraries OPTIONS ${takt_library_options}
    HEADERS <algorithm> <array> <charconv> <cmath> <cstdint> <functional> <map> <memory> <optional>
            <set> <sstream> <string> <string_view> <unordered_map> <vector>)
endif()

# takt_library(NAME DEPS a b): a static library of the *.cpp beside the calling CMakeLists.txt.
function(takt_library name)
  cmake_parse_arguments(ARG "" "" "DEPS;PRIVATE_DEPS;SOURCES" ${ARGN})
  if(ARG_SOURCES)
    set(sources ${ARG_SOURCES})
  else()
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  endif()
  if(sources)
    add_library(takt_${name} STATIC ${sources})
    target_include_directories(takt_${name} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(takt_${name} PRIVATE takt_warnings)
    target_compile_options(takt_${name} PRIVATE ${takt_library_options})
    if(TARGET takt_pch_libraries)
      target_precompile_headers(takt_${name} REUSE_FROM takt_pch_libraries)
    endif()
    set(scope PUBLIC)
  else()
    add_library(takt_${name} INTERFACE)
    target_include_directories(takt_${name} INTERFACE ${PROJECT_SOURCE_DIR})
    set(scope INTERFACE)
  endif()
  foreach(dep ${ARG_DEPS})
    target_link_libraries(takt_${name} ${scope} ${dep})
  endforeach()
  foreach(dep ${ARG_PRIVATE_DEPS})
    target_link_libraries(takt_${name} PRIVATE ${dep})
  endforeach()
endfunction()

# takt_tests(NAME LABEL label DEPS a b): one GoogleTest program of the *.cpp beside the calling file;
# each of its tests is a CTest case, hence a process of its own. The target tests_<label> builds all
# programs of a label.
function(takt_tests name)
  cmake_parse_arguments(ARG "" "LABEL" "DEPS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(test_${name} ${sources})
  target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR})
  if(TARGET takt_pch_tests)
    target_precompile_headers(test_${name} REUSE_FROM takt_pch_tests)
  endif()
  # Compilers tell in different ways: some tests look at less where each case takes ten times as long.
  if(TAKT_SANITIZE)
    target_compile_definitions(test_${name} PRIVATE TAKT_SANITIZED)
  endif()
  # Only where it is used: a path on every command line would keep checkouts from sharing a
  # compiler cache.
  foreach(source ${sources})
    file(STRINGS ${source} uses REGEX TAKT_SOURCE_DIR LIMIT_COUNT 1)
    if(uses)
      set_property(SOURCE ${source} APPEND PROPERTY
                   COMPILE_DEFINITIONS "TAKT_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\"")
    endif()
  endforeach()
  target_link_libraries(test_${name} PRIVATE takt_warnings ${ARG_DEPS} GTest::gtest GTest::gmock
                                             GTest::gtest_main)
  if(NOT TARGET tests_${ARG_LABEL})
    add_custom_target(tests_${ARG_LABEL})
  endif()
  add_dependencies(tests_${ARG_LABEL} test_${name})
  gtest_discover_tests(test_${name} DISCOVERY_TIMEOUT 60
                       WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
                       TEST_PREFIX ${name}. PROPERTIES LABELS ${ARG_LABEL} TIMEOUT 600
                       ENVIRONMENT "SYSTEMC_DISABLE_COPYRIGHT_MESSAGE=1")
endfunction()

# takt_fuzzer(NAME DEPS a b): the libFuzzer program fuzz_NAME of the calling folder's fuzz_NAME.cpp,
# in the preset `asan` only. Its seeds, if any, lie in tests/fuzz/seeds/fuzz_NAME/.
function(takt_fuzzer name)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  if(NOT TAKT_FUZZ)
    return()
  endif()
  add_executable(fuzz_${name} fuzz_${name}.cpp)
  target_include_directories(fuzz_${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(fuzz_${name} PRIVATE takt_warnings ${ARG_DEPS})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
endfunction()
