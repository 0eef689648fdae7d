# pkg-config: a program is compiled by hand with what it prints, for the engine and for each component.
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/stranger.cmake")
find_program(pkg_config NAMES pkg-config pkgconf REQUIRED)
file(GLOB folders "${prefix}/lib*/pkgconfig" "${prefix}/lib/*/pkgconfig")
set(ENV{PKG_CONFIG_PATH} "${folders}")

# Every reader of these files takes a field once; some refuse it twice.
file(GLOB descriptions "${prefix}/lib*/pkgconfig/*.pc" "${prefix}/lib/*/pkgconfig/*.pc")
foreach(description IN LISTS descriptions)
  file(STRINGS "${description}" fields REGEX "^[A-Za-z.]+:")
  list(TRANSFORM fields REPLACE ":.*" "")
  set(once ${fields})
  list(REMOVE_DUPLICATES once)
  if(NOT once STREQUAL fields)
    message(FATAL_ERROR "${description} has a field twice: ${fields}")
  endif()
endforeach()

function(compile name package)
  run("${pkg_config}" --cflags --libs ${package})
  string(STRIP "${said}" arguments)
  separate_arguments(arguments UNIX_COMMAND "${arguments}")
  run("${COMPILER}" -std=c++20 ${ARGN} -o "${work}/${name}" ${arguments})
endfunction()

compile(by_pkg_config penstock "${CMAKE_CURRENT_LIST_DIR}/consumer/main.cpp"
        "${CMAKE_CURRENT_LIST_DIR}/consumer/contract.cpp")
run("${work}/by_pkg_config")
run("${pkg_config}" --modversion penstock)
string(STRIP "${said}" said)
if(NOT said STREQUAL VERSION)
  message(FATAL_ERROR "pkg-config says version ${said}, not ${VERSION}")
endif()

if(HAS_ADAPTERS)
  compile(verifier_by_pkg_config penstock-webhook_in "${ROOT}/examples/embed/verifier.cpp")
  compile(daemon_by_pkg_config "penstock-webhook_in;penstock-streams;penstock-admin" "${ROOT}/examples/embed/daemon.cpp")
endif()
