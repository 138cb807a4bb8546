#pragma once

#include <vector>

#include "preannotate/review/reviewed_images.h"
#include "reviewed_folder.h"

namespace preannotate {

/// One of each reviewer with answers to drafts, sorted by name.
std::vector<ReviewerTrust> reviewer_trust(const std::vector<ReviewedFolder>& folders);

}  // namespace preannotate
