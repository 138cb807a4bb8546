#pragma once

#include <vector>

#include "preannotate/metrics/detection.h"

namespace preannotate {

/// ObjectLab's constants (Tkachenko, Thyagarajan and Mueller 2023). Scores of drafts must be
/// probabilities for them to mean anything: calibrate first.
struct BoxIssueOptions {
  double near_share = 0.1;  // of similarity that is nearness of centres; the rest is IoU
  double nearness = 0.1;    // exp(-nearness * distance in pixels)
  double sure = 0.95;       // drafts from here on tell of overlooked and swapped objects
  std::vector<double> sure_of_class{};  // [classes] in place of `sure`; empty: the same for all
  double likely = 0.5;                  // drafts above tell of badly located ones
  double temperature = 0.1;             // of the soft minimum over an image
  double same_place = 0.95;             // IoU of two labels that are one object
};

/// How right the boxes of an image look: scores in [0, 1], low is suspect.
struct BoxIssueScores {
  /// [drafts] Similarity to the nearest label of its class, or, without one, the least similarity
  /// in the data times 1 - score. 1 for a draft that says nothing: not sure, or on any label.
  std::vector<double> overlooked;
  std::vector<double> badly_located;  // [truth] most similar likely draft of its class that touches
                                      // it; 1 without
  std::vector<double> swapped;        // [truth] 1 - similarity to the most similar sure draft of
                                      // another class; 1 without
  std::vector<int> located_by, swapped_by;  // [truth] those drafts, -1: none
  double image = 1;                         // geometric mean of the soft minima of the three
};

/// As cleanlab 2.9's object_detection.rank. Crowds are no labels: they get 1, and a draft that
/// touches one is not overlooked. Two labels of different classes at one place are swapped.
std::vector<BoxIssueScores> box_issue_scores(const std::vector<DetectionImage>& images,
                                             const BoxIssueOptions& options = {});

/// [classes] From which score on a draft is sure, for sure_of_class: the median score of drafts
/// that are right (IoU 0.5), at most 0.95, since a small detector seldom gets there; 0.95 for a
/// class without any.
std::vector<double> sure_scores(const std::vector<DetectionImage>& images, int classes);

}  // namespace preannotate
