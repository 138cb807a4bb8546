#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "preannotate/review/draft_set.h"
#include "preannotate/review/selection.h"

namespace preannotate {

/// Names of what a selection's folder may hold, for OutputFolder.
std::vector<std::string> selection_entries();

/// What people have filled in, and samples that a certificate stands on, are not replaced: throws
/// UserError(kOutputExists) for them.
void check_replaceable(const std::filesystem::path& drafts, const std::string& name,
                       const std::vector<std::string>& categories);

/// What people get, below `folder`: images.txt, the paths in the order to be answered; of a
/// classifier's blind sample answers.csv to fill in; each of `formats`, without the drafts that
/// `selection` hides; and the record itself, with the sum of answers.csv. The names written, for
/// people. Throws UserError: kUsageError for a format that cannot hold the images.
std::vector<std::string> write_selection_output(const std::filesystem::path& folder,
                                                const DraftSet& drafts, Selection& selection,
                                                const std::vector<std::string>& formats);

}  // namespace preannotate
