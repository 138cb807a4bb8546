#include "preannotate/review/answer_statistics.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace preannotate {

namespace {

void add_answer(const Answer& answer, const Likeness& likeness, AnswerTally& tally) {
  if (answer.action == "skipped") {
    ++tally.skipped;
    return;
  }
  const auto counts = counted_changes(answer.drafts, answer.labels, likeness);
  ++tally.answers;
  tally.untouched += counts.handled() == counts.accepted;
  tally.objects += counts;
  if (answer.seconds <= 0) return;
  tally.seconds += answer.seconds;
  ++tally.timed;
  tally.timed_objects += counts.handled();
}

void add_objects(const Answer& answer, const Likeness& likeness, AnswerStatistics& statistics) {
  for (const ObjectPair& pair : paired_objects(answer.drafts, answer.labels, likeness)) {
    // One object, seen for itself.
    std::vector<Label> draft, said;
    if (pair.before >= 0) draft.push_back(answer.drafts[static_cast<size_t>(pair.before)]);
    if (pair.after >= 0) said.push_back(answer.labels[static_cast<size_t>(pair.after)]);
    const int category = (draft.empty() ? said : draft)[0].category;
    statistics.by_class[static_cast<size_t>(category)] += counted_changes(draft, said, likeness);
    if (!draft.empty() && !said.empty() && said[0].category != category)
      ++statistics.relabelled[{category, said[0].category}];
  }
}

size_t count_conflicts(const AnswerLog& log) {
  std::map<std::string, std::string> last;  // action, by image
  for (const Answer& answer : log.answers) {
    if (answer.shown != "honeypot" && answer.action != "skipped")
      last[answer.image] = answer.action;
  }
  return static_cast<size_t>(std::count_if(
      last.begin(), last.end(), [](const auto& image) { return image.second == "conflict"; }));
}

Json figure(const std::optional<double>& value) {
  return value ? Json(*value) : Json();
}

Json counts_json(const ObjectCounts& counts) {
  return {{"drafted", counts.drafted()},     {"accepted", counts.accepted},
          {"relabelled", counts.relabelled}, {"moved", counts.moved},
          {"deleted", counts.deleted},       {"added", counts.added}};
}

Json tally_json(const AnswerTally& tally) {
  return {{"answers", tally.answers},
          {"untouched", tally.untouched},
          {"skipped", tally.skipped},
          {"objects", counts_json(tally.objects)},
          {"timed_answers", tally.timed},
          {"seconds_per_image", figure(tally.seconds_per_image())},
          {"seconds_per_object", figure(tally.seconds_per_object())}};
}

Json tallies_json(const std::map<std::string, AnswerTally>& tallies, const char* key) {
  Json list = Json::array();
  for (const auto& [name, tally] : tallies) {
    Json json = {{key, name}};
    json.update(tally_json(tally));
    list.push_back(std::move(json));
  }
  return list;
}

Json relabelled_json(const AnswerStatistics& statistics) {
  std::vector<std::pair<size_t, std::pair<int, int>>> sorted;
  for (const auto& [classes, count] : statistics.relabelled) sorted.push_back({count, classes});
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  Json list = Json::array();
  for (const auto& [count, classes] : sorted) {
    list.push_back({{"drafted", statistics.categories.at(static_cast<size_t>(classes.first))},
                    {"said", statistics.categories.at(static_cast<size_t>(classes.second))},
                    {"count", count}});
  }
  return list;
}

}  // namespace

std::optional<double> AnswerTally::seconds_per_image() const {
  if (timed == 0) return std::nullopt;
  return seconds / static_cast<double>(timed);
}

std::optional<double> AnswerTally::seconds_per_object() const {
  if (timed_objects == 0) return std::nullopt;
  return seconds / static_cast<double>(timed_objects);
}

AnswerStatistics answer_statistics(const DraftSet& drafts, const AnswerLog& log,
                                   const Likeness& likeness) {
  AnswerStatistics statistics;
  statistics.images = drafts.pool.size();
  const auto standing = standing_answers(log);
  statistics.answered =
      static_cast<size_t>(std::count_if(standing.begin(), standing.end(), [&](const auto& answer) {
        return drafts.at.contains(answer.first);
      }));
  statistics.conflicts = count_conflicts(log);
  statistics.categories = log.categories;
  statistics.by_class.resize(log.categories.size());
  for (const Answer& answer : own_answers(log)) {
    if (answer.shown == "honeypot") {
      add_answer(answer, likeness, statistics.planted[answer.reviewer]);
    } else if (answer.shown == "blind") {
      add_answer(answer, likeness, statistics.blind);
    } else {
      add_answer(answer, likeness, statistics.drafts);
      add_answer(answer, likeness, statistics.by_reviewer[answer.reviewer]);
      add_answer(answer, likeness, statistics.by_model_version[answer.model_version]);
      if (answer.action != "skipped") add_objects(answer, likeness, statistics);
    }
  }
  statistics.agreement = reviewer_agreement(log, drafts.task);
  return statistics;
}

Json agreement_json(const ReviewerAgreement& agreement) {
  return {{"images", agreement.images},         {"reviewers", agreement.reviewers},
          {"kappa", figure(agreement.kappa)},   {"alpha", figure(agreement.alpha)},
          {"box_f1", figure(agreement.box_f1)}, {"box_iou", figure(agreement.box_iou)}};
}

Json statistics_json(const AnswerStatistics& statistics) {
  Json classes = Json::array();
  for (size_t i = 0; i < statistics.categories.size(); ++i) {
    Json json = {{"category", statistics.categories[i]}};
    json.update(counts_json(statistics.by_class[i]));
    classes.push_back(std::move(json));
  }
  return {{"images", statistics.images},
          {"answered", statistics.answered},
          {"conflicts", statistics.conflicts},
          {"drafts", tally_json(statistics.drafts)},
          {"blind", tally_json(statistics.blind)},
          {"classes", std::move(classes)},
          {"reviewers", tallies_json(statistics.by_reviewer, "reviewer")},
          {"model_versions", tallies_json(statistics.by_model_version, "model_version")},
          {"relabelled", relabelled_json(statistics)},
          {"planted", tallies_json(statistics.planted, "reviewer")},
          {"agreement", agreement_json(statistics.agreement)}};
}

}  // namespace preannotate
