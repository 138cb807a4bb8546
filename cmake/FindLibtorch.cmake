# Finds the libtorch C++ library. Looked for, first found wins:
#   1. PREANNOTATE_TORCH_DIR, CMake variable or environment: the folder with include/ and lib/
#   2. CMAKE_PREFIX_PATH (a libtorch archive, or a Python environment's torch folder)
#   3. what scripts/setup.sh unpacks: ${PREANNOTATE_CACHE:-${XDG_CACHE_HOME:-~/.cache}/preannotate}/libtorch-2.11.0
# Defines Libtorch::cpu (libtorch_cpu and libc10) and, with PREANNOTATE_CUDA, Libtorch::cuda.
# torch's own TorchConfig.cmake is not used: that of a wheel with CUDA insists on a CUDA toolkit.

if(DEFINED ENV{PREANNOTATE_CACHE})
  set(_cache $ENV{PREANNOTATE_CACHE})
elseif(DEFINED ENV{XDG_CACHE_HOME})
  set(_cache $ENV{XDG_CACHE_HOME}/preannotate)
else()
  set(_cache $ENV{HOME}/.cache/preannotate)
endif()
if(NOT PREANNOTATE_TORCH_DIR)
  set(PREANNOTATE_TORCH_DIR $ENV{PREANNOTATE_TORCH_DIR})
endif()

if(PREANNOTATE_TORCH_DIR)
  set(_only NO_DEFAULT_PATH)
endif()
find_path(Libtorch_INCLUDE_DIR torch/script.h
  HINTS ${PREANNOTATE_TORCH_DIR} PATHS ${_cache}/libtorch-2.11.0
  PATH_SUFFIXES include torch/include ${_only})
get_filename_component(Libtorch_ROOT "${Libtorch_INCLUDE_DIR}" DIRECTORY)
foreach(name torch_cpu c10 torch_cuda c10_cuda)
  find_library(Libtorch_${name}_LIBRARY ${name} PATHS ${Libtorch_ROOT}/lib NO_DEFAULT_PATH)
endforeach()
if(EXISTS "${Libtorch_INCLUDE_DIR}/torch/headeronly/version.h")
  set(_version_header ${Libtorch_INCLUDE_DIR}/torch/headeronly/version.h)
elseif(EXISTS "${Libtorch_INCLUDE_DIR}/torch/version.h")
  set(_version_header ${Libtorch_INCLUDE_DIR}/torch/version.h)
endif()
if(_version_header)
  foreach(part MAJOR MINOR PATCH)
    file(STRINGS ${_version_header} _line REGEX "define TORCH_VERSION_${part} ")
    string(REGEX REPLACE ".*TORCH_VERSION_${part} +([0-9]+).*" "\\1" _${part} "${_line}")
  endforeach()
  set(Libtorch_VERSION ${_MAJOR}.${_MINOR}.${_PATCH})
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Libtorch
  REQUIRED_VARS Libtorch_torch_cpu_LIBRARY Libtorch_c10_LIBRARY Libtorch_INCLUDE_DIR
  VERSION_VAR Libtorch_VERSION
  REASON_FAILURE_MESSAGE "run scripts/setup.sh, or set PREANNOTATE_TORCH_DIR to a libtorch folder")

add_library(Libtorch::cpu INTERFACE IMPORTED)
target_include_directories(Libtorch::cpu INTERFACE
  ${Libtorch_INCLUDE_DIR} ${Libtorch_INCLUDE_DIR}/torch/csrc/api/include)
target_link_libraries(Libtorch::cpu INTERFACE ${Libtorch_torch_cpu_LIBRARY} ${Libtorch_c10_LIBRARY})
# libtorch_cpu's own needs (libgomp, libcudart of a CUDA wheel) lie beside it.
target_link_options(Libtorch::cpu INTERFACE -Wl,--allow-shlib-undefined -Wl,-rpath-link,${Libtorch_ROOT}/lib)

if(PREANNOTATE_CUDA)
  if(NOT Libtorch_torch_cuda_LIBRARY)
    message(FATAL_ERROR "PREANNOTATE_CUDA needs a libtorch with CUDA; ${Libtorch_ROOT}/lib has no libtorch_cuda (scripts/setup.sh --cuda fetches it)")
  endif()
  add_library(Libtorch::cuda INTERFACE IMPORTED)
  target_link_libraries(Libtorch::cuda INTERFACE Libtorch::cpu
    -Wl,--no-as-needed ${Libtorch_torch_cuda_LIBRARY} ${Libtorch_c10_cuda_LIBRARY} -Wl,--as-needed)
endif()
