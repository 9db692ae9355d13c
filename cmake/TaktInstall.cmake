# SPDX-License-Identifier: Apache-2.0
# `cmake --install`: the program in bin, its machines and networks in share/takt. takt looks for
# them relative to its own place (../share/takt), so that the installed folder may be moved.
install(TARGETS takt RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/configs ${PROJECT_SOURCE_DIR}/workloads
        DESTINATION ${CMAKE_INSTALL_DATADIR}/takt
        PATTERN "*.onnx" EXCLUDE)  # exported on this machine, not part of the project
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
