#pragma once

#include <string>
#include <utility>
#include <vector>

namespace preannotate {

/// A monotone map from the score of a box to the probability that it is right, learned on boxes of
/// images that the head was not trained on.
struct ScoreMap {
  std::string method = "none";                   // none (identity), platt or isotonic
  double slope = 1, offset = 0;                  // platt: sigmoid(slope * logit(score) + offset)
  std::vector<std::pair<double, double>> steps;  // isotonic: (score, probability), both rising;
                                                 // linear between, flat outside
  /// score in [0, 1] -> [0, 1]; never falls as score rises.
  double operator()(double score) const;
};

/// One box with its raw score and whether it matched an object.
struct ScoredBox {
  double score = 0;
  bool right = false;
};

/// What counts is the rarer kind, right or wrong: thousands of boxes of no score say little of a
/// few objects. Platt (1999) with his smoothed targets and slope >= 0 below `isotonic_from` of it;
/// isotonic regression (pool adjacent violators) from there on, each pool standing at its mean
/// score (Oron and Flournoy 2017) so that scores within one stay in order; the identity below
/// `least`, or when all are right or all wrong.
ScoreMap fit_score_map(const std::vector<ScoredBox>& boxes, size_t least = 5,
                       size_t isotonic_from = 200);

/// One map a category: its own where it has at least `own` boxes of its rarer kind, else the map of
/// all categories together. boxes[c] are those of category c.
std::vector<ScoreMap> fit_score_maps(const std::vector<std::vector<ScoredBox>>& boxes,
                                     size_t own = 30);

}  // namespace preannotate
