#include "preannotate/model/device.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <sched.h>
#include <torch/version.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <thread>

#ifdef PREANNOTATE_HAS_CUDA
#include <c10/cuda/CUDAFunctions.h>
#endif

#include "preannotate/core/error.h"

namespace preannotate {
namespace {

int cuda_devices() {
#ifdef PREANNOTATE_HAS_CUDA
  return c10::cuda::device_count();
#else
  return 0;
#endif
}

c10::Device cuda_device(const std::string& name, int index) {
  if (!built_with_cuda()) {
    throw UserError(kNoDevice, "--device ", name, ": this build has no CUDA; use --device cpu");
  }
  if (index >= cuda_devices()) {
    throw UserError(kNoDevice, "--device ", name, ": this machine has ", cuda_devices(),
                    " CUDA devices; use --device cpu");
  }
  return c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(index));
}

/// Of cgroup v2's "max 100000" or "150000 100000"; 0 when there is no limit.
double cgroup_cores() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max" || period <= 0) return 0;
  return std::strtod(quota.c_str(), nullptr) / period;
}

}  // namespace

bool built_with_cuda() {
#ifdef PREANNOTATE_HAS_CUDA
  return true;
#else
  return false;
#endif
}

c10::Device device_named(const std::string& name) {
  if (name == "auto") return cuda_devices() > 0 ? cuda_device(name, 0) : c10::Device(c10::kCPU);
  if (name == "cpu") return c10::kCPU;
  if (name == "cuda") return cuda_device(name, 0);
  const std::string number = name.starts_with("cuda:") ? name.substr(5) : "";
  const bool digits =
      !number.empty() && number.size() < 4 &&
      std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (digits) return cuda_device(name, std::stoi(number));
  throw UserError(kUsageError, "--device '", name, "' is not one of auto, cpu, cuda, cuda:N");
}

std::string device_description(const c10::Device& device) {
  return device.str();
}

std::string libtorch_version() {
  return TORCH_VERSION;
}

void use_one_thread_per_operator() {
  at::set_num_threads(1);
}

int usable_cores() {
  int cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) cores = std::min(cores, CPU_COUNT(&set));
  if (const double limit = cgroup_cores(); limit > 0) {
    cores = std::min(cores, static_cast<int>(std::ceil(limit)));
  }
  return std::max(1, cores);
}

}  // namespace preannotate
