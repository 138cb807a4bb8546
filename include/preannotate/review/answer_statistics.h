#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "preannotate/core/json.h"
#include "preannotate/review/draft_set.h"
#include "preannotate/review/reviewer_agreement.h"

namespace preannotate {

/// What came of answers; of blind ones all objects are added.
struct AnswerTally {
  size_t answers = 0;    // without skipped ones
  size_t untouched = 0;  // of these: all drafts stand, none was added
  size_t skipped = 0;
  ObjectCounts objects;
  double seconds = 0;                   // of the answers whose time is known
  size_t timed = 0, timed_objects = 0;  // these answers, and the objects they accepted or changed

  std::optional<double> seconds_per_image() const;
  std::optional<double> seconds_per_object() const;
};

/// What people made of the drafts, from the difference between what they were shown and what they
/// said, which no tool's flags tell truthfully.
struct AnswerStatistics {
  size_t images = 0, answered = 0;  // that were drafted; that have an answer which stands
  size_t conflicts = 0;             // that wait for somebody to settle what people say
  std::vector<std::string> categories;
  AnswerTally drafts;  // answers to drafts that were shown
  AnswerTally blind;   // nothing was shown
  std::map<std::string, AnswerTally> by_reviewer, by_model_version;  // of `drafts`
  std::vector<ObjectCounts>
      by_class;  // [categories], of `drafts`: of the class drafted; added: said
  std::map<std::pair<int, int>, size_t> relabelled;  // by drafted and said category
  std::map<std::string, AnswerTally> planted;        // answers to planted drafts, by reviewer
  ReviewerAgreement agreement;
};

/// Of own_answers(); without skipped ones but for their count.
AnswerStatistics answer_statistics(const DraftSet& drafts, const AnswerLog& log,
                                   const Likeness& likeness = {});

/// All of it; shares are left to the reader, figures that are not defined are null.
Json statistics_json(const AnswerStatistics& statistics);
Json agreement_json(const ReviewerAgreement& agreement);

}  // namespace preannotate
