#pragma once

#include <c10/core/Device.h>

#include <string>
#include <vector>

namespace preannotate {

/// auto, cpu, cuda, cuda:N, cuda:N,N,... or cuda:all. auto takes the first CUDA device where the
/// build and the machine have one. Throws UserError(kNoDevice) when CUDA is asked for and cannot be
/// used (never falls back), kUsageError for another word or a device named twice.
std::vector<c10::Device> devices_named(const std::string& name);

/// The same for work that one device does: kUsageError for several.
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
