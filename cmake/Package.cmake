# What `cmake --install` puts into a prefix: the engine, a component for each adapter, package files for CMake and for
# pkg-config. Included last by the top-level list; the libraries have said penstock_installed_component() before.
#
#   include/penstock/*.hpp            the engine
#   include/penstock/{http,…}/*.hpp   the adapters: inside this project "http/server.hpp", outside <penstock/http/server.hpp>
#   lib/cmake/penstock/               find_package(penstock [COMPONENTS http …])
#   lib/pkgconfig/penstock[-http …].pc
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

# Installs the target penstock_${name}, with its own export file so that a component asks for its own needs only.
# NEEDS: components below it. PC_REQUIRES, PC_LIBS: what its users link besides, as pkg-config wants it.
function(penstock_install_component name)
  cmake_parse_arguments(ROOM "" "" "NEEDS;PC_REQUIRES;PC_LIBS" ${ARGN})
  set_property(GLOBAL APPEND PROPERTY PENSTOCK_COMPONENTS ${name})
  set_property(GLOBAL PROPERTY PENSTOCK_NEEDS_${name} "${ROOM_NEEDS}")
  if(NOT PENSTOCK_INSTALL)
    return()
  endif()
  if(CMAKE_INTERPROCEDURAL_OPTIMIZATION AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(penstock_${name} PRIVATE -ffat-lto-objects)  # Installed, it must link with any compiler.
  endif()
  install(TARGETS penstock_${name} EXPORT penstock-${name} FILE_SET HEADERS)
  install(EXPORT penstock-${name} NAMESPACE penstock:: FILE penstock-${name}-targets.cmake
          DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/penstock")
  penstock_install_pc(${name} "${ROOM_NEEDS}" "${ROOM_PC_REQUIRES}" "${ROOM_PC_LIBS}")
endfunction()

# The folder of a .pc file finds the prefix, so that a prefix can be moved. Absolute folders (Nix, …) stand as they are.
function(penstock_install_pc name needs requires libs)
  foreach(kind IN ITEMS LIBDIR INCLUDEDIR)
    if(IS_ABSOLUTE "${CMAKE_INSTALL_${kind}}")
      set(PC_${kind} "${CMAKE_INSTALL_${kind}}")
    else()
      set(PC_${kind} "\${prefix}/${CMAKE_INSTALL_${kind}}")
    endif()
  endforeach()
  if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
    set(PC_PREFIX "${CMAKE_INSTALL_PREFIX}")
  else()
    file(RELATIVE_PATH up "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
    string(REGEX REPLACE "/$" "" up "${up}")
    set(PC_PREFIX "\${pcfiledir}/${up}")
  endif()

  get_target_property(output penstock_${name} OUTPUT_NAME)
  get_target_property(type penstock_${name} TYPE)
  set(PC_PACKAGE penstock-${name})
  set(PC_ABOUT "Penstock, a webhook broker: ${name}")
  if(name STREQUAL "engine")
    set(PC_PACKAGE penstock)
  endif()
  list(TRANSFORM needs PREPEND "penstock-")
  list(TRANSFORM needs REPLACE "^penstock-engine$" "penstock")
  set(libs_private "")
  set(requires_private "")
  set(PC_CFLAGS "")
  if(type STREQUAL "SHARED_LIBRARY")  # It has linked its own libraries: its users need not.
    set(libs_private ${libs})
    set(requires_private ${requires})
    set(libs "")
    set(requires "")
    set(PC_CFLAGS " -DPENSTOCK_SHARED")
  endif()
  list(JOIN requires_private " " PC_REQUIRES_PRIVATE)
  list(JOIN libs_private " " PC_LIBS_PRIVATE)
  list(APPEND needs ${requires})
  list(JOIN needs " " PC_REQUIRES)
  list(JOIN libs " " PC_LIBS)
  set(PC_OUTPUT "${output}")
  configure_file("${PROJECT_SOURCE_DIR}/cmake/penstock.pc.in" "${PROJECT_BINARY_DIR}/pkgconfig/${PC_PACKAGE}.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/pkgconfig/${PC_PACKAGE}.pc"
          DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endfunction()

# The package files themselves, when all components are known.
function(penstock_install_package)
  if(NOT PENSTOCK_INSTALL)
    return()
  endif()
  get_property(PENSTOCK_COMPONENTS GLOBAL PROPERTY PENSTOCK_COMPONENTS)
  set(PENSTOCK_NEEDS "")
  foreach(component IN LISTS PENSTOCK_COMPONENTS)
    get_property(needs GLOBAL PROPERTY PENSTOCK_NEEDS_${component})
    string(APPEND PENSTOCK_NEEDS "set(penstock_needs_${component} \"${needs}\")\n")
  endforeach()
  get_target_property(type penstock_engine TYPE)
  set(PENSTOCK_ENGINE_IS_SHARED OFF)
  if(type STREQUAL "SHARED_LIBRARY")
    set(PENSTOCK_ENGINE_IS_SHARED ON)
  endif()

  set(folder "${CMAKE_INSTALL_LIBDIR}/cmake/penstock")
  configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/penstock-config.cmake.in"
                                "${PROJECT_BINARY_DIR}/penstock-config.cmake" INSTALL_DESTINATION "${folder}")
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/penstock-config-version.cmake"
                                   COMPATIBILITY SameMinorVersion)
  install(FILES "${PROJECT_BINARY_DIR}/penstock-config.cmake" "${PROJECT_BINARY_DIR}/penstock-config-version.cmake"
          DESTINATION "${folder}")
endfunction()
