#pragma once

#include <vector>

#include "issue_scores.h"
#include "suspect.h"

namespace preannotate {

/// Flagged labels, those that are not their image's most probable class, and pairs of images that
/// show the same with different labels; in the order of issues.json.
std::vector<Suspect> class_suspects(const Seed& seed, const LabelScores& scores);

/// Flagged first, then by score, then by position; one kind after the other.
void sort_suspects(std::vector<Suspect>& suspects);

}  // namespace preannotate
