#include "preannotate/model/backbone.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/script.h>

#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/hash.h"
#include "support/test_folder.h"
#include "support/tiny_backbone.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing_support::test_folder;
using testing_support::TinyBackbone;
using testing_support::write_text;
using testing_support::write_tiny_backbone;

BackboneOptions trusted(const fs::path& path) {
  BackboneOptions options;
  options.path = path;
  options.trust = true;
  return options;
}

/// The UserError that loading throws, as "code: sentence".
std::string refusal(const BackboneOptions& options) {
  try {
    const Backbone backbone(options);
    return "loaded";
  } catch (const UserError& error) {
    return std::to_string(error.exit_code()) + ": " + error.what();
  }
}

torch::Tensor random_pixels(std::int64_t n, std::int64_t height, std::int64_t width) {
  return torch::randint(0, 256, {n, height, width, 3}, torch::kUInt8);
}

/// What the tiny network itself gives for them: its mean and standard deviation are 0.5.
std::vector<c10::IValue> outputs_of(const std::filesystem::path& path,
                                    const torch::Tensor& pixels) {
  auto module = torch::jit::load(path.string());
  const auto x = (pixels.to(torch::kFloat32) / 255 - 0.5) / 0.5;
  return module.forward({x.permute({0, 3, 1, 2})}).toTupleRef().elements().vec();
}

TEST(Backbone, SaysWhatItsFileSays) {
  const auto path = test_folder() / "tiny.pt";
  write_tiny_backbone(path);
  const Backbone backbone(trusted(path));
  EXPECT_EQ(backbone.info().name, "tiny");
  EXPECT_EQ(backbone.side(), 32);
  EXPECT_EQ(backbone.info().sha256, sha256_of_file(path));
  EXPECT_EQ(backbone.layout().embedding, 20);
  EXPECT_EQ(backbone.layout().maps, (std::vector<int64_t>{12, 16}));
  EXPECT_EQ(backbone.info().stages, (std::vector<std::string>{"stem", "body", "head"}));
}

TEST(Backbone, FeaturesAreTheEmbeddingThenTheMeanOfTheStride16And32Maps) {
  const auto path = test_folder() / "tiny.pt";
  write_tiny_backbone(path);
  const Backbone backbone(trusted(path));
  const auto x = random_pixels(3, 32, 32);
  const auto outputs = outputs_of(path, x);
  const auto expected = torch::cat({outputs[0].toTensor(), outputs[2].toTensor().mean({2, 3}),
                                    outputs[3].toTensor().mean({2, 3})},
                                   1);
  EXPECT_TRUE(torch::allclose(backbone.features(x), expected, 1e-4, 1e-5));
}

TEST(Backbone, ASingleTensorIsTheEmbedding) {
  const auto path = test_folder() / "tiny.pt";
  write_tiny_backbone(path, {.tuple = false});
  const Backbone backbone(trusted(path));
  EXPECT_EQ(backbone.layout().embedding, 20);
  EXPECT_TRUE(backbone.layout().maps.empty());
}

TEST(Backbone, ASingleMapIsAveraged) {
  const auto path = test_folder() / "tiny.pt";
  write_tiny_backbone(path, {.forward = "def forward(self, x):\n  return self.stem.forward(x)\n"});
  const Backbone backbone(trusted(path));
  EXPECT_EQ(backbone.layout().embedding, 8);
}

// Row 103.
TEST(Backbone, AnUnlistedFileIsRefusedWithTheWayToAllowIt) {
  const auto path = test_folder() / "tiny.pt";
  write_tiny_backbone(path);
  auto options = trusted(path);
  options.trust = false;
  EXPECT_THAT(refusal(options), testing::AllOf(HasSubstr("5: "), HasSubstr("--trust-backbone"),
                                               HasSubstr(sha256_of_file(path))));
  options.trusted_sha256 = sha256_of_file(path);
  EXPECT_EQ(refusal(options), "loaded");
}

TEST(Backbone, AnUntrustedFileRunsNothing) {
  const auto folder = test_folder();
  const auto canary = folder / "canary";
  const auto path = folder / "evil.pt";
  write_tiny_backbone(path, {.forward = "def forward(self, x):\n  torch.save(x, '" +
                                        canary.string() + "')\n  return x.mean([2, 3])\n"});
  auto options = trusted(path);
  options.trust = false;
  EXPECT_THAT(refusal(options), HasSubstr("--trust-backbone"));
  EXPECT_FALSE(fs::exists(canary));
}

// Row 101.
TEST(Backbone, MissingDamagedAndForeignFilesAreRefused) {
  const auto folder = test_folder();
  EXPECT_THAT(refusal(trusted(folder / "no.pt")), HasSubstr("5: backbone"));
  write_text(folder / "text.pt", "not a model");
  EXPECT_THAT(refusal(trusted(folder / "text.pt")), HasSubstr("no TorchScript file"));
  write_tiny_backbone(folder / "tiny.pt");
  const auto bytes = read_file(folder / "tiny.pt");
  write_text(folder / "cut.pt", bytes.substr(0, bytes.size() / 2));
  EXPECT_THAT(refusal(trusted(folder / "cut.pt")), HasSubstr("no TorchScript file"));
}

