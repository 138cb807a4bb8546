#include "preannotate/quality/certificate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "preannotate/core/random.h"
#include "preannotate/quality/exact_counts.h"

namespace preannotate {
namespace {

/// Drafts with their scores and whether they are wrong.
struct Pool {
  std::vector<double> scores;
  std::vector<char> wrong;
};

std::vector<SampledDraft> draw(const Pool& pool, size_t draws, Random& random) {
  std::vector<size_t> items(pool.scores.size());
  std::iota(items.begin(), items.end(), 0);
  random.shuffle(items);
  std::vector<SampledDraft> sample;
  for (size_t i = 0; i < draws; ++i) sample.push_back({items[i], pool.wrong[items[i]] != 0});
  return sample;
}

/// The likelier wrong the lower the score: about 7 % of all.
Pool usual_pool(size_t size, Random& random) {
  Pool pool;
  for (size_t i = 0; i < size; ++i) {
    pool.scores.push_back(random.uniform());
    pool.wrong.push_back(random.uniform() < 0.35 * std::pow(1 - pool.scores.back(), 4));
  }
  return pool;
}

long wrong_from(const Pool& pool, double threshold) {
  long count = 0;
  for (size_t i = 0; i < pool.scores.size(); ++i) {
    count += pool.scores[i] >= threshold && pool.wrong[i] != 0;
  }
  return count;
}

/// Shares of `runs` draws from a pool in which a certificate was given, and broken.
struct Outcome {
  double given = 0, broken = 0, bound_broken = 0, accepted = 0;
};
Outcome simulate(const Pool& pool, size_t draws, double max_error, int runs, Random& random) {
  Outcome outcome;
  const auto total = static_cast<double>(pool.scores.size());
  for (int run = 0; run < runs; ++run) {
    const auto certificate =
        certify_scores(pool.scores, draw(pool, draws, random), max_error, 0.05);
    if (!certificate.given) continue;
    const auto wrong = static_cast<double>(wrong_from(pool, certificate.threshold));
    outcome.given += 1.0 / runs;
    outcome.broken += (wrong > max_error * total) * 1.0 / runs;
    outcome.bound_broken += (wrong > certificate.bound * total + 1e-6) * 1.0 / runs;
    outcome.accepted += static_cast<double>(certificate.accepted) / total / runs;
  }
  return outcome;
}

constexpr int kRuns = 1000;
const double kNoise = 3 * std::sqrt(0.05 * 0.95 / kRuns);

TEST(Certificate, IsBrokenNoOftenerThanItSays) {
  Random random(1);
  for (const auto& [max_error, draws] : {std::pair{0.01, 250u}, {0.02, 150u}, {0.05, 100u}}) {
    const auto outcome = simulate(usual_pool(750, random), draws, max_error, kRuns, random);
    EXPECT_GT(outcome.given, 0.95) << max_error;
    EXPECT_GT(outcome.accepted, 0.2) << max_error;
    EXPECT_LE(outcome.broken, 0.05 + kNoise) << max_error;
    EXPECT_LE(outcome.bound_broken, 0.05 + kNoise) << max_error;
  }
}

// Nothing can be given away here: all scores are equal, one more is wrong than allowed, and the
// chance that a sample does not show it is next to delta.
TEST(Certificate, IsBrokenAsOftenAsItSaysInTheWorstCase) {
  Random random(2);
  Pool pool{std::vector<double>(750, 0.5), std::vector<char>(750, 0)};
  std::fill_n(pool.wrong.begin(), 8, 1);
  const long draws = answers_needed(750, 0.01, 0.05);
  const auto outcome = simulate(pool, static_cast<size_t>(draws), 0.01, kRuns, random);
  EXPECT_NEAR(outcome.broken, hypergeometric_cdf(0, 750, 8, draws), kNoise);
  EXPECT_LE(outcome.broken, 0.05 + kNoise);
  EXPECT_GE(outcome.broken, 0.05 - 2 * kNoise);
}

// Ties let a threshold stand above fewer wrong ones than are allowed; the bound must not take
// advantage of it.
TEST(Certificate, BoundHoldsWithFewDistinctScores) {
  Random random(3);
  for (const double levels : {2.0, 4.0, 10.0}) {
    Pool pool = usual_pool(750, random);
    for (auto& score : pool.scores) score = std::floor(score * levels) / levels;
    const auto outcome = simulate(pool, 200, 0.05, kRuns, random);
    EXPECT_LE(outcome.broken, 0.05 + kNoise) << levels;
    EXPECT_LE(outcome.bound_broken, 0.05 + kNoise) << levels;
  }
}

/// Scores 0.00, 0.01, ... 0.99 and a sample of all but every fourth.
std::vector<double> hundred_scores() {
  std::vector<double> scores;
  for (int i = 0; i < 100; ++i) scores.push_back(i / 100.0);
  return scores;
}
std::vector<SampledDraft> all_but_every_fourth(std::initializer_list<size_t> wrong) {
  std::vector<SampledDraft> sample;
  for (size_t i = 0; i < 100; ++i) {
    if (i % 4 == 3) continue;
    sample.push_back({i, std::count(wrong.begin(), wrong.end(), i) > 0});
  }
  return sample;
}

TEST(Certificate, AcceptsWhatScoresAboveTheFirstWrongOneTooMany) {
  // 75 of 100 without a wrong one say at most 1 is; with a wrong one at most 3; with two 5.
  const auto certificate =
      certify_scores(hundred_scores(), all_but_every_fourth({90, 70, 50, 10}), 0.03, 0.05);
  EXPECT_EQ(certificate.allowed_wrong, 1);
  EXPECT_TRUE(certificate.given);
  EXPECT_EQ(certificate.threshold, 0.71);
  EXPECT_EQ(certificate.accepted, 8);  // 71, 75, ... 99
  EXPECT_EQ(certificate.sampled, 75);
  EXPECT_EQ(certificate.wrong_in_sample, 4);
  EXPECT_EQ(certificate.total, 100);
  EXPECT_EQ(certificate.bound, 0.03);
  EXPECT_EQ(certificate.more_answers, 0);
}

TEST(Certificate, DoesNotAcceptScoresEqualToThatOfTheFirstWrongOneTooMany) {
  auto scores = hundred_scores();
  for (size_t i = 60; i < 80; ++i) scores[i] = 0.7;
  const auto certificate =
      certify_scores(scores, all_but_every_fourth({90, 70, 50, 10}), 0.03, 0.05);
  EXPECT_EQ(certificate.threshold, 0.8);
  EXPECT_EQ(certificate.accepted, 5);  // 83, 87, ... 99
}

TEST(Certificate, AcceptsAllWhenTheWrongOnesAreNotTooMany) {
  const auto certificate = certify_scores(hundred_scores(), all_but_every_fourth({90}), 0.05, 0.05);
  EXPECT_EQ(certificate.allowed_wrong, 2);
  EXPECT_EQ(certificate.threshold, 0);
  EXPECT_EQ(certificate.accepted, 25);
  // 73 draws are enough to allow two wrong ones. One was, and most_bad(1, 73, 100, 0.05) is 4
  // (scipy 1.17.1: hypergeom.cdf(1, 100, 5, 73) = 0.0181, hypergeom.cdf(1, 100, 4, 73) = 0.0589).
  EXPECT_EQ(certificate.tested, 73);
  EXPECT_EQ(certificate.bound, 0.04);
}

TEST(Certificate, DrawsBeyondThoseItNeedsDoNotMakeItStricter) {
  auto sample = all_but_every_fourth({90, 70, 50});  // in the order of the items
  std::reverse(sample.begin(), sample.end());
  sample[73].wrong = sample[74].wrong = true;  // 0 and 1 of the 75
  const auto certificate = certify_scores(hundred_scores(), sample, 0.05, 0.05);
  EXPECT_EQ(certificate.tested, 73);
  EXPECT_EQ(certificate.wrong_in_sample, 5);
  EXPECT_EQ(certificate.threshold, 0.51) << "above the third wrong one";
}

TEST(Certificate, SaysHowManyAnswersAreMissing) {
  std::vector<double> scores(1000, 0.9);
  std::vector<SampledDraft> sample;
  for (size_t i = 0; i < 200; ++i) sample.push_back({i, false});
  const auto small = certify_scores(scores, sample, 0.01, 0.05);
  EXPECT_FALSE(small.given);
  EXPECT_EQ(small.threshold, std::numeric_limits<double>::infinity());
  EXPECT_EQ(small.accepted, 0);
  EXPECT_EQ(small.allowed_wrong, -1);
  EXPECT_EQ(small.bound, 1);
  EXPECT_EQ(small.more_answers, 38);  // 238 in all
  for (size_t i = 200; i < 238; ++i) sample.push_back({i, false});
  const auto enough = certify_scores(scores, sample, 0.01, 0.05);
  EXPECT_TRUE(enough.given);
  EXPECT_EQ(enough.allowed_wrong, 0);
  EXPECT_EQ(enough.accepted, 762);
  EXPECT_EQ(enough.bound, 0.01);
}

TEST(Certificate, IsNotGivenWhenAllAreWrong) {
  std::vector<SampledDraft> sample;
  for (size_t i = 0; i < 100; ++i) sample.push_back({i, true});
  const auto certificate = certify_scores(hundred_scores(), sample, 0.05, 0.05);
  EXPECT_EQ(certificate.allowed_wrong, 5);
  EXPECT_TRUE(certificate.given);  // the 5 best, which people have labelled
  EXPECT_EQ(certificate.accepted, 0);
  const auto tied = certify_scores(std::vector<double>(100, 0.5), sample, 0.05, 0.05);
  EXPECT_FALSE(tied.given);
  EXPECT_EQ(tied.more_answers, 0);
  EXPECT_EQ(tied.accepted, 0);
}

TEST(Certificate, IsNotGivenForNoDrafts) {
  const auto certificate = certify_scores({}, {}, 0.05, 0.05);
  EXPECT_FALSE(certificate.given);
  EXPECT_EQ(certificate.more_answers, 0);
  EXPECT_EQ(certificate.total, 0);
}

TEST(Certificate, IsNotGivenWithoutASample) {
  const auto certificate = certify_scores(hundred_scores(), {}, 0.05, 0.05);
  EXPECT_FALSE(certificate.given);
  EXPECT_EQ(certificate.more_answers, answers_needed(100, 0.05, 0.05));
}

TEST(Certificate, NeedsNoSampleWhenAllMayBeWrong) {
  const auto certificate = certify_scores(hundred_scores(), {}, 1, 0.05);
  EXPECT_TRUE(certificate.given);
  EXPECT_EQ(certificate.accepted, 100);
  EXPECT_EQ(certificate.bound, 1);
}

}  // namespace
}  // namespace preannotate
