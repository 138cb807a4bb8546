#pragma once

/// Marks a function that runs on the CPU and, in a build with CUDA, in kernels.
#ifdef __CUDACC__
#define PREANNOTATE_HOST_DEVICE __host__ __device__
#else
#define PREANNOTATE_HOST_DEVICE
#endif
