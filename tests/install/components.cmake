# find_package(penstock COMPONENTS …): what is there is found with all below it; what is not is told by name.
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/stranger.cmake")

# A project that looks for components and wants certain targets, and no others, to be there then.
set(project "${work}/components_project")
file(WRITE "${project}/CMakeLists.txt" [=[
cmake_minimum_required(VERSION 3.25)
project(components LANGUAGES CXX)
foreach(list IN ITEMS COMPONENTS OPTIONAL WANT)  # With commas, which no shell and no macro takes apart.
  string(REPLACE "," ";" ${list} "${${list}}")
endforeach()
find_package(penstock 0.1 CONFIG REQUIRED COMPONENTS ${COMPONENTS} OPTIONAL_COMPONENTS ${OPTIONAL})
foreach(component IN ITEMS engine http verify webhook_in streams admin)
  if(TARGET penstock::${component})
    list(APPEND found ${component})
  endif()
endforeach()
if(WANT AND NOT found STREQUAL WANT)
  message(FATAL_ERROR "wanted ${WANT}, found ${found}")
endif()
foreach(component IN LISTS OPTIONAL)
  if(penstock_${component}_FOUND)
    message(FATAL_ERROR "${component} was said to be found")
  endif()
endforeach()
]=])
set(in "-DCMAKE_PREFIX_PATH=${prefix}")

expect_refusal(unknown "${project}" "penstock: there is no component htpp: there are engine" ${in} -DCOMPONENTS=htpp)
foreach(later IN ITEMS webhook_out backstage sqs)
  expect_refusal(later "${project}" "penstock: component ${later} is not built yet" ${in} -DCOMPONENTS=${later})
endforeach()
configure(optional "${project}" ${in} "-DOPTIONAL=sqs,nonsense" -DWANT=engine)
if(NOT HAS_ADAPTERS)
  expect_refusal(without "${project}" "configure Penstock with -D PENSTOCK_ADAPTERS=ON" ${in} -DCOMPONENTS=http)
  return()
endif()

configure(http "${project}" ${in} -DCOMPONENTS=http "-DWANT=engine,http" -DCMAKE_DISABLE_FIND_PACKAGE_OpenSSL=ON
          -DCMAKE_DISABLE_FIND_PACKAGE_Boost=ON)
configure(webhook_in "${project}" ${in} -DCOMPONENTS=webhook_in "-DWANT=engine,http,verify,webhook_in")
configure(all "${project}" ${in} "-DCOMPONENTS=engine,admin,streams,webhook_in"
          "-DWANT=engine,http,verify,webhook_in,streams,admin")
expect_refusal(no_openssl "${project}" "penstock: component verify needs OpenSSL (Debian: libssl-dev)" ${in}
               -DCOMPONENTS=webhook_in -DCMAKE_DISABLE_FIND_PACKAGE_OpenSSL=ON)
expect_refusal(no_boost "${project}" "penstock: component streams needs Boost.JSON" ${in}
               -DCOMPONENTS=streams -DCMAKE_DISABLE_FIND_PACKAGE_Boost=ON)
configure(optional_without_boost "${project}" ${in} -DOPTIONAL=admin -DCMAKE_DISABLE_FIND_PACKAGE_Boost=ON)
