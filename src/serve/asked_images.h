#pragma once

#include <optional>
#include <vector>

#include "preannotate/data/answer_log.h"
#include "preannotate/review/draft_set.h"
#include "preannotate/review/selection.h"

namespace preannotate {

/// One image that a session asks about.
struct AskedImage {
  size_t item = 0;                    // of the drafts' pool
  const Honeypot* planted = nullptr;  // of the selection: what is shown in place of the draft
  bool blind = false;
  int group = -1;  // predicted class, as shown; ReviewQueue::kNoGroup: none
};

/// In the order in which they are to be asked: a selection's images, else those of bucket review
/// and those that people disagree about. Blind samples in their random order, else by predicted
/// class, the class with most images first, within it the least sure first; in a selection, whose
/// order hides the planted ones, as it has them, with its blind images evenly in between. Images
/// that have been answered are among them. Throws UserError(kBadInput) for an image that the drafts
/// do not have.
std::vector<AskedImage> asked_images(const DraftSet& drafts, const AnswerLog& log,
                                     const std::optional<Selection>& selection);

/// What a reviewer sees of it.
const std::vector<Label>& shown_labels(const AskedImage& asked, const DraftSet& drafts);

/// True for an answer that settles what is asked here: of a planted draft and of a blind sample one
/// that was given for this selection; of others any that tells of the image.
bool settles(const Answer& answer, const AskedImage& asked,
             const std::optional<Selection>& selection);

/// draft, blind or honeypot.
const char* shown_word(const AskedImage& asked);

}  // namespace preannotate
