#pragma once

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cstdlib>

namespace preannotate {

/// A test that runs on the CPU and on CUDA: skipped, and said so, where there is no device; failed
/// where PREANNOTATE_REQUIRE_CUDA promises one.
class DeviceTest : public testing::TestWithParam<torch::DeviceType> {
 protected:
  void SetUp() override {
    if (GetParam() != torch::kCUDA || at::hasCUDA()) return;
    if (std::getenv("PREANNOTATE_REQUIRE_CUDA")) FAIL() << "no CUDA device";
    GTEST_SKIP() << "no CUDA device";
  }
};

inline const auto kDevices = testing::Values(torch::kCPU, torch::kCUDA);

inline std::string device_name(const testing::TestParamInfo<torch::DeviceType>& info) {
  return c10::DeviceTypeName(info.param);
}

/// What a call complains of.
template <class Call>
std::string value_error(Call call) {
  try {
    call();
  } catch (const c10::ValueError& error) {
    return error.what_without_backtrace();
  }
  return "no error";
}

}  // namespace preannotate
