# SPDX-License-Identifier: Apache-2.0
# What we link, as one name each. All of it comes from Debian 12's packages (scripts/packages.txt).
find_package(PkgConfig REQUIRED)

# SystemC: its CMake package, else pkg-config, else say in words what to install.
find_package(SystemCLanguage CONFIG QUIET)
add_library(takt_systemc INTERFACE)
add_library(takt::systemc ALIAS takt_systemc)
if(TARGET SystemC::systemc)
  target_link_libraries(takt_systemc INTERFACE SystemC::systemc)
  if(DEFINED SystemC_CXX_STANDARD AND NOT SystemC_CXX_STANDARD EQUAL CMAKE_CXX_STANDARD)
    message(FATAL_ERROR "The installed SystemC was built as C++${SystemC_CXX_STANDARD}; Takt builds as "
                        "C++${CMAKE_CXX_STANDARD}, and the two do not link. Install a C++17 build "
                        "(Debian 12: libsystemc-dev).")
  endif()
else()
  pkg_check_modules(SYSTEMC IMPORTED_TARGET systemc)
  if(NOT SYSTEMC_FOUND)
    message(FATAL_ERROR "SystemC was not found. On Debian: apt-get install libsystemc-dev")
  endif()
  target_link_libraries(takt_systemc INTERFACE PkgConfig::SYSTEMC)
endif()

find_package(Boost 1.74 REQUIRED COMPONENTS program_options)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(Protobuf REQUIRED)
find_package(SQLite3 3.34 REQUIRED)
find_package(Threads REQUIRED)

add_library(takt_yaml INTERFACE)
add_library(takt::yaml ALIAS takt_yaml)
target_include_directories(takt_yaml SYSTEM INTERFACE ${YAML_CPP_INCLUDE_DIR})
target_link_libraries(takt_yaml INTERFACE yaml-cpp)

# OpenBLAS, for `--check cpu`: its own pkg-config file, since any BLAS may stand behind libblas.
pkg_check_modules(OPENBLAS REQUIRED IMPORTED_TARGET openblas)
add_library(takt_blas INTERFACE)
add_library(takt::blas ALIAS takt_blas)
target_link_libraries(takt_blas INTERFACE PkgConfig::OPENBLAS)
