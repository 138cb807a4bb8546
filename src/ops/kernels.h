#pragma once

/// The CPU and CUDA twins of every kernel. The CUDA half lives in *.cu, or, in a build without
/// CUDA, in cuda_unavailable.cpp; CMake picks one, so no caller needs an #ifdef.

#include "candidates_body.h"
#include "decode_boxes_body.h"
#include "nms_body.h"
#include "normalize_body.h"
#include "preprocess_body.h"
#include "top_k_body.h"

namespace preannotate::ops {

void run_cpu(const CountCandidates& body);
void run_cuda(const CountCandidates& body);  // on the current stream

void run_cpu(const ListCandidates& body);
void run_cuda(const ListCandidates& body);

void run_cpu(const DecodeBox& body);
void run_cuda(const DecodeBox& body);

void run_cpu(const SuppressGroup& body);
void run_cuda(const SuppressGroup& body);

void run_cpu(const NormalizePixel& body);
void run_cuda(const NormalizePixel& body);

void run_cpu(const FindTaps& body);
void run_cuda(const FindTaps& body);

void run_cpu(const PreprocessPixel& body);
void run_cuda(const PreprocessPixel& body);

void run_cpu(const TopClassesOf& body);
void run_cuda(const TopClassesOf& body);

}  // namespace preannotate::ops
