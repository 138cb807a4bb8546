#include "preannotate/model/seed_reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "preannotate/core/error.h"
#include "preannotate/core/hash.h"

namespace preannotate {
namespace {

using testing::HasSubstr;

/// Two blocks of columns, the second a hundred times as wide spread.
ReferenceImages images_of(std::int64_t n) {
  torch::manual_seed(3);
  ReferenceImages images;
  images.features = torch::cat({torch::randn({n, 6}), 5 + 100 * torch::randn({n, 4})}, 1);
  images.blocks = {6, 4};
  for (std::int64_t i = 0; i < n; ++i) {
    images.classes.push_back(i % 3);
    images.sha256.push_back(sha256(std::to_string(i)));
  }
  return images;
}

TEST(SeedReference, BlocksCountTheSameAndTheMeanSquaredDistanceIsOne) {
  const auto images = images_of(80);
  const auto reference = seed_reference(images, 0);
  const auto rows = reference.rows.to(torch::kFloat64);
  const auto apart = [&](std::int64_t first, std::int64_t end) {
    const auto part = rows.slice(1, first, end);
    return (part.unsqueeze(0) - part.unsqueeze(1)).pow(2).sum(2).mean().item<double>();
  };
  EXPECT_NEAR(apart(0, 6), 0.5, 0.002);
  EXPECT_NEAR(apart(6, 10), 0.5, 0.002);
  const auto again = (images.features - reference.mean) * reference.scale;
  EXPECT_LT((again - reference.rows).abs().max().item<double>(), 1e-3);
}

TEST(SeedReference, AConstantBlockCountsNothing) {
  auto images = images_of(20);
  images.features.slice(1, 6, 10).fill_(7);
  const auto reference = seed_reference(images, 0);
  EXPECT_TRUE(torch::isfinite(reference.rows).all().item<bool>());
  EXPECT_EQ(reference.rows.slice(1, 6, 10).abs().max().item<float>(), 0);
}

TEST(SeedReference, CopiesOfAnImageAreKeptOnce) {
  auto images = images_of(20);
  images.sha256[7] = images.sha256[2];
  const auto reference = seed_reference(images, 0);
  EXPECT_EQ(reference.images(), 19);
  EXPECT_EQ(reference.contents[2], images.sha256[2].substr(0, 16));
  EXPECT_EQ(reference.classes[7].item<std::int64_t>(), 8 % 3);
}

TEST(SeedReference, OfManyImagesAThousandAreDrawn) {
  const auto images = images_of(1200);
  const auto reference = seed_reference(images, 5);
  EXPECT_EQ(reference.images(), 1000);
  EXPECT_EQ(reference.contents, seed_reference(images, 5).contents);
  EXPECT_NE(reference.contents, seed_reference(images, 6).contents);
}

TEST(SeedReference, ReadsBackAsItWas) {
  auto images = images_of(12);
  images.precision = Precision::kInt8;
  const auto reference = seed_reference(images, 0);
  const auto again = reference_from(reference_bytes(reference), "reference.pt");
  EXPECT_TRUE(torch::equal(again.mean, reference.mean));
  EXPECT_TRUE(torch::equal(again.scale, reference.scale));
  EXPECT_TRUE(torch::equal(again.rows, reference.rows));
  EXPECT_TRUE(torch::equal(again.classes, reference.classes));
  EXPECT_EQ(again.contents, reference.contents);
  EXPECT_EQ(again.precision, Precision::kInt8);
}

std::string refusal(const std::string& bytes) {
  try {
    reference_from(bytes, "run/reference.pt");
    return "nothing was thrown";
  } catch (const UserError& error) {
    EXPECT_EQ(error.exit_code(), kBadModel);
    return error.what();
  }
}

TEST(SeedReference, AnythingElseIsRefused) {
  const auto bytes = reference_bytes(seed_reference(images_of(12), 0));
  EXPECT_THAT(refusal(""), HasSubstr("run/reference.pt holds no reference images"));
  EXPECT_THAT(refusal(bytes.substr(0, bytes.size() / 2)), HasSubstr("holds no reference images"));

  auto reference = seed_reference(images_of(12), 0);
  reference.classes = reference.classes.slice(0, 0, 11).clone();
  EXPECT_THAT(refusal(reference_bytes(reference)), HasSubstr("shapes that do not fit"));
  reference = seed_reference(images_of(12), 0);
  reference.classes = -reference.classes;
  EXPECT_THAT(refusal(reference_bytes(reference)), HasSubstr("do not fit"));
  reference = seed_reference(images_of(12), 0);
  reference.scale.fill_(std::numeric_limits<float>::infinity());
  EXPECT_THAT(refusal(reference_bytes(reference)), HasSubstr("do not fit"));
}

}  // namespace
}  // namespace preannotate
