#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "preannotate/quality/certificate.h"

namespace preannotate {

struct CertifyOptions {
  std::filesystem::path drafts;
  std::string selection = "certify";  // name that select gave the sample
  std::filesystem::path answers;      // "": review.jsonl's or the selection's answers.csv
  std::string format;                 // of answers; "" = detected
  double max_error = 0.01;            // share of wrong labels in the finished set
  double confidence = 0.95;
  int looks = 0;  // tests planned with this sample; 0: as said before, or one
  bool per_class = false;
  double iou = 0.7;  // boxes: what counts as the same
  bool add_classes = false;
};

/// Of one group of images, judged by its own threshold: all, a class, or the classes that have too
/// few answers each.
struct GroupCertificate {
  std::vector<std::string> classes;  // empty: all
  Certificate certificate;
};

struct CertifyResult {
  std::vector<GroupCertificate> groups;
  size_t pool = 0, sampled = 0, asked = 0;  // images; answers that were used; of so many asked for
  size_t wrong = 0;                         // drafts of the sample
  size_t accepted = 0, to_review = 0;
  size_t settled = 0;      // answered before the sample was drawn: taken as right
  long more_answers = 0;   // at least, before anything can be accepted; 0: enough
  double error_bound = 0;  // certified: share of wrong labels in the finished set, at most
  int look = 1, looks = 1;
  bool repeated = false;  // the same question as before: no new look
  std::vector<std::string> warnings;
  bool given() const { return accepted > 0; }
};

/// Moves drafts into bucket accept (shown empty: bucket empty) for which the sample bears out that
/// the label set as a whole has at most `max_error` wrong labels, when people label the rest;
/// images of the sample and those that had an answer before become `answered`, all others `review`.
/// Answers from a file are added to the drafts' log. Writes drafts.jsonl, summary.json,
/// certificate.json, and the look into selection.json. With fewer answers than asked for, those
/// before the first gap are used. Throws UserError: a selection that was used before needs the
/// looks it was first used with (kUsageError); drafts made anew since (kBadInput).
CertifyResult certify(const CertifyOptions& options);

}  // namespace preannotate
