# What every module's CMakeLists.txt uses.

add_library(preannotate_options INTERFACE)
target_include_directories(preannotate_options INTERFACE ${CMAKE_CURRENT_LIST_DIR}/../include)
target_compile_options(preannotate_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wno-restrict;-ffp-contract=off;-fno-semantic-interposition>)
target_compile_definitions(preannotate_options INTERFACE PREANNOTATE_VERSION="${PROJECT_VERSION}")
if(PREANNOTATE_SANITIZE)
  target_compile_options(preannotate_options INTERFACE
    -fsanitize=${PREANNOTATE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  target_link_options(preannotate_options INTERFACE -fsanitize=${PREANNOTATE_SANITIZE})
endif()

# preannotate_module(NAME core [SHARED] FILES a.cpp b.cpp LINK preannotate_x ...)
# SHARED: what both the program and the pipelines that it loads use (src/cli/CMakeLists.txt).
function(preannotate_module)
  cmake_parse_arguments(M "SHARED" "NAME" "FILES;LINK;PRIVATE_LINK" ${ARGN})
  if(M_SHARED)
    add_library(preannotate_${M_NAME} SHARED ${M_FILES})
  else()
    add_library(preannotate_${M_NAME} STATIC ${M_FILES})
  endif()
  target_link_libraries(preannotate_${M_NAME} PUBLIC preannotate_options ${M_LINK} PRIVATE ${M_PRIVATE_LINK})
endfunction()

# preannotate_tests(NAME core FILES a_test.cpp LINK ...): the tests of one module, one program.
function(preannotate_tests)
  cmake_parse_arguments(T "" "NAME" "FILES;LINK" ${ARGN})
  add_executable(preannotate_${T_NAME}_tests ${T_FILES})
  target_link_libraries(preannotate_${T_NAME}_tests PRIVATE
    preannotate_${T_NAME} preannotate_test_support ${T_LINK} GTest::gmock GTest::gtest_main)
  target_include_directories(preannotate_${T_NAME}_tests PRIVATE ${CMAKE_SOURCE_DIR}/tests ${CMAKE_SOURCE_DIR}/src)
  gtest_discover_tests(preannotate_${T_NAME}_tests TEST_PREFIX ${T_NAME}/ DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300)
endfunction()

# The precompiled header for files that include torch: 10-20 s a file without it.
function(preannotate_precompile_torch TARGET)
  target_precompile_headers(${TARGET} PRIVATE <torch/script.h>)
endfunction()
