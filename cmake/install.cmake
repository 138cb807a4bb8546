# A relocatable folder: bin/preannotate, lib/preannotate/ with our libraries, libtorch and what it brings along,
# share/preannotate/models. OpenCV, libjpeg-turbo and libmicrohttpd stay the system's.

set_target_properties(preannotate PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/preannotate")
set_target_properties(preannotate_pipelines preannotate_core preannotate_headers preannotate_data PROPERTIES
  INSTALL_RPATH "$ORIGIN")
install(TARGETS preannotate RUNTIME DESTINATION bin)
install(TARGETS preannotate_pipelines preannotate_core preannotate_headers preannotate_data
  LIBRARY DESTINATION lib/preannotate)

if(PREANNOTATE_CUDA)
  # Some are loaded by name only when they are needed, so all of them.
  file(GLOB _torch_libraries ${Libtorch_ROOT}/lib/lib*.so*)
else()
  # Beside libtorch in its wheel: OpenMP, and the two small CUDA libraries that libtorch_cpu.so names.
  file(GLOB _torch_libraries ${Libtorch_ROOT}/lib/libgomp*.so* ${Libtorch_ROOT}/lib/libcudart*.so*
    ${Libtorch_ROOT}/lib/libcupti*.so*)
  list(APPEND _torch_libraries ${Libtorch_ROOT}/lib/libtorch_cpu.so ${Libtorch_ROOT}/lib/libc10.so)
endif()
install(FILES ${_torch_libraries} DESTINATION lib/preannotate)

install(FILES models/efficientnet_lite0.pt models/manifest.json models/README.md
  models/LICENSE-efficientnet-lite DESTINATION share/preannotate/models)
install(FILES LICENSE README.md DESTINATION share/preannotate)
