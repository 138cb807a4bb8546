#include "preannotate/review/import.h"

#include <algorithm>
#include <optional>
#include <set>

#include "answer_maker.h"
#include "placed_answers.h"
#include "preannotate/core/error.h"
#include "preannotate/core/text.h"
#include "preannotate/data/answer_log.h"
#include "preannotate/review/draft_set.h"
#include "settled.h"

namespace preannotate {

namespace {

void check_options(const ImportOptions& options) {
  const auto check = [](const char* option, const std::string& word,
                        const std::vector<std::string>& words) {
    if (std::find(words.begin(), words.end(), word) != words.end()) return;
    throw UserError(kUsageError, option, " '", word, "': expected ", join_names(words));
  };
  check("--resolve", options.resolve, {"latest", "majority", "ask"});
  check("--unchanged", options.unchanged, {"untouched", "accepted"});
  if (!is_valid_utf8(options.reviewer))
    throw UserError(kUsageError, "--reviewer '", options.reviewer, "' is not UTF-8");
}

class Import {
 public:
  Import(const ImportOptions& options, const DraftSet& drafts, AnswerLog& log, Returned returned)
      : options_(options),
        drafts_(drafts),
        log_(log),
        likeness_(likeness_of(returned.format, options.iou)),
        maker_(options, drafts, returned.format, placed_.categories) {
    result_.format = returned.format;
    result_.open = returned.open;
    placed_ = placed_answers(std::move(returned), drafts, log.categories, options);
    result_.categories = placed_.categories;
    result_.added_classes = placed_.added_classes;
    result_.problems = placed_.problems;
    leave_out_unasked();
    for (const Answer& answer : log.answers) answered_[answer.image].push_back(answer);
  }

  /// The answers to append.
  std::vector<Answer> run() {
    for (const auto& [image, returned] : placed_.by_image) take_image(image, returned);
    result_.reviewers.assign(reviewers_.begin(), reviewers_.end());
    log_.categories = placed_.categories;
    log_.answers.insert(log_.answers.end(), added_.begin(), added_.end());
    result_.agreement = reviewer_agreement(log_, drafts_.task);
    return std::move(added_);
  }

  ImportResult result() { return std::move(result_); }

 private:
  void leave_out_unasked() {
    if (!maker_.selection()) return;
    const auto& images = maker_.selection()->images;
    const std::set<std::string> asked(images.begin(), images.end());
    std::erase_if(placed_.by_image, [&](const auto& image) {
      if (asked.contains(image.first)) return false;
      result_.problems.push_back(
          {image.first, "not_asked", "is not in the selection '" + options_.selection + "'"});
      return true;
    });
  }

  /// Nobody is known to have looked at it: nothing was changed, or a class is still missing.
  bool is_untouched(const ReturnedAnswer& returned, const Answer& answer) const {
    if (returned.looked_at || returned.skipped) return false;
    const bool no_class = drafts_.task == "classify" && answer.labels.empty();
    if (no_class) return true;
    const Answer* last = last_of(answer);
    // Who takes a change back has looked.
    if (last && last->model_version == answer.model_version) return false;
    return options_.unchanged == "untouched" &&
           same_objects(answer.drafts, answer.labels, likeness_);
  }

  static bool is_same_person(const Answer& one, const Answer& other) {
    return one.via == other.via && one.reviewer == other.reviewer;
  }

  /// What this person last said of the image in this way; null for nothing.
  const Answer* last_of(const Answer& answer) const {
    const auto before = answered_.find(answer.image);
    if (before == answered_.end()) return nullptr;
    const auto last =
        std::find_if(before->second.rbegin(), before->second.rend(), [&](const Answer& other) {
          return is_same_person(answer, other) && other.selection == answer.selection;
        });
    return last == before->second.rend() ? nullptr : &*last;
  }

  /// It stands in the log already: of an export with times any line that came from the same, of
  /// others the last one of that person, as people may change their mind and back.
  bool is_known(const ReturnedAnswer& returned, const Answer& answer) const {
    const Answer* last = last_of(answer);
    if (!last || returned.at.empty())
      return last && last->returned_sha256 == answer.returned_sha256;
    const auto& before = answered_.at(answer.image);
    return std::any_of(before.begin(), before.end(), [&](const Answer& other) {
      return is_same_person(answer, other) && other.selection == answer.selection &&
             other.returned_sha256 == answer.returned_sha256;
    });
  }

