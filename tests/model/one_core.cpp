#include <ATen/Parallel.h>
#include <gtest/gtest.h>

namespace preannotate {
namespace {

/// The program runs one replica a core; so do these tests, which a team of threads for each of many
/// small operators would slow tenfold on a busy machine.
class OneCore : public testing::Environment {
 public:
  void SetUp() override { at::set_num_threads(1); }
};

const auto* const kOneCore = testing::AddGlobalTestEnvironment(new OneCore);

}  // namespace
}  // namespace preannotate
