#pragma once

#include <string>

#include "continuation.h"
#include "gold_set.h"
#include "preannotate/core/json.h"
#include "preannotate/pipeline/update.h"
#include "training_set.h"

namespace preannotate {

/// Whether a challenger takes the champion's place, and why.
struct Verdict {
  bool promoted = true;
  std::string reason;                // a sentence
  Json gold, forgetting, answers;    // of run.json's lineage
  void refuse(std::string because);  // the first reason stays
};

/// Of classes. Throws UserError(kBadInput) when an image of the gold set cannot be read.
Verdict judge_classifier(const Run& champion, const Challenger& challenger, const GoldSet& gold,
                         const TrainingSet& learned, const UpdateOptions& options);

/// Of boxes: AP50 on the gold set; forgetting is measured by the noted figures, of images that
/// neither had learned from.
Verdict judge_detector(const Run& champion, const Challenger& challenger, const GoldSet& gold,
                       const UpdateOptions& options);

/// "accuracy on the gold set 0.812 -> 0.830 (+0.018, 95 % interval -0.004 to 0.040)".
std::string change_words(const std::string& figure, double champion, double challenger, double low,
                         double high);

}  // namespace preannotate
