#pragma once

#include <string>

#include "preannotate/review/answers.h"
#include "preannotate/review/draft_set.h"

namespace preannotate {

/// The finished label of every image of the pool: those at `path`; when it is empty the drafts with
/// what people answered, audits aside. Throws UserError(kBadInput) when an image is missing, with
/// how many.
Answers finished_labels(const std::filesystem::path& path, const std::string& format,
                        const DraftSet& drafts);

/// Of all of them, and of the drafts' buckets, which make the strata of an audit.
std::string finished_digest(const Answers& finished, const DraftSet& drafts);

}  // namespace preannotate
