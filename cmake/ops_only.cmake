# PREANNOTATE_OPS_ONLY: the kernels, their tests and their benchmark, on a machine that has a
# libtorch (that of a Python environment will do) and CMake, but none of the other libraries.
# scripts/gpu_check.sh builds this on a machine with a GPU.

# Of core, what ops uses: needs nothing but the standard library.
add_library(preannotate_core STATIC src/core/error.cpp src/core/text.cpp)
target_link_libraries(preannotate_core PUBLIC preannotate_options)
add_subdirectory(src/ops)

if(PREANNOTATE_BUILD_TESTS)
  enable_testing()
  find_package(GTest QUIET)
  if(GTest_FOUND)
    include(GoogleTest)
  else()
    message(STATUS "GoogleTest not found: using the part of it in tests/ops/mini_gtest")
    add_subdirectory(tests/ops/mini_gtest)
  endif()
  add_library(preannotate_test_support INTERFACE)  # the tests of ops need none of it
  add_subdirectory(tests/ops)
endif()
