#include "preannotate/quality/certificate.h"

#include <algorithm>
#include <cassert>
#include <functional>

#include "preannotate/quality/exact_counts.h"

namespace preannotate {
namespace {

/// The largest number of wrong ones among `draws` that leaves most_bad() <= limit; -1 when none.
long most_wrong_allowed(long draws, long total, long limit, double delta) {
  long low = -1, high = draws;
  while (low < high) {
    const long middle = high - (high - low) / 2;
    if (most_bad(middle, draws, total, delta) <= limit) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

/// Scores of the wrong ones among the first `tested` sampled drafts, highest first.
std::vector<double> wrong_scores(const std::vector<double>& scores,
                                 const std::vector<SampledDraft>& sample, long tested) {
  std::vector<double> wrong;
  for (long i = 0; i < tested; ++i) {
    const auto& draft = sample[static_cast<size_t>(i)];
    if (draft.wrong) wrong.push_back(scores[draft.item]);
  }
  std::sort(wrong.begin(), wrong.end(), std::greater<>());
  return wrong;
}

/// The least score that is accepted: the lowest of all when the wrong ones are not too many, else
/// the next above that of the first one too many; infinity when there is none.
double threshold_of(const std::vector<double>& scores, const std::vector<double>& wrong,
                    long allowed) {
  const auto too_many = static_cast<size_t>(allowed);
  double threshold = std::numeric_limits<double>::infinity();
  for (const double score : scores) {
    if (wrong.size() <= too_many || score > wrong[too_many]) threshold = std::min(threshold, score);
  }
  return threshold;
}

long accepted_unseen(const std::vector<double>& scores, const std::vector<SampledDraft>& sample,
                     double threshold) {
  const auto accepted = [&](double score) { return score >= threshold; };
  long count = std::count_if(scores.begin(), scores.end(), accepted);
  for (const auto& draft : sample) count -= accepted(scores[draft.item]);
  return count;
}

}  // namespace

// Why it holds. The first `tested` draws are a uniform sample of their own, and how many they are
// depends on sizes alone; the rest of the sample only takes accepted drafts away. Let m =
// most_bad(allowed_wrong) and t be the highest threshold at which more than m drafts of the pool
// are wrong: if more than m accepted drafts are wrong, the threshold chosen is at most t, so that
// no more than allowed_wrong of the sample are wrong at or above t. As t does not depend on the
// sample, this has probability at most delta by the definition of most_bad, however fine the
// thresholds are and however they are chosen.
//
// `bound` is that m, or less when all drafts are accepted: if then more drafts of the pool are
// wrong than it says, and these are more than m, no more than allowed_wrong are wrong at t again;
// if they are no more than m, no other threshold can fail and this one does with probability delta.
Certificate certify_scores(const std::vector<double>& scores,
                           const std::vector<SampledDraft>& sample, double max_error,
                           double delta) {
  assert(sample.size() <= scores.size());
  const auto total = static_cast<long>(scores.size()), draws = static_cast<long>(sample.size());
  Certificate result;
  result.total = total;
  result.sampled = draws;
  result.wrong_in_sample = std::count_if(sample.begin(), sample.end(),
                                         [](const SampledDraft& draft) { return draft.wrong; });
  result.allowed_wrong = most_wrong_allowed(draws, total, allowed_bad(total, max_error), delta);
  if (result.allowed_wrong < 0) {
    result.more_answers = answers_needed(total, max_error, delta) - draws;
    return result;
  }
  result.tested = answers_needed(total, max_error, delta, result.allowed_wrong);
  const auto wrong = wrong_scores(scores, sample, result.tested);
  result.threshold = threshold_of(scores, wrong, result.allowed_wrong);
  result.given = result.threshold < std::numeric_limits<double>::infinity();
  if (!result.given) return result;
  result.accepted = accepted_unseen(scores, sample, result.threshold);
  const long counted = std::min(result.allowed_wrong, static_cast<long>(wrong.size()));
  result.bound = static_cast<double>(most_bad(counted, result.tested, total, delta)) /
                 static_cast<double>(total);
  return result;
}

}  // namespace preannotate
