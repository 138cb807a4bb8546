#include "preannotate/model/device.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <sched.h>
#include <torch/version.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <string_view>
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

/// Of "cuda:0,2".
std::vector<int> cuda_numbers(const std::string& name) {
  std::vector<int> numbers;
  std::string_view rest(name);
  const bool cuda = rest.starts_with("cuda:");
  for (rest.remove_prefix(cuda ? 5 : rest.size()); !rest.empty();) {
    int number = -1;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    rest.remove_prefix(static_cast<size_t>(end - rest.data()));
    const bool more = rest.size() > 1 && rest.front() == ',';
    if (error != std::errc() || number < 0 || (!rest.empty() && !more)) {
      numbers.clear();
      break;
    }
    numbers.push_back(number);
    if (more) rest.remove_prefix(1);
  }
  if (!numbers.empty()) return numbers;
  throw UserError(kUsageError, "--device '", name,
                  "' is not one of auto, cpu, cuda, cuda:N, cuda:N,N or cuda:all");
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

std::vector<c10::Device> devices_named(const std::string& name) {
  if (name == "auto") return {cuda_devices() > 0 ? cuda_device(name, 0) : c10::Device(c10::kCPU)};
  if (name == "cpu") return {c10::kCPU};
  if (name == "cuda") return {cuda_device(name, 0)};
  std::vector<c10::Device> devices;
  if (name == "cuda:all") {
    for (int i = 0; i < std::max(1, cuda_devices()); ++i) devices.push_back(cuda_device(name, i));
    return devices;
  }
  for (const int number : cuda_numbers(name)) {
    const auto device = cuda_device(name, number);
    if (std::ranges::find(devices, device) != devices.end()) {
      throw UserError(kUsageError, "--device ", name, " names ", device.str(), " twice");
    }
    devices.push_back(device);
  }
  return devices;
}

c10::Device device_named(const std::string& name) {
  const auto devices = devices_named(name);
  if (devices.size() == 1) return devices.front();
  throw UserError(kUsageError, "--device ", name, " names ", devices.size(),
                  " devices; only predict of classes shares its images among several");
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
