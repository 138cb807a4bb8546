#pragma once

#include <c10/core/Device.h>

#include <string>

namespace preannotate {

/// auto, cpu, cuda or cuda:N. auto takes CUDA where the build and the machine have it. Throws
/// UserError(kNoDevice) when CUDA is asked for and cannot be used (never falls back), kUsageError
/// for another word.
c10::Device device_named(const std::string& name);

/// "cpu", "cuda:0 (NVIDIA H100)".
std::string device_description(const c10::Device& device);

/// True when the CUDA kernels were compiled in.
bool built_with_cuda();

/// "2.11.0" of the libtorch headers this was built with.
std::string libtorch_version();

/// Cores this process may use: affinity and cgroup limits honoured, at least 1.
int usable_cores();

/// For the program's start: each operator runs on the thread that calls it. The pipelines have
/// threads of their own, and an OpenMP team beside them only spins.
void use_one_thread_per_operator();

}  // namespace preannotate
