#pragma once

#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "preannotate/core/json.h"
#include "preannotate/core/problems.h"
#include "preannotate/model/run_folder.h"
#include "preannotate/pipeline/seed.h"
#include "preannotate/review/reviewed_images.h"

namespace preannotate {

/// Seed and answers in one.
struct TrainingSet {
  Seed seed;                        // classes of the parent first, then new ones
  std::vector<std::string> sha256;  // [N] of the files
  std::vector<bool> reviewed;       // [N] from the answers
  std::vector<bool> known;          // [N] the parent learned from it
  std::string digest;               // of images, labels and how they came about
  Json counts;                      // run.json's lineage.learned
  std::vector<Problem> left_out;
  size_t answers = 0;        // images that are there by their answer
  bool seed_changed = true;  // against what a parent that train made had learned
};

/// What training and gold set have to be told apart by; files that cannot be read have none.
std::vector<std::string> hashes_of(const Dataset& dataset);

/// `seed`: null when there is none. Answers whose file is no longer what the person saw are left
/// out, as are images of `gold` (by content). Throws UserError(kBadInput) when nothing is left.
TrainingSet training_set(const Seed* seed, const ReviewedImages& reviewed, const Run& parent,
                         const std::unordered_set<std::string>& gold);

}  // namespace preannotate
