#include "preannotate/review/answers.h"

#include <algorithm>
#include <set>

#include "preannotate/core/error.h"
#include "preannotate/core/hash.h"
#include "preannotate/core/text.h"
#include "preannotate/data/answer_log.h"
#include "preannotate/data/format.h"
#include "preannotate/metrics/detection.h"

namespace preannotate {

namespace {

/// Number among the drafts' categories, new ones behind them, for each of the answers'.
std::vector<int> category_numbers(const std::vector<std::string>& names, const DraftSet& drafts,
                                  bool add_classes, const std::filesystem::path& path,
                                  std::vector<std::string>& added) {
  std::vector<int> numbers;
  for (const auto& name : names) {
    int number = category_index(drafts.categories, name);
    if (number < 0 && !add_classes) {
      const auto nearest = nearest_name(name, drafts.categories);
      throw UserError(kBadInput, path, ": class '", name, "' is not among the drafts' ",
                      drafts.categories.size(), " (", join_names(drafts.categories, 12), ")",
                      nearest.empty() ? "" : "; did you mean '" + nearest + "'?",
                      " --add-classes takes it as a new one");
    }
    if (number < 0) {
      number = static_cast<int>(drafts.categories.size() + added.size());
      added.push_back(name);
    }
    numbers.push_back(number);
  }
  return numbers;
}

std::set<int> categories_of(const std::vector<Label>& labels) {
  std::set<int> categories;
  for (const Label& label : labels) categories.insert(label.category);
  return categories;
}

bool boxes_fit(const std::vector<Label>& given, const std::vector<Label>& right, double iou) {
  DetectionImage image;
  for (const Label& label : right)
    image.truth.push_back({*label.box, label.category, label.crowd, label.area});
  for (const Label& label : given)
    image.drafts.push_back({*label.box, label.category, label.score.value_or(1)});
  size_t found = 0;
  for (const BoxMatch& match : match_boxes({image}, iou)) {
    if (match.truth < 0 && !match.ignored) return false;
    found += match.truth >= 0;
  }
  const auto asked =
      std::count_if(right.begin(), right.end(), [](const Label& label) { return !label.crowd; });
  return found == static_cast<size_t>(asked);
}

}  // namespace

std::vector<Label> labels_for(const Sample& sample, const std::string& task,
                              const std::filesystem::path& path) {
  if (task == "detect") {
    for (const Label& label : sample.labels) {
      if (!label.box)
        throw UserError(kBadInput, path, ": image '", sample.image,
                        "' has a label without a box; these drafts are boxes");
    }
    return sample.labels;
  }
  auto labels = image_level_labels(sample);
  if (task == "classify" && labels.size() > 1)
    throw UserError(kBadInput, path, ": image '", sample.image, "' has ", labels.size(),
                    " labels; these drafts have one class an image");
  return labels;
}

Answers read_answers(const std::filesystem::path& path, const std::string& format,
                     const DraftSet& drafts, bool add_classes) {
  const Dataset dataset = read_dataset(path, format);
  Answers answers;
  const auto numbers =
      category_numbers(dataset.categories, drafts, add_classes, path, answers.added);
  for (const Sample& sample : dataset.samples) {
    auto labels = labels_for(sample, drafts.task, path);
    if (drafts.task == "classify" && labels.empty()) continue;
    if (!drafts.at.contains(sample.image)) {
      answers.foreign.push_back(sample.image);
      continue;
    }
    for (Label& label : labels) label.category = numbers[static_cast<size_t>(label.category)];
    answers.labels.emplace(sample.image, std::move(labels));
  }
  if (answers.labels.empty() && !answers.foreign.empty()) {
    throw UserError(kBadInput, path, ": none of its images is in ", drafts.folder,
                    ", matched by path below the source (here: '", answers.foreign.front(),
                    drafts.pool.empty() ? "" : "', there: '" + drafts.drafted(0).sample.image,
                    "')");
  }
  return answers;
}

Answers logged_answers(const DraftSet& drafts, const std::string& selection) {
  AnswerLog log = read_answer_log(drafts.folder, drafts.categories);
  std::erase_if(log.answers, [&](const Answer& answer) {
    return answer.selection != selection || !drafts.at.contains(answer.image);
  });
  Answers answers;
  answers.added.assign(
      log.categories.begin() + static_cast<std::ptrdiff_t>(drafts.categories.size()),
      log.categories.end());
  for (auto& [image, answer] : standing_answers(log)) answers.labels.emplace(image, answer.labels);
  return answers;
}

bool needs_no_edit(const std::vector<Label>& given, const std::vector<Label>& right,
                   const std::string& task, double iou) {
  if (task == "detect") return boxes_fit(given, right, iou);
  return categories_of(given) == categories_of(right);
}

std::string digest_of(const Answers& answers, const std::vector<std::string>& images) {
  std::vector<std::string> lines;
  for (const auto& image : images) {
    std::string line = image;
    for (const Label& label : answers.labels.at(image)) {
      line += "\t" + std::to_string(label.category);
      if (!label.box) continue;
      const Box& box = *label.box;
      for (const float side : {box.x1, box.y1, box.x2, box.y2}) line += " " + std::to_string(side);
    }
    lines.push_back(line + "\n");
  }
  std::sort(lines.begin(), lines.end());
  std::string all;
  for (const auto& line : lines) all += line;
  return sha256(all);
}

}  // namespace preannotate
