#pragma once

#include "preannotate/data/returned.h"
#include "preannotate/review/draft_set.h"
#include "preannotate/review/import.h"

namespace preannotate {

/// What came back, by the keys of the drafts.
struct PlacedAnswers {
  std::vector<std::string> categories;     // `known`, then added ones: those of all labels
  std::vector<std::string> added_classes;  // behind `known`
  std::map<std::string, std::vector<ReturnedAnswer>> by_image;
  std::vector<Problem> problems;  // image_unknown, image_ambiguous, wrong_kind
};

/// Finds images and classes of an export among the drafts, whose categories are `known` by now.
/// Throws UserError: for classes that are not among them (all of them, with the nearest names), for
/// an unknown name in options.renamed, for boxes in images of another size, and when no image is
/// found.
PlacedAnswers placed_answers(Returned returned, const DraftSet& drafts,
                             const std::vector<std::string>& known, const ImportOptions& options);

}  // namespace preannotate
