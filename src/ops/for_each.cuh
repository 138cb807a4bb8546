#pragma once

#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAStream.h>

#include <algorithm>
#include <cstdint>

namespace preannotate::ops {

template <class Body>
__global__ void call_for_each(Body body, std::int64_t size) {
  const std::int64_t step = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
  for (std::int64_t i = blockIdx.x * std::int64_t{blockDim.x} + threadIdx.x; i < size; i += step) {
    body(i);
  }
}

/// body(i) for every i below body.size(), on the current stream.
template <class Body>
void for_each(const Body& body) {
  constexpr int kThreads = 256;
  const auto blocks = std::min<std::int64_t>((body.size() + kThreads - 1) / kThreads, 65535);
  if (blocks == 0) return;
  call_for_each<<<static_cast<unsigned>(blocks), kThreads, 0, c10::cuda::getCurrentCUDAStream()>>>(
      body, body.size());
  C10_CUDA_KERNEL_LAUNCH_CHECK();
}

}  // namespace preannotate::ops
