#include "preannotate/ops/top_k.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "ops/devices.h"
#include "ops/top_k_body.h"

namespace preannotate {
namespace {

/// The definition of one image: exponentials, a sum, a sort.
struct Definition {
  std::vector<int64_t> classes;  // best first
  std::vector<double> probabilities;
  double margin, entropy;
};

Definition definition_of(const float* logits, int64_t count, double temperature) {
  const double best = *std::max_element(logits, logits + count);
  std::vector<double> probability(static_cast<size_t>(count));
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    probability[i] = std::exp((logits[i] - best) / temperature);
    sum += probability[i];
  }
  Definition of{std::vector<int64_t>(probability.size()), {}, 0, 0};
  std::iota(of.classes.begin(), of.classes.end(), 0);
  std::stable_sort(of.classes.begin(), of.classes.end(),
                   [&](auto a, auto b) { return logits[a] > logits[b]; });
  for (const auto i : of.classes) {
    const double p = probability[i] / sum;
    of.probabilities.push_back(p);
    if (p > 0) of.entropy -= p * std::log(p);
  }
  of.margin = of.probabilities[0] - (count > 1 ? of.probabilities[1] : 0);
  return of;
}

void expect_near(double got, double expected, double least, const char* what) {
  EXPECT_NEAR(got, expected, 1.2e-7 * std::abs(expected) + least) << what;
}

void expect_definition(const TopClasses& top, const torch::Tensor& logits, int64_t k,
                       double temperature) {
  const int64_t images = logits.size(0), count = logits.size(1);
  ASSERT_EQ(top.probabilities.sizes(), (std::vector<int64_t>{images, k}));
  ASSERT_EQ(top.classes.sizes(), (std::vector<int64_t>{images, k}));
  const auto probabilities = top.probabilities.cpu(), classes = top.classes.cpu(),
             margins = top.margins.cpu(), entropies = top.entropies.cpu();
  for (int64_t i = 0; i < images; ++i) {
    const auto expected =
        definition_of(logits.const_data_ptr<float>() + i * count, count, temperature);
    for (int64_t rank = 0; rank < k; ++rank) {
      ASSERT_EQ(classes.const_data_ptr<int64_t>()[i * k + rank], expected.classes[rank])
          << "image " << i << " of " << images << " x " << count << " rank " << rank;
      expect_near(probabilities.const_data_ptr<float>()[i * k + rank], expected.probabilities[rank],
                  1e-42, "probability");
    }
    expect_near(margins.const_data_ptr<float>()[i], expected.margin, 1e-9, "margin");
    expect_near(entropies.const_data_ptr<float>()[i], expected.entropy, 1e-9, "entropy");
  }
}

class TopKTest : public DeviceTest {
 protected:
  TopClasses run(const torch::Tensor& logits, int64_t k, float temperature = 1) {
    return top_k(logits.to(GetParam()), k, temperature);
  }
};

TEST_P(TopKTest, GivesWhatItsDefinitionGives) {
  torch::manual_seed(4);
  for (const int64_t images : {0, 1, 63, 64, 65, 1000}) {
    for (const int64_t count : {1, 2, 31, 32, 33, 63, 64, 65, 1000}) {
      if (images == 1000 && count == 1000) continue;
      // Multiples of 1/4, so that classes tie.
      const auto logits = torch::randint(-40, 40, {images, count}).to(torch::kFloat32) / 4;
      for (const int64_t k : {1, 2, 5}) {
        const auto kept = std::min(k, count);
        expect_definition(run(logits, kept, 1.0f), logits, kept, 1.0);
        expect_definition(run(logits, kept, 0.5f), logits, kept, 0.5);
        expect_definition(run(logits, kept, 3.0f), logits, kept, 3.0);
      }
    }
  }
}

TEST_P(TopKTest, EveryDeviceGivesTheSameBits) {
  torch::manual_seed(5);
  for (const int64_t count : {1, 10, 65, 1000}) {
    const auto logits = torch::randn({65, count}) * 8;
    const auto expected = top_k(logits, std::min<int64_t>(count, 5), 1.3f);
    const auto got = run(logits, std::min<int64_t>(count, 5), 1.3f);
    EXPECT_TRUE(got.probabilities.cpu().equal(expected.probabilities));
    EXPECT_TRUE(got.classes.cpu().equal(expected.classes));
    EXPECT_TRUE(got.margins.cpu().equal(expected.margins));
    EXPECT_TRUE(got.entropies.cpu().equal(expected.entropies));
  }
}

TEST_P(TopKTest, EqualLogitsComeByClassAndHaveNoMargin) {
  const auto top = run(torch::full({1, 70}, 2.5f), 70);
  EXPECT_TRUE(top.classes.cpu().equal(torch::arange(70).view({1, 70})));
  EXPECT_EQ(top.margins.item<float>(), 0.0f);
  EXPECT_FLOAT_EQ(top.entropies.item<float>(), std::log(70.0f));
}

TEST_P(TopKTest, ASingleClassIsCertain) {
  const auto top = run(torch::tensor({{-3.0f}}), 1);
  EXPECT_EQ(top.probabilities.item<float>(), 1.0f);
  EXPECT_EQ(top.margins.item<float>(), 1.0f);
  EXPECT_EQ(top.entropies.item<float>(), 0.0f);
}

TEST_P(TopKTest, FarApartLogitsNeitherOverflowNorTurnUndefined) {
  const auto top = run(torch::tensor({{3e38f, -3e38f, -INFINITY}}), 3, 0.01f);
  EXPECT_TRUE(top.probabilities.cpu().equal(torch::tensor({{1.0f, 0.0f, 0.0f}})));
  EXPECT_TRUE(top.classes.cpu().equal(torch::tensor({{0, 1, 2}}, torch::kInt64)));
  EXPECT_EQ(top.entropies.item<float>(), 0.0f);
}

TEST_P(TopKTest, AnUndefinedLogitMakesItsOwnImageUndefined) {
  const auto top = run(torch::tensor({{1.f, NAN, 2.f}, {1.f, 0.f, 2.f}, {NAN, NAN, NAN}}), 3);
  const auto undefined = top.probabilities.isnan().cpu();
  EXPECT_TRUE(undefined.equal(
      torch::tensor({{true, true, true}, {false, false, false}, {true, true, true}})));
  EXPECT_TRUE(
      top.classes.cpu().equal(torch::tensor({{2, 0, 1}, {2, 0, 1}, {0, 1, 2}}, torch::kInt64)));
  EXPECT_TRUE(top.entropies.isnan().cpu().equal(torch::tensor({true, false, true})));
}

TEST_P(TopKTest, TakesTransposedLogits) {
  torch::manual_seed(6);
  const auto logits = torch::randn({7, 40});
  const auto top = run(logits.t().contiguous().t(), 3);
  EXPECT_TRUE(top.probabilities.equal(run(logits, 3).probabilities));
}

TEST(TopK, ItsExponentialAndLogarithmAreThoseOfTheLibrary) {
  for (double x = 0; x > -700; x -= 0.37) {
    EXPECT_NEAR(ops::exp_of(x) / std::exp(x), 1, 1e-11) << x;
  }
  EXPECT_EQ(ops::exp_of(0), 1);
  EXPECT_EQ(ops::exp_of(-709), 0);
  EXPECT_EQ(ops::exp_of(-INFINITY), 0);
  for (double x = 1; x < 1e9; x *= 1.037) {
    EXPECT_NEAR(ops::log_of(x), std::log(x), 1e-14 * (1 + std::log(x))) << x;
  }
  EXPECT_EQ(ops::log_of(1), 0);
}

TEST(TopKErrors, NameWhatTheyGot) {
  using testing::HasSubstr;
  const auto of = [](const torch::Tensor& logits, int64_t k, float temperature) {
    return value_error([&] { top_k(logits, k, temperature); });
  };
  EXPECT_THAT(of(torch::zeros(3), 1, 1), HasSubstr("[N, C] with C 1 or more, got [3]"));
  EXPECT_THAT(of(torch::zeros({2, 0}), 1, 1), HasSubstr("[2, 0]"));
  EXPECT_THAT(of(torch::zeros({2, 3}, torch::kFloat64), 1, 1), HasSubstr("Double"));
  EXPECT_THAT(of(torch::zeros({2, 3}), 4, 1), HasSubstr("k must be 1 to 3, got 4"));
  EXPECT_THAT(of(torch::zeros({2, 3}), 0, 1), HasSubstr("got 0"));
  EXPECT_THAT(of(torch::zeros({2, 3}), 1, 0), HasSubstr("temperature must be above 0, got 0"));
  EXPECT_THAT(of(torch::zeros({2, 3}), 1, NAN), HasSubstr("temperature"));
}

INSTANTIATE_TEST_SUITE_P(Devices, TopKTest, kDevices, device_name);

}  // namespace
}  // namespace preannotate
