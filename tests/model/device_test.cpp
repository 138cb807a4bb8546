#include "preannotate/model/device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "preannotate/core/error.h"

namespace preannotate {
namespace {

using testing::HasSubstr;

/// The exit code and sentence that a name is refused with; 0 where it is not.
std::pair<int, std::string> refused(const std::string& name) {
  try {
    devices_named(name);
    return {0, ""};
  } catch (const UserError& error) {
    return {error.exit_code(), error.what()};
  }
}

TEST(Devices, TheCpuIsOne) {
  EXPECT_EQ(devices_named("cpu"), std::vector<c10::Device>{c10::kCPU});
  EXPECT_EQ(device_named("cpu"), c10::Device(c10::kCPU));
  EXPECT_EQ(devices_named("auto").size(), 1u);
}

TEST(Devices, AnotherWordIsRefusedWithThoseThatThereAre) {
  for (const char* name : {"", "gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:1x", "cuda:0,", "cuda:,1",
                           "cuda:0,,1", "cuda:0;1", "cuda:99999999999", "CUDA"}) {
    const auto [code, sentence] = refused(name);
    EXPECT_EQ(code, kUsageError) << name;
    EXPECT_THAT(sentence, HasSubstr("is not one of auto, cpu, cuda, cuda:N, cuda:N,N or cuda:all"));
  }
}

// Row 100.
TEST(Devices, CudaIsNeverReplacedByTheCpu) {
  if (built_with_cuda()) GTEST_SKIP() << "of builds without CUDA";
  for (const char* name : {"cuda", "cuda:0", "cuda:1,0", "cuda:all"}) {
    const auto [code, sentence] = refused(name);
    EXPECT_EQ(code, kNoDevice) << name;
    EXPECT_THAT(sentence, HasSubstr("this build has no CUDA; use --device cpu"));
  }
}

TEST(Devices, OneIsRefusedTwice) {
  if (!built_with_cuda() || devices_named("auto").front().is_cpu()) GTEST_SKIP() << "no device";
  EXPECT_EQ(refused("cuda:0,0"),
            (std::pair<int, std::string>{kUsageError, "--device cuda:0,0 names cuda:0 twice"}));
}

}  // namespace
}  // namespace preannotate
