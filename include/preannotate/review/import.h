#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "preannotate/review/merge.h"
#include "preannotate/review/reviewer_agreement.h"

namespace preannotate {

struct ImportOptions {
  std::filesystem::path drafts, from;
  std::string format;                          // "": what `from` looks like
  std::string selection;                       // that was answered; "": none
  std::string reviewer;                        // where the export does not tell who it was
  std::map<std::string, std::string> renamed;  // classes: name in the export -> of the drafts
  bool add_classes = false;                    // classes that the drafts do not have are new ones
  /// Of what people say differently: latest, the last of them; majority, what more than half say,
  /// else it is a conflict; ask, always a conflict. With a conflict the image goes back to review.
  std::string resolve = "latest";
  /// Images that came back as they were sent, where the export does not tell that somebody looked:
  /// accepted, these are answers too; untouched, they are not.
  std::string unchanged = "untouched";
  double iou = 0.7;      // two people's boxes are the same from this overlap on
  bool dry_run = false;  // writes nothing
};

/// What one person changed in an image.
struct ImportChange {
  std::string image, reviewer;
  std::vector<Label> before, after;
};

/// An object of which people say different things.
struct ImportConflict {
  std::string image, ours_by, theirs_by;  // reviewers, or what an answer came from
  ObjectConflict object;
};

struct ImportResult {
  std::string format;
  std::vector<std::string> categories;     // the drafts', then added ones; of all labels here
  std::vector<std::string> added_classes;  // by this import
  std::vector<std::string> reviewers;      // of the new answers
  size_t images = 0, answers = 0;          // images with new answers; these
  size_t skipped = 0;                      // of these answers: seen, not decided
  size_t known = 0;                        // answers that were imported before
  size_t unchanged = 0;  // images that came back as they were sent and are no answers
  size_t open = 0;       // images of the export that nobody has answered
  size_t merged = 0;     // images whose label is made of several answers
  size_t asked = 0;      // images that go back to review
  ObjectCounts objects;  // of answers that began with drafts
  std::vector<ImportChange> changes;
  std::vector<ImportConflict> conflicts;
  ReviewerAgreement agreement;    // of all answers that there are then
  std::vector<Problem> problems;  // of reading, and images that were left out
};

/// Takes what people said in another tool into DRAFTS/review.jsonl: each answer as it was given,
/// and, where people say different things of an image or somebody has answered it before, what
/// stands then (three-way merge with what was sent). What was imported before adds nothing. Throws
/// UserError: kBadInput for classes that the drafts do not have and for boxes of images of another
/// size, kOutputExists while another program takes answers.
ImportResult import_answers(const ImportOptions& options);

}  // namespace preannotate
