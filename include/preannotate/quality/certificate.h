#pragma once

#include <cstddef>
#include <limits>
#include <vector>

namespace preannotate {

/// A draft that a person labelled without seeing it.
struct SampledDraft {
  size_t item = 0;     // its place in the scores
  bool wrong = false;  // the person said otherwise
};

/// What may be accepted without a person, so that at most a share of all labels is wrong.
struct Certificate {
  bool given = false;
  double threshold = std::numeric_limits<double>::infinity();  // accept scores >= threshold
  long accepted = 0;  // drafts at or above it that nobody has labelled
  long sampled = 0, wrong_in_sample = 0;
  long tested = 0;          // first ones of the sample, which the threshold is from
  long allowed_wrong = -1;  // of those at or above it; -1: the sample is too small
  long total = 0;
  double bound = 1;       // share of all labels that is wrong, at most; 1 when not given
  long more_answers = 0;  // that are missing at least, should none of all be wrong; 0 when
                          // allowed_wrong >= 0
};

/// Accepts as many drafts as it can such that, with probability >= 1 - delta over the draw of the
/// sample, at most max_error of all labels are wrong when people label the rest rightly. `sample`
/// is distinct items drawn uniformly, without regard to scores, in the order of the draw; scores
/// are not NaN.
///
/// Accepted is what scores higher than the (allowed_wrong + 1)-th wrong draft among the first
/// `tested` of the sample; scores equal to its are not. `allowed_wrong` is the largest count that
/// leaves most_bad() of the whole sample within max_error, and `tested` the least number of draws
/// that allows as many: counts are whole, and further draws would only make the test stricter than
/// delta asks for.
Certificate certify_scores(const std::vector<double>& scores,
                           const std::vector<SampledDraft>& sample, double max_error, double delta);

}  // namespace preannotate
