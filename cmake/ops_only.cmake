# PREANNOTATE_OPS_ONLY: the kernels and what of `model` runs on a device, their tests and benchmarks, on
# a machine that has a libtorch (that of a Python environment will do) and CMake, but none of the
# other libraries. scripts/gpu_check.sh builds this on a machine with a GPU.

# Of core, what these use: needs nothing but the standard library.
add_library(preannotate_core STATIC src/core/error.cpp src/core/text.cpp)
target_link_libraries(preannotate_core PUBLIC preannotate_options)
add_subdirectory(src/ops)

# Of model and image, what a device needs: neither OpenCV nor any file format.
set(_model src/model/device_lane.cpp src/model/device_network.cpp src/model/device_stream.cpp
  src/model/pooled_features.cpp)
add_library(preannotate_device STATIC ${_model}
  src/image/augment.cpp src/image/light.cpp src/image/resize.cpp)
target_link_libraries(preannotate_device PUBLIC preannotate_ops)
target_include_directories(preannotate_device PUBLIC src)
if(PREANNOTATE_CUDA)
  target_compile_definitions(preannotate_device PRIVATE PREANNOTATE_HAS_CUDA)
endif()

add_executable(preannotate_device_bench EXCLUDE_FROM_ALL tests/bench/device_bench.cpp)
target_link_libraries(preannotate_device_bench PRIVATE preannotate_device)
set_target_properties(preannotate_device_bench PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/bench)

if(PREANNOTATE_BUILD_TESTS)
  enable_testing()
  find_package(GTest QUIET)
  if(GTest_FOUND)
    include(GoogleTest)
  else()
    message(STATUS "GoogleTest not found: using the part of it in tests/ops/mini_gtest")
    add_subdirectory(tests/ops/mini_gtest)
  endif()
  add_library(preannotate_test_support INTERFACE)  # these tests need none of it
  add_subdirectory(tests/ops)
  preannotate_tests(NAME device FILES tests/model/device_lane_test.cpp)
endif()
