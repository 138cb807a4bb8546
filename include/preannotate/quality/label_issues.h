#pragma once

#include <cstddef>
#include <vector>

namespace preannotate {

/// Confident learning (Northcutt, Jiang and Chuang 2021).
///
/// Probabilities [N][C] are of images that the model did not see; a row may be empty: the image was
/// not judged. labels[i] is in [0, C), -1 for none. Such images count nowhere and are never
/// flagged.

/// [C] mean probability of a class over the images labelled with it, at least 2e-6; 2 for a class
/// without images, which no probability reaches.
std::vector<double> confident_thresholds(const std::vector<std::vector<double>>& probabilities,
                                         const std::vector<int>& labels, int classes);

/// [given][true] images, estimated: those above the threshold of a class (the most probable, where
/// there are several) count for it, then each row is scaled to the images labelled so.
std::vector<std::vector<long>> confident_joint(
    const std::vector<std::vector<double>>& probabilities, const std::vector<int>& labels,
    int classes);

/// How suspect a label is.
enum class Ranking {
  /// (p of the label - the best other p + 1) / 2. Flagged are, of the images labelled a, as many as
  /// the joint says are b, those of largest p_b - p_a, the first of equals. Equal to cleanlab 2.9
  /// (normalized_margin, prune_by_noise_rate).
  kMargin,
  /// p of the label. Flagged are as many as above, those of least p. Finds more where the
  /// probabilities are by heads that wrong labels did not teach.
  kSelfConfidence,
};

/// What is known of each label. With kSelfConfidence at least `at_least` are flagged, as far as
/// there are labels that are not the most probable class: such heads are so sure that few images
/// reach another class's threshold.
struct LabelIssues {
  std::vector<double> score;    // [N] in [0, 1], low: suspect; 1 where not judged
  std::vector<int> suggestion;  // [N] the most probable other class; -1 where not judged
  /// [N] Never where the label is the most probable class, or a class's only image.
  std::vector<bool> flagged;
};
LabelIssues find_label_issues(const std::vector<std::vector<double>>& probabilities,
                              const std::vector<int>& labels, int classes,
                              Ranking ranking = Ranking::kMargin, size_t at_least = 0);

/// For several labels an image, each class by itself: the image has it or not, and the score is
/// the probability of what is given. given[i][c] 0/1. Result [C], its suggestion 0/1.
std::vector<LabelIssues> find_multilabel_issues(
    const std::vector<std::vector<double>>& probabilities,
    const std::vector<std::vector<int>>& given, int classes);

}  // namespace preannotate
