#pragma once

// Stands in for libtorch's header: the names that headers of `model` and `engine` mention. Nothing
// here is ever called; reading run.json needs none of it.

namespace at {
class Generator;
class Tensor {};
}  // namespace at

namespace c10 {
enum class DeviceType { kCPU };
constexpr DeviceType kCPU = DeviceType::kCPU;
struct Device {
  Device(DeviceType) {}
};
}  // namespace c10

namespace torch {
using at::Tensor;
}  // namespace torch
