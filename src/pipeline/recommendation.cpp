#include "recommendation.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace preannotate {

namespace {

constexpr double kEqualSpeed = 0.9;  // of the fastest: as much as a speed differs from run to run

size_t choose(const std::vector<Standing>& standings) {
  double fastest = 0;
  for (const auto& standing : standings) {
    if (!standing.more_loss.beyond_noise()) fastest = std::max(fastest, standing.images_per_s);
  }
  for (size_t i = 0; i < standings.size(); ++i) {
    const Standing& standing = standings[i];
    if (standing.more_loss.beyond_noise()) continue;
    if (standing.images_per_s >= kEqualSpeed * fastest) return i;
  }
  return 0;
}

/// Of those that are faster than the best beyond what speeds differ the one with the least
/// log-loss; standings.size() for none.
size_t best_of_faster(const std::vector<Standing>& standings) {
  const double as_fast = standings.front().images_per_s / kEqualSpeed;
  size_t i = 1;
  while (i < standings.size() && standings[i].images_per_s <= as_fast) ++i;
  return i;
}

std::string times(double ratio) {
  char text[32];
  std::snprintf(text, sizeof text, ratio < 10 ? "%.1f times" : "%.0f times", ratio);
  return text;
}

/// How far `other` is from the best one.
std::string gap(const Standing& other, const std::string& right_name) {
  const auto& loss = other.more_loss;
  const auto& right = other.more_right;
  char text[200];
  std::snprintf(text, sizeof text,
                "log-loss +%.3f (95 %% interval %.3f to %.3f), %s %+.1f points (%+.1f to %+.1f)",
                loss.value, loss.low, loss.high, right_name.c_str(), 100 * right.value,
                100 * right.low, 100 * right.high);
  return text;
}

/// Why the best one, when it is chosen itself.
std::string reason_for_best(const std::vector<Standing>& standings, const std::string& right_name) {
  if (standings.size() == 1) return "the only one that could be ranked";
  const size_t faster = best_of_faster(standings);
  if (faster == standings.size()) return "the least log-loss, and none is faster";
  const Standing& other = standings[faster];
  return "the least log-loss; " + other.name + " is " +
         times(other.images_per_s / standings[0].images_per_s) + " as fast, but worse beyond the " +
         "noise: " + gap(other, right_name);
}

}  // namespace

Recommendation recommend(const std::vector<Standing>& standings, const std::string& right_name) {
  const size_t chosen = choose(standings);
  if (chosen == 0) return {0, reason_for_best(standings, right_name)};
  const Standing& best = standings.front();
  const Standing& pick = standings[chosen];
  return {chosen, times(pick.images_per_s / best.images_per_s) + " as fast as " + best.name +
                      ", the best, and within its noise: " + gap(pick, right_name)};
}

}  // namespace preannotate
