# SPDX-License-Identifier: Apache-2.0
# takt_warnings: an interface target with our warnings and sanitizers.
add_library(takt_warnings INTERFACE)
target_compile_options(takt_warnings INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor)
if(TAKT_WERROR)
  target_compile_options(takt_warnings INTERFACE -Werror)
endif()
if(TAKT_SANITIZE)
  # The preset has clang: it takes less time, and instrumented code makes GCC warn of what is not so
  # (-Wmaybe-uninitialized above all, in the standard library too).
  add_compile_options(-fsanitize=${TAKT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TAKT_SANITIZE})
  # operator[] and friends of the standard library check too: an overrun within an allocation.
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()
if(TAKT_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES Clang)
    message(FATAL_ERROR "TAKT_FUZZ needs clang: cmake --preset asan")
  endif()
endif()