  void take_image(const std::string& image, const std::vector<ReturnedAnswer>& returned) {
    std::vector<Answer> voices, fresh;
    for (const ReturnedAnswer& one : returned) {
      Answer answer = maker_.answer_of(one);
      if (is_untouched(one, answer)) {
        ++result_.unchanged;
        continue;
      }
      if (is_known(one, answer)) {
        ++result_.known;
      } else {
        fresh.push_back(answer);
      }
      if (answer.action == "skipped") continue;
      std::erase_if(voices, [&](const Answer& o) { return o.reviewer == answer.reviewer; });
      voices.push_back(std::move(answer));
    }
    const auto ours = standing_without(image, voices);
    std::erase_if(fresh, [&](const Answer& answer) { return says_nothing_new(answer, ours); });
    if (fresh.empty()) return;
    ++result_.images;
    for (const Answer& answer : fresh) note(answer);
    added_.insert(added_.end(), fresh.begin(), fresh.end());
    std::erase_if(fresh, [](const Answer& answer) { return answer.action == "skipped"; });
    if (!fresh.empty() && fresh.back().shown != "honeypot") settle(voices, ours, fresh.back());
  }

  /// Nobody's name, and what stands anyway: labels that went out with answers in them.
  bool says_nothing_new(const Answer& answer, const std::optional<Answer>& ours) {
    if (!ours || !answer.reviewer.empty() || answer.action != "labels") return false;
    if (answer.shown != ours->shown || !same_objects(ours->labels, answer.labels, likeness_))
      return false;
    ++result_.known;
    return true;
  }

  /// What others have said; with an earlier answer of one of these people goes what was made of it.
  std::optional<Answer> standing_without(const std::string& image,
                                         const std::vector<Answer>& voices) const {
    const auto before = answered_.find(image);
    if (before == answered_.end()) return std::nullopt;
    const auto is_theirs = [&](const Answer& answer) {
      return std::any_of(voices.begin(), voices.end(),
                         [&](const Answer& voice) { return is_same_person(voice, answer); });
    };
    AnswerLog others{log_.categories, before->second};
    if (std::erase_if(others.answers, is_theirs) > 0)
      std::erase_if(others.answers, [](const Answer& answer) { return answer.via == "merge"; });
    const auto standing = standing_answers(others);
    const auto found = standing.find(image);
    return found == standing.end() ? std::nullopt : std::optional(found->second);
  }

  void note(const Answer& answer) {
    ++result_.answers;
    if (!answer.reviewer.empty()) reviewers_.insert(answer.reviewer);
    if (answer.action == "skipped") {
      ++result_.skipped;
      return;
    }
    if (answer.shown == "draft")
      result_.objects += counted_changes(answer.drafts, answer.labels, likeness_);
    if (!same_objects(answer.drafts, answer.labels, likeness_))
      result_.changes.push_back({answer.image, answer.reviewer, answer.drafts, answer.labels});
  }

  /// Appends what is to stand where that is not the last answer as it was given.
  void settle(const std::vector<Answer>& voices, const std::optional<Answer>& ours,
              const Answer& last) {
    Settled settled = preannotate::settled(voices, ours, options_.resolve, likeness_);
    std::move(settled.conflicts.begin(), settled.conflicts.end(),
              std::back_inserter(result_.conflicts));
    if (!settled.ask && same_objects(last.labels, settled.labels, likeness_)) return;
    // What others said with the drafts before them must not pass for a blind answer.
    const bool not_blind =
        last.shown == "blind" && ours && same_objects(ours->labels, settled.labels, likeness_);
    Answer answer = not_blind ? *ours : voices.back();
    answer.at = maker_.now();
    answer.reviewer.clear();
    answer.via = "merge";
    answer.seconds = 0;
    answer.returned_sha256.clear();
    answer.action = settled.ask ? "conflict" : "labels";
    answer.labels = std::move(settled.labels);
    ++(settled.ask ? result_.asked : result_.merged);
    added_.push_back(std::move(answer));
  }

  ImportResult result_;
  const ImportOptions& options_;
  const DraftSet& drafts_;
  AnswerLog& log_;
  Likeness likeness_;
  PlacedAnswers placed_;
  AnswerMaker maker_;
  std::map<std::string, std::vector<Answer>> answered_;  // by image, as the log has them
  std::set<std::string> reviewers_;
  std::vector<Answer> added_;
};

}  // namespace

ImportResult import_answers(const ImportOptions& options) {
  check_options(options);
  const DraftSet drafts = read_draft_set(options.drafts);
  Returned returned = read_returned(options.from, options.format);
  // Taken before the log is read, so that nobody answers in between.
  std::optional<AnswerWriter> writer;
  if (!options.dry_run) writer.emplace(options.drafts);
  AnswerLog log = read_answer_log(options.drafts, drafts.categories);
  Import import(options, drafts, log, std::move(returned));
  const auto answers = import.run();
  if (writer && !answers.empty()) writer->append(answers, log.categories);
  return import.result();
}

}  // namespace preannotate
