# A relocatable folder: bin/preannotate, lib/preannotate/ with libtorch and what it brings along,
# share/preannotate/models. OpenCV and libjpeg-turbo stay the system's.

set_target_properties(preannotate PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/preannotate")
install(TARGETS preannotate RUNTIME DESTINATION bin)

set(_torch_libraries libtorch_cpu.so libc10.so)
if(PREANNOTATE_CUDA)
  list(APPEND _torch_libraries libtorch_cuda.so libc10_cuda.so)
endif()
list(TRANSFORM _torch_libraries PREPEND ${Libtorch_ROOT}/lib/)
# Beside libtorch in its wheel: OpenMP, and the two small CUDA libraries that libtorch_cpu.so names.
file(GLOB _bundled ${Libtorch_ROOT}/lib/libgomp*.so* ${Libtorch_ROOT}/lib/libcudart*.so*
  ${Libtorch_ROOT}/lib/libcupti*.so*)
install(FILES ${_torch_libraries} ${_bundled} DESTINATION lib/preannotate)

install(FILES models/efficientnet_lite0.pt models/manifest.json models/README.md
  models/LICENSE-efficientnet-lite DESTINATION share/preannotate/models)
install(FILES LICENSE README.md DESTINATION share/preannotate)
