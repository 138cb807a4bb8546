#include "reviewer_check.h"

#include <map>

#include "preannotate/review/answers.h"
#include "untouched.h"

namespace preannotate {

bool ReviewerTally::kept(const std::vector<Label>& shown, const std::vector<Label>& answer) const {
  return needs_no_edit(shown, answer, task_, kUntouched);
}

void ReviewerTally::add_planted(const Honeypot& honeypot, const std::vector<Label>& answer) {
  const bool left = kept(honeypot.labels, answer);
  if (honeypot.right) {
    ++right_;
    spoiled_ += !left;
  } else {
    ++wrong_;
    accepted_ += left;
  }
}

void ReviewerTally::add_other(const std::vector<Label>& draft, const std::vector<Label>& answer) {
  ++others_;
  changed_ += !kept(draft, answer);
}

ReviewerCheck ReviewerTally::result(size_t pool, double max_error) const {
  ReviewerCheck check;
  check.name = name_;
  check.planted_right = right_;
  check.spoiled = spoiled_;
  check.over_acceptance = over_acceptance(wrong_, accepted_);
  if (others_ > 0) check.corrected = static_cast<double>(changed_) / static_cast<double>(others_);
  const double of_all = static_cast<double>(others_) / static_cast<double>(pool);
  check.threatens =
      wrong_ > 0 && threatens(check.over_acceptance, check.corrected * of_all, max_error);
  return check;
}

std::vector<ReviewerCheck> logged_reviewers(const AnswerLog& log, const Selection& selection,
                                            const DraftSet& drafts, double max_error) {
  // The last word of each about each image.
  std::map<std::string, std::map<std::string, const Answer*>> said;
  for (const Answer& answer : log.answers) {
    if (answer.selection != selection.name || answer.action == "skipped") continue;
    auto& of_reviewer = said[answer.reviewer];
    if (answer.action == "labels") {
      of_reviewer[answer.image] = &answer;
    } else {
      of_reviewer.erase(answer.image);
    }
  }
  std::map<std::string, const Honeypot*> planted;
  for (const Honeypot& honeypot : selection.honeypots) planted[honeypot.image] = &honeypot;
  std::vector<ReviewerCheck> checks;
  for (const auto& [name, answers] : said) {
    ReviewerTally tally(name, drafts.task);
    bool any = false;
    for (const auto& [image, answer] : answers) {
      const auto honeypot = planted.find(image);
      if (answer->shown != "honeypot") {
        tally.add_other(answer->drafts, answer->labels);
      } else if (honeypot != planted.end()) {
        tally.add_planted(*honeypot->second, answer->labels);
        any = true;
      }
    }
    if (any) checks.push_back(tally.result(drafts.pool.size(), max_error));
  }
  return checks;
}

}  // namespace preannotate