TEST(Backbone, OneWithoutStatisticsNeedsThemFromFlags) {
  const auto path = test_folder() / "tiny.pt";
  write_tiny_backbone(path, {.with_info = false});
  EXPECT_THAT(refusal(trusted(path)), HasSubstr("--mean"));
  auto options = trusted(path);
  options.mean = options.std = std::array<float, 3>{0.5f, 0.5f, 0.5f};
  options.side = 64;
  const Backbone backbone(options);
  EXPECT_EQ(backbone.side(), 64);
  EXPECT_EQ(backbone.info().stages, (std::vector<std::string>{"stem", "body", "head"}));
}

TEST(Backbone, OutputsOfAnotherShapeAreRefused) {
  const auto folder = test_folder();
  write_tiny_backbone(folder / "list.pt", {.forward = "def forward(self, x):\n  return [x, x]\n"});
  EXPECT_THAT(refusal(trusted(folder / "list.pt")), HasSubstr("5: backbone tiny returns neither"));
  write_tiny_backbone(folder / "scalar.pt",
                      {.forward = "def forward(self, x):\n  return x.sum()\n"});
  EXPECT_THAT(refusal(trusted(folder / "scalar.pt")), HasSubstr("returns neither"));
  write_tiny_backbone(folder / "nan.pt",
                      {.forward = "def forward(self, x):\n  return x.mean([2, 3]) / 0.0\n"});
  EXPECT_THAT(refusal(trusted(folder / "nan.pt")), HasSubstr("finite"));
}

TEST(Backbone, ASideThatDoesNotFitIsAUsageErrorWithOneThatDoes) {
  const auto path = test_folder() / "tiny.pt";
  write_tiny_backbone(path);
  auto options = trusted(path);
  options.side = 100;
  EXPECT_THAT(refusal(options), testing::AllOf(HasSubstr("2: --imgsz 100"), HasSubstr("96")));
}

TEST(Backbone, AtAnotherSideTheWeightsAreTheSame) {
  const auto path = test_folder() / "tiny.pt";
  write_tiny_backbone(path);
  const Backbone small(trusted(path));
  const Backbone large = small.at_side(64);
  EXPECT_EQ(large.side(), 64);
  const auto x = torch::full({2, 32, 32, 3}, 100, torch::kUInt8);
  const auto y = torch::full({2, 64, 64, 3}, 100, torch::kUInt8);
  EXPECT_TRUE(torch::allclose(small.features(x), large.features(y), 1e-4, 1e-5));
}

std::vector<std::pair<int, std::int64_t>> levels_of(const Backbone& backbone) {
  std::vector<std::pair<int, std::int64_t>> levels;
  for (const auto& level : backbone.map_levels()) levels.emplace_back(level.stride, level.channels);
  return levels;
}

TEST(Backbone, NamesItsMapsFinestFirstAtAnySide) {
  const auto path = test_folder() / "tiny.pt";
  write_tiny_backbone(path);
  const Backbone backbone(trusted(path));
  const std::vector<std::pair<int, std::int64_t>> expected{{8, 8}, {16, 12}, {32, 16}};
  EXPECT_EQ(levels_of(backbone), expected);
  EXPECT_EQ(levels_of(backbone.at_side(96)), expected);
}

TEST(Backbone, MapsOfAFrameThatIsNoSquareAreTheNetworksOwnChannelsLast) {
  const auto path = test_folder() / "tiny.pt";
  write_tiny_backbone(path);
  const Backbone backbone(trusted(path));
  const auto x = random_pixels(2, 64, 96);
  const auto maps = backbone.maps(x);
  const auto outputs = outputs_of(path, x);
  ASSERT_EQ(maps.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(maps[i].scalar_type(), torch::kFloat32);
    EXPECT_TRUE(maps[i].is_contiguous());
    EXPECT_FALSE(maps[i].requires_grad());
    const auto expected = outputs[i + 1].toTensor().permute({0, 2, 3, 1});
    ASSERT_EQ(maps[i].sizes(), expected.sizes());
    EXPECT_TRUE(torch::allclose(maps[i], expected, 1e-4, 1e-5)) << i;
  }
}

TEST(Backbone, OneThatGivesASingleMapHasOneLevel) {
  const auto path = test_folder() / "tiny.pt";
  write_tiny_backbone(path, {.forward = "def forward(self, x):\n  return self.stem.forward(x)\n"});
  const Backbone backbone(trusted(path));
  EXPECT_EQ(levels_of(backbone), (std::vector<std::pair<int, std::int64_t>>{{8, 8}}));
  EXPECT_EQ(backbone.maps(random_pixels(1, 32, 64))[0].sizes(),
            (std::vector<std::int64_t>{1, 4, 8, 8}));
}

TEST(Backbone, OneThatGivesPooledFeaturesOnlyHasNoMaps) {
  const auto path = test_folder() / "tiny.pt";
  write_tiny_backbone(path, {.tuple = false});
  const Backbone backbone(trusted(path));
  EXPECT_TRUE(backbone.map_levels().empty());
  EXPECT_TRUE(backbone.maps(random_pixels(1, 32, 32)).empty());
}

}  // namespace
}  // namespace preannotate
