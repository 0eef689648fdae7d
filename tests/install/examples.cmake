# examples/embed against the installed package, each run with its output checked by examples.test.mjs.
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/stranger.cmake")
configure(embed "${ROOT}/examples/embed" "-DCMAKE_PREFIX_PATH=${prefix}")
build(embed)
set(ENV{EMBED} "${work}/embed")
set(ENV{HAS_ADAPTERS} "${HAS_ADAPTERS}")
set(ENV{PENSTOCK_ROOT} "${ROOT}")
run("${NODE}" --test "${CMAKE_CURRENT_LIST_DIR}/examples.test.mjs")
