#include "preannotate/review/reviewer_agreement.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "preannotate/quality/agreement.h"

namespace preannotate {

namespace {

/// What each person says of an image, by name.
using Said = std::map<std::string, std::vector<Label>>;

std::map<std::string, Said> said_of(const AnswerLog& log) {
  std::map<std::string, Said> said;
  for (const Answer& answer : own_answers(log)) {
    // Two answers without a name may be one person's.
    if (answer.action == "labels" && answer.shown != "honeypot" && !answer.reviewer.empty())
      said[answer.image].insert_or_assign(answer.reviewer, answer.labels);
  }
  std::erase_if(said, [](const auto& image) { return image.second.size() < 2; });
  return said;
}

bool has(const std::vector<Label>& labels, int category) {
  return std::any_of(labels.begin(), labels.end(),
                     [&](const Label& label) { return label.category == category; });
}

/// Rows of values, each by one person: an image's class, or a row a class that anybody named.
std::vector<Ratings> ratings_of(const Said& said, bool several_classes) {
  std::vector<Ratings> rows;
  if (!several_classes) {
    rows.emplace_back();
    for (const auto& [reviewer, labels] : said)
      rows[0][reviewer] = labels.empty() ? -1 : labels[0].category;
    return rows;
  }
  std::set<int> categories;
  for (const auto& [reviewer, labels] : said) {
    for (const Label& label : labels) categories.insert(label.category);
  }
  for (const int category : categories) {
    rows.emplace_back();
    for (const auto& [reviewer, labels] : said) rows.back()[reviewer] = has(labels, category);
  }
  return rows;
}

std::vector<TruthBox> boxes_of(const std::vector<Label>& labels) {
  std::vector<TruthBox> boxes;
  for (const Label& label : labels) {
    if (label.box) boxes.push_back({*label.box, label.category, label.crowd, label.area});
  }
  return boxes;
}

}  // namespace

std::vector<Answer> own_answers(const AnswerLog& log) {
  std::vector<std::optional<Answer>> kept;
  using Asked = std::tuple<std::string, std::string, std::string>;  // shown, model, selection
  std::map<std::string, std::map<std::pair<std::string, Asked>, size_t>> places;  // by image
  for (const Answer& answer : log.answers) {
    if (answer.via == "merge" || answer.action == "conflict") continue;
    auto& of_image = places[answer.image];
    if (answer.action == "undone") {
      std::erase_if(of_image, [&](const auto& place) {
        const bool own = place.first.first == answer.reviewer;
        if (own) kept[place.second].reset();
        return own;
      });
      continue;
    }
    const std::pair key{answer.reviewer,
                        Asked{answer.shown, answer.model_version, answer.selection}};
    const auto before = of_image.find(key);
    if (before != of_image.end()) kept[before->second].reset();
    of_image[key] = kept.size();
    kept.emplace_back(answer);
  }
  std::vector<Answer> answers;
  for (auto& answer : kept) {
    if (answer) answers.push_back(std::move(*answer));
  }
  return answers;
}

ReviewerAgreement reviewer_agreement(const AnswerLog& log, const std::string& task) {
  ReviewerAgreement agreement;
  std::set<std::string> reviewers;
  std::vector<Ratings> ratings;
  std::vector<BoxesOfTwo> pairs;
  const auto said = said_of(log);
  for (const auto& [image, by_reviewer] : said) {
    for (auto one = by_reviewer.begin(); one != by_reviewer.end(); ++one) {
      reviewers.insert(one->first);
      if (task != "detect") continue;
      for (auto other = std::next(one); other != by_reviewer.end(); ++other)
        pairs.push_back({boxes_of(one->second), boxes_of(other->second)});
    }
    if (task == "detect") continue;
    for (auto& row : ratings_of(by_reviewer, task == "multilabel"))
      ratings.push_back(std::move(row));
  }
  agreement.reviewers.assign(reviewers.begin(), reviewers.end());
  agreement.images = said.size();
  agreement.alpha = krippendorff_alpha(ratings);
  if (reviewers.size() == 2 && task == "classify") agreement.kappa = cohen_kappa(ratings);
  if (const auto boxes = box_agreement(pairs)) {
    agreement.box_f1 = boxes->f1;
    agreement.box_iou = boxes->iou;
  }
  return agreement;
}

}  // namespace preannotate
