# Each installed header in a translation unit of its own, with warnings as errors, as its user might have them.
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/stranger.cmake")
configure(headers "${CMAKE_CURRENT_LIST_DIR}/headers" "-DCMAKE_PREFIX_PATH=${prefix}" "-DINSTALLED=${prefix}")
build(headers)
