#include "preannotate/quality/strangeness.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "preannotate/core/random.h"

namespace preannotate {
namespace {

std::vector<float> random_rows(size_t n, size_t dimension, Random& random) {
  std::vector<float> rows(n * dimension);
  for (float& value : rows) value = static_cast<float>(random.uniform());
  return rows;
}

double mean_to_nearest(const std::vector<std::vector<float>>& rows, size_t at) {
  std::vector<double> apart;
  for (size_t i = 0; i < rows.size(); ++i) {
    double squares = 0;
    for (size_t d = 0; d < rows[i].size(); ++d) {
      squares += std::pow(static_cast<double>(rows[i][d]) - rows[at][d], 2);
    }
    if (i != at) apart.push_back(std::sqrt(squares));
  }
  std::sort(apart.begin(), apart.end());
  double sum = 0;
  for (size_t i = 0; i < StrangenessScale::kNearest; ++i) sum += apart[i];
  return sum / StrangenessScale::kNearest;
}

/// The seed's images and the new one in one list, each measured against all others in it.
std::pair<double, double> by_definition(std::vector<std::vector<float>> rows,
                                        const std::vector<float>& image) {
  rows.push_back(image);
  const double its = mean_to_nearest(rows, rows.size() - 1);
  double less = 0;
  for (size_t i = 0; i + 1 < rows.size(); ++i) less += mean_to_nearest(rows, i) < its;
  return {its, less / static_cast<double>(rows.size() - 1)};
}

TEST(Strangeness, IsThatOfTheDefinition) {
  Random random(1);
  const size_t dimension = 3;
  SeedFeatures seed{dimension, random_rows(40, dimension, random), {}};
  for (int i = 0; i < 40; ++i) seed.classes.push_back(i % 2);
  const StrangenessScale scale(seed);
  for (int trial = 0; trial < 50; ++trial) {
    auto image = random_rows(1, dimension, random);
    for (float& value : image) value *= 1 + 0.02f * static_cast<float>(trial);
    std::vector<std::vector<float>> own_class;
    for (size_t i = static_cast<size_t>(trial % 2); i < 40; i += 2) {
      const auto row = seed.rows.begin() + static_cast<std::ptrdiff_t>(i * dimension);
      own_class.emplace_back(row, row + dimension);
    }
    const auto [distance, share] = by_definition(own_class, image);
    const auto found = scale.of(image, trial % 2);
    ASSERT_TRUE(found);
    EXPECT_NEAR(found->distance, distance, 1e-6);
    EXPECT_EQ(found->share, share);
  }
}

TEST(Strangeness, OfTheSameDistributionHasMeanOneHalfWhateverTheSizeOfTheSeed) {
  for (const size_t n : {10, 11, 15, 100}) {
    Random random(n);
    double sum = 0;
    const int seeds = 400, images = 5;
    for (int s = 0; s < seeds; ++s) {
      const StrangenessScale scale({2, random_rows(n, 2, random), std::vector<int>(n, 0)});
      for (int i = 0; i < images; ++i) sum += scale.of(random_rows(1, 2, random), 0)->share;
    }
    EXPECT_NEAR(sum / (seeds * images), 0.5, 0.03) << n;
  }
}

TEST(Strangeness, OfAnImageFarFromAllIsOne) {
  Random random(2);
  const StrangenessScale scale({2, random_rows(30, 2, random), std::vector<int>(30, 0)});
  const auto far = scale.of(std::vector<float>{40, 30}, 0);
  EXPECT_EQ(far->share, 1);
  EXPECT_NEAR(far->distance, 50, 2);
}

TEST(Strangeness, TiesCountHalf) {
  const StrangenessScale scale({1, std::vector<float>(12, 3), std::vector<int>(12, 0)});
  const auto same = scale.of(std::vector<float>{3}, 0);
  EXPECT_EQ(same->distance, 0);
  EXPECT_EQ(same->share, 0.5);
}

TEST(Strangeness, SmallClassesShareAStratum) {
  Random random(3);
  SeedFeatures seed{2, random_rows(29, 2, random), {}};
  for (int i = 0; i < 29; ++i) seed.classes.push_back(i < 10 ? 1 : i < 19 ? 0 : 3);
  const StrangenessScale scale(seed);  // class 0: 9 images, 1: 10, 2: none, 3: 10
  EXPECT_EQ(scale.stratum_sizes(), (std::vector<size_t>{10, 10, 9}));
  EXPECT_EQ(scale.stratum_of(1), 0u);
  EXPECT_EQ(scale.stratum_of(3), 1u);
  for (const int shared : {0, 2, 9}) EXPECT_EQ(scale.stratum_of(shared), 2u);
  const auto image = random_rows(1, 2, random);
  EXPECT_TRUE(scale.of(image, 1));
  EXPECT_FALSE(scale.of(image, 0)) << "9 images are too few";
  EXPECT_FALSE(scale.of(image, 2));
}

TEST(Strangeness, WithoutASeedThereIsNone) {
  const StrangenessScale scale({2, {}, {}});
  EXPECT_FALSE(scale.of(std::vector<float>{1, 2}, 0));
}

}  // namespace
}  // namespace preannotate
