#pragma once

#include <string>
#include <vector>

#include "preannotate/review/answers.h"
#include "preannotate/review/selection.h"

namespace preannotate {

/// The first images of the random order that all have an answer: of a random order any first part
/// is a random sample, while the answered ones among all might be the easy ones.
std::vector<std::string> answered_first(const Selection& selection, const Answers& answers);

/// Reads what certify and audit ask for: the selection of that purpose, on the drafts that it was
/// made from. Throws UserError.
Selection blind_selection(const DraftSet& drafts, const std::string& name,
                          const std::string& purpose);

/// Labels of a blind sample: those of the file `path`, else what the log of answers or the
/// selection's answers.csv has of it. Throws UserError, kUsageError when both have some or neither
/// is there.
Answers sample_answers(const std::filesystem::path& path, const std::string& format,
                       const DraftSet& drafts, const Selection& selection, bool add_classes);

/// Adds answers that came in a file to the drafts' log, but for images that it has some of.
void log_answers(const DraftSet& drafts, const Selection& selection, const Answers& answers);

}  // namespace preannotate
