#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "preannotate/quality/audit.h"
#include "preannotate/quality/over_acceptance.h"

namespace preannotate {

struct AuditOptions {
  std::filesystem::path drafts;
  std::string selection = "audit";
  std::filesystem::path answers;  // "": review.jsonl's or the selection's answers.csv
  std::filesystem::path labels;   // the finished label set; "": the drafts, with people's answers
  /// "NAME=FILE" or "FILE": what came back of a selection with honeypots. None: what review.jsonl
  /// has of it, if anything.
  std::vector<std::string> reviewed;
  std::string review_selection = "review";
  std::string format;       // of all of them; "" = detected
  double max_error = 0.01;  // the promise: share of wrong labels
  double confidence = 0.95;
  double iou = 0.7;
  bool add_classes = false;
};

/// Labels of one origin.
struct AuditStratum {
  std::string name;  // accepted, reviewed or edited
  Stratum counts;
  Interval error;  // all strata's hold together at the confidence asked for
};

/// How one person dealt with the honeypots.
struct ReviewerCheck {
  std::string name;
  OverAcceptance over_acceptance;
  long planted_right = 0, spoiled = 0;  // right drafts that were changed
  double corrected = 0;                 // share of the other drafts that were changed
  bool threatens = false;               // the promise
};

struct AuditResult {
  size_t pool = 0, asked = 0, drawn = 0, wrong = 0;
  Interval error;  // of the whole set, valid whenever one stops
  SequentialAudit::Verdict verdict = SequentialAudit::Verdict::kGoOn;
  std::vector<AuditStratum> strata;
  std::vector<ReviewerCheck> reviewers;
  bool audited = false;  // there were answers
};

/// The residual error of a finished label set from blind answers to a random sample, drawn and
/// judged one by one: one may look after each and stop when the verdict is there. Strata: a label
/// that differs from its draft is edited; others are accepted or reviewed by their bucket. Throws
/// UserError; kBadInput when the labels or drafts are not those that the sample was drawn from.
AuditResult audit(const AuditOptions& options);

}  // namespace preannotate
