#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "asked_images.h"
#include "pace.h"
#include "preannotate/core/error.h"
#include "preannotate/data/answer_log.h"
#include "preannotate/review/draft_set.h"
#include "preannotate/review/selection.h"
#include "preannotate/serve/review_queue.h"
#include "preannotate/serve/review_session.h"

namespace preannotate {

/// `name` when it can be a reviewer's: 1 to 100 bytes without control characters, not blank. Throws
/// UserError(code).
std::string checked_name(const std::string& name, ExitCode code);

/// Drafts, answers so far, and who is asked what. What happens to an answer is the same whether it
/// is read from the log or just given, so a session goes on where the last one was ended.
class SessionState {
 public:
  explicit SessionState(const SessionOptions& options);

  /// Appends to the log, then makes them count. Throws UserError(kCannotWrite).
  void record(const std::vector<std::pair<size_t, Answer>>& given);
  /// An answer by `reviewer` about an item, all but what was said.
  Answer about(size_t item, const std::string& reviewer) const;
  /// The last that was said of an item and was not taken back; nullptr: nothing.
  const Answer* last(size_t item) const;

  const LedgerEntry& entry(size_t item) const { return drafts.drafted(asked[item].item); }
  const std::vector<Label>& shown(size_t item) const { return shown_labels(asked[item], drafts); }

  const SessionOptions options;
  const DraftSet drafts;
  const std::optional<Selection> selection;
  std::vector<std::string> categories;  // the drafts', those of answers, those of the options
  std::vector<AskedImage> asked;        // by item
  ReviewQueue queue;
  std::map<std::string, Pace> paces;  // by reviewer, of all answers about these images
  std::map<std::string, Pace> fresh;  // of those given since the program began

 private:
  void replay(const AnswerLog& log);
  void apply(size_t item, const Answer& answer);

  AnswerWriter writer_;
  std::map<size_t, Answer> last_;  // by item
};

}  // namespace preannotate
