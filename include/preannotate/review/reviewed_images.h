#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "preannotate/core/problems.h"
#include "preannotate/data/dataset.h"

namespace preannotate {

/// How a label set came about, which says what it is worth in training.
enum class AnswerKind {
  kBlind,     // said without a look at drafts
  kEdited,    // said in place of drafts that were shown
  kAccepted,  // the drafts that were shown
  kRejected,  // classify: the draft was taken away and nothing put in its place
};

/// "blind", "edited", "accepted", "rejected".
const char* answer_kind_name(AnswerKind kind);

/// An image with the answer that stands.
struct ReviewedImage {
  std::string image;           // key of the ledger
  std::string folder;          // of the drafts, its own name
  std::filesystem::path path;  // to open
  std::string sha256;          // of what the person saw
  std::string at;              // when it was answered
  int width = 0, height = 0;
  std::vector<Label> labels;  // all that is there; of a rejected image what is not
  AnswerKind kind = AnswerKind::kBlind;
  double trust = 1;  // weight in training, (0, 1]
};

/// What one reviewer's accepted drafts are worth.
struct ReviewerTrust {
  std::string reviewer;
  long accepted = 0, edited = 0;  // standing answers to drafts that were shown
  long planted_wrong = 0;         // honeypots that were answered
  double beta = 0;                // share of wrong drafts that is accepted all the same
  std::string measured_by;        // "honeypots", "blind answers", or "assumed"
  double draft_error = 0;         // wrong share of the drafts that were shown
  double weight = 1;              // accepted_weight(beta, draft_error)
};

struct ReviewedImages {
  std::vector<std::string> categories;  // as given, then those that people or drafts added
  std::vector<ReviewedImage> images;    // folder by folder, sorted by image
  std::vector<ReviewerTrust> reviewers;
  std::vector<Problem> left_out;  // answers that cannot be learned from
};

/// Beta of a reviewer of whom nothing is known; 0.1 and 0.3 are what studies of automation bias
/// suggest (see human_cost.h).
inline constexpr double kAssumedBeta = 0.1;

/// The standing answers of drafts folders; drafts that nobody reviewed are not among them. beta is
/// measured by 10 or more planted wrong drafts, else by 10 or more blind answers of each bucket
/// that the reviewer's drafts lay in (the wrong share that they show against the share that was
/// edited), else assumed. Throws UserError: kBadInput for a folder of another `task`, or that
/// cannot be read; kUsageError for one without drafts.
ReviewedImages read_reviewed(const std::vector<std::filesystem::path>& folders,
                             const std::vector<std::string>& categories, const std::string& task);

}  // namespace preannotate
