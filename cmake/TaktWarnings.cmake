# SPDX-License-Identifier: Apache-2.0
# takt_warnings: an interface target with our warnings and sanitizers.
add_library(takt_warnings INTERFACE)
target_compile_options(takt_warnings INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor)
if(TAKT_WERROR)
  target_compile_options(takt_warnings INTERFACE -Werror)
endif()
if(TAKT_SANITIZE)
  add_compile_options(-fsanitize=${TAKT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TAKT_SANITIZE})
endif()
