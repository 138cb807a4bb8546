#pragma once

#include <optional>
#include <string>
#include <vector>

#include "preannotate/data/answer_log.h"
#include "preannotate/review/object_changes.h"

namespace preannotate {

/// How far people agree who answered the same images; absent figures are not defined.
struct ReviewerAgreement {
  std::vector<std::string> reviewers;  // sorted
  size_t images = 0;                   // that two or more of them answered
  std::optional<double> kappa;         // Cohen's, of exactly two reviewers and one class an image
  /// Krippendorff's, of classes: one an image, or whether each class is there.
  std::optional<double> alpha;
  std::optional<double> box_f1, box_iou;  // of boxes: box_agreement()
};

/// Of each person's last answer to an image, without honeypots and what was made of several.
ReviewerAgreement reviewer_agreement(const AnswerLog& log, const std::string& task);

/// Answers as people gave them: not what was made of several, and not those that were undone. Of a
/// person's answers to an image that were asked alike (same drafts' model, blind or not) the last.
std::vector<Answer> own_answers(const AnswerLog& log);

}  // namespace preannotate
