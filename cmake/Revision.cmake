# PENSTOCK_REVISION: the commit that is being built, `-dirty` if files differ from it, `unknown` without a repository.
# Read when the build is configured, and again after each commit (the log of HEAD has changed then).
function(penstock_find_revision)
  set(revision unknown)
  find_package(Git QUIET)
  if(GIT_FOUND AND EXISTS "${PROJECT_SOURCE_DIR}/.git")
    execute_process(COMMAND "${GIT_EXECUTABLE}" describe --always --abbrev=12 --exclude=* --dirty
                    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}" RESULT_VARIABLE status OUTPUT_VARIABLE described
                    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(status EQUAL 0)
      set(revision "${described}")
    endif()
    if(EXISTS "${PROJECT_SOURCE_DIR}/.git/logs/HEAD")
      set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/.git/logs/HEAD")
    endif()
  endif()
  set(PENSTOCK_REVISION "${revision}" PARENT_SCOPE)
endfunction()
