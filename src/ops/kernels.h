#pragma once

/// The CPU and CUDA twins of every kernel. The CUDA half lives in *.cu, or, in a build without
/// CUDA, in cuda_unavailable.cpp; CMake picks one, so no caller needs an #ifdef.

#include "normalize_body.h"

namespace preannotate::ops {

void run_cpu(const NormalizePixel& body);
void run_cuda(const NormalizePixel& body);  // on the current stream

}  // namespace preannotate::ops
