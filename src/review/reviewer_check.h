#pragma once

#include <string>
#include <vector>

#include "preannotate/data/answer_log.h"
#include "preannotate/review/audit.h"
#include "preannotate/review/draft_set.h"
#include "preannotate/review/selection.h"

namespace preannotate {

/// Counts how one person dealt with planted drafts and with the others of a selection.
class ReviewerTally {
 public:
  ReviewerTally(std::string name, std::string task)
      : name_(std::move(name)), task_(std::move(task)) {}

  void add_planted(const Honeypot& honeypot, const std::vector<Label>& answer);
  void add_other(const std::vector<Label>& draft, const std::vector<Label>& answer);
  /// `pool`: images of the drafts; `max_error`: the promise.
  ReviewerCheck result(size_t pool, double max_error) const;

 private:
  bool kept(const std::vector<Label>& shown, const std::vector<Label>& answer) const;

  std::string name_, task_;
  long wrong_ = 0, accepted_ = 0, right_ = 0, spoiled_ = 0, others_ = 0, changed_ = 0;
};

/// Of everybody whom the log knows to have answered a planted draft of the selection, by name.
std::vector<ReviewerCheck> logged_reviewers(const AnswerLog& log, const Selection& selection,
                                            const DraftSet& drafts, double max_error);

}  // namespace preannotate
