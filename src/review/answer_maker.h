#pragma once

#include <optional>
#include <string>
#include <vector>

#include "preannotate/data/answer_log.h"
#include "preannotate/data/returned.h"
#include "preannotate/review/draft_set.h"
#include "preannotate/review/import.h"
#include "preannotate/review/selection.h"

namespace preannotate {

/// How far boxes may move on their way through a tool: Label Studio's six decimals of a percent
/// lose less than others' whole pixels.
Likeness likeness_of(const std::string& format, double iou);

/// Makes lines of the log of what came back in `format`.
class AnswerMaker {
 public:
  /// `categories` of the labels that came back. Throws UserError for a selection that is not there.
  AnswerMaker(const ImportOptions& options, const DraftSet& drafts, std::string format,
              const std::vector<std::string>& categories);

  /// `returned.image` is one of the drafts. Labels that are still a draft keep its id and place.
  Answer answer_of(const ReturnedAnswer& returned) const;

  const std::optional<Selection>& selection() const { return selection_; }
  const std::string& now() const { return now_; }  // the time of answers that do not tell theirs

 private:
  void set_shown(const ReturnedAnswer& returned, Answer& answer) const;

  const ImportOptions& options_;
  const DraftSet& drafts_;
  std::string format_, now_;
  const std::vector<std::string>& categories_;
  Likeness likeness_;
  std::optional<Selection> selection_;
};

}  // namespace preannotate
