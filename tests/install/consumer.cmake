# find_package(penstock) without components: the engine alone, from which no Boost and no OpenSSL may be asked.
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/stranger.cmake")
configure(consumer "${CMAKE_CURRENT_LIST_DIR}/consumer" "-DCMAKE_PREFIX_PATH=${prefix}"
          -DCMAKE_DISABLE_FIND_PACKAGE_Boost=ON -DCMAKE_DISABLE_FIND_PACKAGE_OpenSSL=ON)
build(consumer)
run("${work}/consumer/consumer")

# A prefix that was moved still works: nothing in it knows where it was made.
file(REMOVE_RECURSE "${work}/moved")
file(COPY "${prefix}/" DESTINATION "${work}/moved")
configure(consumer_of_moved "${CMAKE_CURRENT_LIST_DIR}/consumer" "-DCMAKE_PREFIX_PATH=${work}/moved")
build(consumer_of_moved)
run("${work}/consumer_of_moved/consumer")

# Before 1.0 the next minor version may break callers; an older one is not what was asked for.
foreach(version IN ITEMS 0.2 1.0 0.0.9)
  expect_refusal(version "${CMAKE_CURRENT_LIST_DIR}/consumer" "compatible with requested version \"${version}\""
                 "-DCMAKE_PREFIX_PATH=${prefix}" -DWANTED=${version})
endforeach()
