# What the scripts of this folder do as a stranger would: configure, build and run a project of his own. Included by them;
# tests/install/CMakeLists.txt passes BUILD, ROOT, CONFIG, COMPILER, COMPILER_ID and SANITIZE.
set(work "${BUILD}/install_test")
set(prefix "${work}/prefix")

set(stranger_flags "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_BUILD_TYPE=${CONFIG}")
if(COMPILER_ID STREQUAL "GNU")  # Link as a compiler would that cannot read g++'s LTO code.
  list(APPEND stranger_flags "-DCMAKE_EXE_LINKER_FLAGS=-fno-use-linker-plugin")
endif()
if(SANITIZE)  # An instrumented library needs an instrumented program.
  list(APPEND stranger_flags "-DCMAKE_CXX_FLAGS=-fsanitize=${SANITIZE}")
endif()

function(run)
  execute_process(COMMAND ${ARGV} OUTPUT_VARIABLE said ERROR_VARIABLE complained RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    list(JOIN ARGV " " command)
    message(FATAL_ERROR "${command}\nended with ${status}\n${said}\n${complained}")
  endif()
  set(said "${said}" PARENT_SCOPE)
endfunction()

# Configures the project in `source` in a fresh folder named `name`, with more arguments for cmake.
function(configure name source)
  file(REMOVE_RECURSE "${work}/${name}")
  run(${CMAKE_COMMAND} -G Ninja -S "${source}" -B "${work}/${name}" ${stranger_flags} ${ARGN})
endfunction()

function(build name)
  run(${CMAKE_COMMAND} --build "${work}/${name}" ${ARGN})
endfunction()

# A configuration that must fail, with a text that its user can act upon. Line breaks of CMake's own are no matter.
function(expect_refusal name source text)
  file(REMOVE_RECURSE "${work}/${name}")
  execute_process(COMMAND ${CMAKE_COMMAND} -G Ninja -S "${source}" -B "${work}/${name}" ${stranger_flags} ${ARGN}
                  OUTPUT_QUIET ERROR_VARIABLE complained RESULT_VARIABLE status)
  string(REGEX REPLACE "[ \n]+" " " complained "${complained}")
  string(FIND "${complained}" "${text}" at)
  if(status EQUAL 0 OR at EQUAL -1)
    message(FATAL_ERROR "${name}: ended with ${status}; wanted: ${text}\nsaid: ${complained}")
  endif()
endfunction()
