#include "preannotate/review/audit.h"

#include <algorithm>

#include "blind_sample.h"
#include "finished_labels.h"
#include "preannotate/core/error.h"
#include "preannotate/core/text.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

// IoU of a box with itself, at least: formats round the corners.
constexpr double kUntouched = 0.999;

enum Origin : size_t { kAccepted, kReviewed, kEdited };

Origin origin_of(const Sample& draft, const std::vector<Label>& label, const std::string& task) {
  if (!needs_no_edit(draft.labels, label, task, kUntouched)) return kEdited;
  return draft.bucket == "accept" || draft.bucket == "empty" ? kAccepted : kReviewed;
}

class Audit {
 public:
  explicit Audit(const AuditOptions& options)
      : options_(options), drafts_(read_draft_set(options.drafts)) {}

  AuditResult run() {
    if (!options_.reviewed.empty()) check_reviewers();
    if (options_.reviewed.empty() || !options_.answers.empty()) judge();
    return std::move(result_);
  }

 private:
  void judge();
  void count(const Selection& selection, const Answers& finished, const Answers& answers);
  void check_reviewers();
  ReviewerCheck check_reviewer(const Selection& selection, const std::string& text) const;

  const AuditOptions& options_;
  DraftSet drafts_;
  AuditResult result_;
};

void Audit::judge() {
  const Selection selection = blind_selection(drafts_, options_.selection, "audit");
  check_same_drafts(selection, digest_of(drafts_));
  const Answers finished = finished_labels(options_.labels, options_.format, drafts_);
  if (selection.labels_sha256 != finished_digest(finished, drafts_)) {
    throw UserError(kBadInput, options_.labels.empty() ? options_.drafts : options_.labels,
                    ": these are not the labels that the sample was drawn from (select --for audit",
                    " --labels FILE); labels that change after the draw are not audited by it");
  }
  const fs::path path = answers_path(options_.answers, drafts_, selection);
  count(selection, finished, read_answers(path, options_.format, drafts_, options_.add_classes));
}

void Audit::count(const Selection& selection, const Answers& finished, const Answers& answers) {
  SequentialAudit sequence(static_cast<long>(drafts_.pool.size()), options_.max_error,
                           1 - options_.confidence);
  std::vector<Stratum> strata(3);
  const auto stratum = [&](size_t item) -> Stratum& {
    const Sample& draft = drafts_.drafted(item).sample;
    return strata[origin_of(draft, finished.labels.at(draft.image), drafts_.task)];
  };
  for (size_t item = 0; item < drafts_.pool.size(); ++item) ++stratum(item).total;
  for (const auto& image : answered_first(selection, answers)) {
    const bool wrong = !needs_no_edit(finished.labels.at(image), answers.labels.at(image),
                                      drafts_.task, options_.iou);
    sequence.add(wrong);
    Stratum& of = stratum(drafts_.at.at(image));
    ++of.drawn;
    of.found += wrong;
  }
  result_.audited = true;
  result_.pool = drafts_.pool.size();
  result_.asked = selection.images.size();
  result_.drawn = static_cast<size_t>(sequence.drawn());
  result_.wrong = static_cast<size_t>(sequence.found());
  result_.error = sequence.interval();
  result_.verdict = sequence.verdict();
  const char* const kNames[] = {"accepted", "reviewed", "edited"};
  for (size_t s = 0; s < strata.size(); ++s) {
    // A sequence of its own: a first part of the sample may have been chosen by what it showed.
    SequentialAudit own(strata[s].total, options_.max_error, (1 - options_.confidence) / 3);
    for (long i = 0; i < strata[s].drawn; ++i) own.add(i < strata[s].found);
    result_.strata.push_back({kNames[s], strata[s], own.interval()});
  }
}

void Audit::check_reviewers() {
  const Selection selection =
      read_selection(options_.drafts, options_.review_selection, drafts_.categories);
  if (selection.honeypots.empty())
    throw UserError(kUsageError, "the selection '", selection.name,
                    "' holds no honeypots: select --for review --honeypots 0.05 --gold LABELLED");
  for (const auto& text : options_.reviewed)
    result_.reviewers.push_back(check_reviewer(selection, text));
}

ReviewerCheck Audit::check_reviewer(const Selection& selection, const std::string& text) const {
  const size_t equals = text.find('=');
  const fs::path path = equals == text.npos ? text : text.substr(equals + 1);
  ReviewerCheck check;
  check.name = equals == text.npos ? path.filename().string() : text.substr(0, equals);
  const Answers answers =
      read_answers(path, options_.format, drafts_, /*add_classes=*/options_.add_classes);
  long wrong = 0, accepted = 0, others = 0, changed = 0;
  for (const Honeypot& honeypot : selection.honeypots) {
    const auto found = answers.labels.find(honeypot.image);
    if (found == answers.labels.end()) continue;
    const bool kept = needs_no_edit(honeypot.labels, found->second, drafts_.task, kUntouched);
    if (honeypot.right) {
      ++check.planted_right;
      check.spoiled += !kept;
    } else {
      ++wrong;
      accepted += kept;
    }
  }
  for (const auto& image : selection.images) {
    const auto found = answers.labels.find(image);
    const bool planted =
        std::any_of(selection.honeypots.begin(), selection.honeypots.end(),
                    [&](const Honeypot& honeypot) { return honeypot.image == image; });
    if (found == answers.labels.end() || planted) continue;
    const auto& draft = drafts_.drafted(drafts_.at.at(image)).sample.labels;
    ++others;
    changed += !needs_no_edit(draft, found->second, drafts_.task, kUntouched);
  }
  check.over_acceptance = over_acceptance(wrong, accepted);
  if (others > 0) check.corrected = static_cast<double>(changed) / static_cast<double>(others);
  const double of_all = static_cast<double>(others) / static_cast<double>(drafts_.pool.size());
  check.threatens =
      wrong > 0 && threatens(check.over_acceptance, check.corrected * of_all, options_.max_error);
  return check;
}

}  // namespace

AuditResult audit(const AuditOptions& options) {
  if (!(options.max_error > 0 && options.max_error < 1))
    throw UserError(kUsageError, "--max-error ", options.max_error,
                    ": expected a share above 0 and below 1, e.g. 0.01");
  return Audit(options).run();
}

}  // namespace preannotate
