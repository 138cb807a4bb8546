#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "preannotate/metrics/accuracy.h"

namespace preannotate {

/// One draft whose truth is known, by a head that was not trained on its image.
struct JudgedDraft {
  int category = 0;  // that was drafted
  double score = 0;  // calibrated, [0, 1]
  bool right = false;
  int image = 0;  // boxes of one image are right or wrong together: they are judged together too
};

/// Accept a draft of category c from the score scores[c] on; absent: accept none.
using AcceptScores = std::vector<std::optional<double>>;

bool is_accepted(const AcceptScores& scores, int category, double score);

/// What is accepted for a target precision, and what that has been worth.
struct Acceptance {
  AcceptScores scores;  // [categories], in steps of 0.0001
  /// Judged by scores that were chosen without the image: `right` of `accepted` in `items`.
  long items = 0, accepted = 0, right = 0;
  std::optional<Interval> precision;     // absent: nothing was accepted
  std::vector<ClassFigures> categories;  // [categories]: support: drafts, predicted: accepted, hits
  std::vector<bool> taken;               // [drafts] which those are
  /// The highest target for which there are scores; 0 without drafts.
  double reachable = 0;
};

/// Scores from which drafts of all categories together are right with `precision`, in (0, 1).
///
/// The probability that a draft is right is sigmoid(a + b logit(score) + u[category]), with a, u
/// held to 0 and b to 1 by normal priors (TrustModel): few drafts keep the calibrated score, a
/// category leaves the common map only as far as its drafts say. All are accepted from one
/// probability on, which gives most drafts for the precision; it is the lowest at which the mean
/// probability of the accepted, less a margin of its own standard error, is `precision`.
///
/// Judged by itself such a choice is too hopeful. So images are dealt into `folds`, scores chosen
/// on the other folds and the accepted of this one counted; where none is, nothing is accepted. The
/// interval is Clopper and Pearson's (1934), 95 %, of as many drafts as those accepted are worth
/// when they go right and wrong together within images (Kish 1965).
Acceptance accept_for_precision(const std::vector<JudgedDraft>& drafts, int categories,
                                double precision, std::uint64_t seed, int folds = 10);

}  // namespace preannotate
