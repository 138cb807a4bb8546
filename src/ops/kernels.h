#pragma once

/// The CPU and CUDA twins of every kernel. The CUDA half lives in *.cu, or, in a build without
/// CUDA, in cuda_unavailable.cpp; CMake picks one, so no caller needs an #ifdef.

#include "decode_boxes_body.h"
#include "nms_body.h"
#include "normalize_body.h"

namespace preannotate::ops {

void run_cpu(const DecodeBox& body);
void run_cuda(const DecodeBox& body);  // on the current stream

// Its CPU twin is nms.cpp, which asks for a word when it needs it.
void run_cuda(const OverlapWord& body);

void run_cpu(const NormalizePixel& body);
void run_cuda(const NormalizePixel& body);

}  // namespace preannotate::ops
