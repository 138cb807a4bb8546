# Finds OpenCV's core, imgproc and imgcodecs: by OpenCV's own CMake files where they are installed,
# else as Debian's libopencv-*-dev packages lay them. (The package with the CMake files, libopencv-dev,
# brings all of OpenCV: 204 packages, 612 MB.) Defines opencv_core, opencv_imgproc, opencv_imgcodecs.

find_package(OpenCV QUIET CONFIG COMPONENTS core imgproc imgcodecs)
if(NOT OpenCV_FOUND)
  find_path(OpenCV_INCLUDE_DIR opencv2/core.hpp PATH_SUFFIXES opencv4)
  set(_libraries)
  foreach(_name core imgproc imgcodecs)
    find_library(OpenCV_${_name}_LIBRARY opencv_${_name})
    list(APPEND _libraries OpenCV_${_name}_LIBRARY)
  endforeach()
  if(OpenCV_INCLUDE_DIR)
    set(_version_header ${OpenCV_INCLUDE_DIR}/opencv2/core/version.hpp)
    foreach(_part MAJOR MINOR REVISION)
      file(STRINGS ${_version_header} _line REGEX "^#define CV_VERSION_${_part} ")
      string(REGEX MATCH "[0-9]+" _${_part} "${_line}")
    endforeach()
    set(OpenCV_VERSION ${_MAJOR}.${_MINOR}.${_REVISION})
  endif()
endif()

include(FindPackageHandleStandardArgs)
if(OpenCV_CONFIG)
  find_package_handle_standard_args(OpenCV CONFIG_MODE)
else()
  find_package_handle_standard_args(OpenCV
    REQUIRED_VARS OpenCV_INCLUDE_DIR ${_libraries} VERSION_VAR OpenCV_VERSION)
  foreach(_name core imgproc imgcodecs)
    if(OpenCV_FOUND AND NOT TARGET opencv_${_name})
      add_library(opencv_${_name} UNKNOWN IMPORTED)
      set_target_properties(opencv_${_name} PROPERTIES
        IMPORTED_LOCATION ${OpenCV_${_name}_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES "${OpenCV_INCLUDE_DIR}")
    endif()
  endforeach()
endif()
