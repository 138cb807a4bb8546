#include "preannotate/model/fine_tune.h"

#include <gtest/gtest.h>
#include <torch/script.h>

#include <sstream>

#include "preannotate/core/error.h"
#include "support/test_folder.h"
#include "support/tiny_backbone.h"

namespace preannotate {
namespace {

using testing_support::test_folder;
using testing_support::write_tiny_backbone;

class FineTuneTest : public testing::Test {
 protected:
  void SetUp() override {
    torch::manual_seed(3);
    const auto path = test_folder() / "tiny.pt";
    write_tiny_backbone(path);
    BackboneOptions options;
    options.path = path;
    options.trust = true;
    backbone_ = std::make_unique<Backbone>(options);
    // Class 1 has a stripe that the mean alone hardly shows.
    pixels_ = torch::randn({24, 3, 32, 32}) * 0.3;
    targets_ = torch::arange(24).remainder(2);
    for (int i = 1; i < 24; i += 2)
      pixels_[i].slice(2, 0, 32, 2).add_(0.6).slice(1, 0, 16).sub_(0.3);
    head_.mean = torch::zeros({48});
    head_.scale = torch::ones({48});
    head_.weight = torch::zeros({2, 48});
    head_.bias = torch::zeros({2});
    tuning_.stages = 2;
    tuning_.epochs = 12;
    tuning_.batch = 8;
    tuning_.learning_rate = 0.02;
  }

  FineTuneResult run() {
    return fine_tune(
        *backbone_, head_, 48, targets_, Link::kSoftmax,
        [this](const std::vector<size_t>& rows, int) {
          const auto index = torch::tensor(std::vector<int64_t>(rows.begin(), rows.end()));
          return pixels_.index_select(0, index);
        },
        tuning_, nullptr);
  }

  static std::map<std::string, torch::Tensor> tensors(const std::string& bytes) {
    std::istringstream stream(bytes);
    auto module = torch::jit::load(stream);
    std::map<std::string, torch::Tensor> found;
    for (const auto& p : module.named_parameters()) found[p.name] = p.value;
    for (const auto& b : module.named_buffers()) found[b.name] = b.value;
    return found;
  }

  std::unique_ptr<Backbone> backbone_;
  torch::Tensor pixels_, targets_;
  LinearHead head_;
  FineTuneOptions tuning_;
};

TEST_F(FineTuneTest, TheLossFallsAndOnlyTheLastStagesMove) {
  const auto result = run();
  EXPECT_LT(result.epoch_loss.back(), 0.8 * result.epoch_loss.front());
  const auto before = tensors(backbone_->bytes()), after = tensors(result.backbone_bytes);
  ASSERT_EQ(before.size(), after.size());
  for (const auto& [name, value] : before) {
    const bool trained = (name.starts_with("body.") || name.starts_with("head.")) &&
                         name.find("running") == std::string::npos;
    EXPECT_EQ(torch::equal(value, after.at(name)), !trained) << name;
  }
  ASSERT_EQ(result.changes.size(), 2u);
  EXPECT_EQ(result.changes[0].stage, "body");
  EXPECT_GT(result.changes[1].relative_change, 0);
}

TEST_F(FineTuneTest, AStrongPullKeepsTheWeightsNearer) {
  const double free = run().changes[1].relative_change;
  tuning_.l2_sp = 5;
  EXPECT_LT(run().changes[1].relative_change, 0.7 * free);
}

TEST_F(FineTuneTest, TheSameSeedGivesTheSameBytes) {
  EXPECT_EQ(tensors(run().backbone_bytes).at("head.weight").sum().item<float>(),
            tensors(run().backbone_bytes).at("head.weight").sum().item<float>());
}

TEST_F(FineTuneTest, TheTunedBackboneLoadsAndKeepsItsDescription) {
  BackboneOptions options;
  options.path = "tuned";
  options.bytes = run().backbone_bytes;
  options.trust = true;
  const Backbone tuned(options);
  EXPECT_EQ(tuned.info().name, "tiny");
  EXPECT_NE(tuned.info().sha256, backbone_->info().sha256);
}

TEST_F(FineTuneTest, MoreStagesThanThereAreIsAUsageError) {
  tuning_.stages = 4;
  EXPECT_THROW(run(), UserError);
}

// Row 98.
TEST_F(FineTuneTest, AnEndlessRateEndsAsDivergedNotAsAModel) {
  tuning_.learning_rate = 1e30;
  try {
    run();
    FAIL();
  } catch (const UserError& error) {
    EXPECT_EQ(error.exit_code(), kDiverged);
  }
}

}  // namespace
}  // namespace preannotate
