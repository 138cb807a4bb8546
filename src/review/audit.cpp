#include "preannotate/review/audit.h"

#include <algorithm>
#include <set>

#include "blind_sample.h"
#include "finished_labels.h"
#include "preannotate/core/error.h"
#include "preannotate/core/text.h"
#include "reviewer_check.h"
#include "untouched.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

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
    if (options_.reviewed.empty()) {
      check_logged_reviewers();
    } else {
      check_reviewers();
    }
    // Who asks for reviewers alone need not have drawn an audit.
    const bool reviewers_alone = options_.reviewed.empty()
                                     ? !result_.reviewers.empty() && options_.answers.empty() &&
                                           !is_drawn(options_.selection)
                                     : options_.answers.empty();
    if (!reviewers_alone) judge();
    return std::move(result_);
  }

 private:
  void judge();
  void count(const Selection& selection, const Answers& finished, const Answers& answers);
  void check_reviewers();
  void check_logged_reviewers();
  bool is_drawn(const std::string& selection) const;
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
  count(
      selection, finished,
      sample_answers(options_.answers, options_.format, drafts_, selection, options_.add_classes));
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
  const Answers answers =
      read_answers(path, options_.format, drafts_, /*add_classes=*/options_.add_classes);
  ReviewerTally tally(equals == text.npos ? path.filename().string() : text.substr(0, equals),
                      drafts_.task);
  std::set<std::string> planted;
  for (const Honeypot& honeypot : selection.honeypots) {
    planted.insert(honeypot.image);
    const auto found = answers.labels.find(honeypot.image);
    if (found != answers.labels.end()) tally.add_planted(honeypot, found->second);
  }
  for (const auto& image : selection.images) {
    const auto found = answers.labels.find(image);
    if (found == answers.labels.end() || planted.contains(image)) continue;
    tally.add_other(drafts_.drafted(drafts_.at.at(image)).sample.labels, found->second);
  }
  return tally.result(drafts_.pool.size(), options_.max_error);
}

/// What people answered in `review` is known without a file.
void Audit::check_logged_reviewers() {
  if (!is_drawn(options_.review_selection)) return;
  const Selection selection =
      read_selection(options_.drafts, options_.review_selection, drafts_.categories);
  const AnswerLog log = read_answer_log(options_.drafts, drafts_.categories);
  result_.reviewers = logged_reviewers(log, selection, drafts_, options_.max_error);
}

bool Audit::is_drawn(const std::string& selection) const {
  std::error_code ignored;
  return fs::exists(selection_folder(options_.drafts, selection) / "selection.json", ignored);
}

}  // namespace

AuditResult audit(const AuditOptions& options) {
  if (!(options.max_error > 0 && options.max_error < 1))
    throw UserError(kUsageError, "--max-error ", options.max_error,
                    ": expected a share above 0 and below 1, e.g. 0.01");
  return Audit(options).run();
}

}  // namespace preannotate
