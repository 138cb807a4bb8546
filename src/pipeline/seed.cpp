#include "preannotate/pipeline/seed.h"

#include <algorithm>
#include <map>
#include <set>

#include "preannotate/core/error.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "preannotate/data/format.h"

namespace preannotate {

namespace {

std::vector<int> categories_of(const Sample& sample) {
  std::vector<int> categories;
  for (const auto& label : sample.labels) categories.push_back(label.category);
  std::sort(categories.begin(), categories.end());
  categories.erase(std::unique(categories.begin(), categories.end()), categories.end());
  return categories;
}

bool has_box(const Dataset& dataset) {
  return std::any_of(dataset.samples.begin(), dataset.samples.end(), [](const Sample& sample) {
    return std::any_of(sample.labels.begin(), sample.labels.end(),
                       [](const Label& label) { return label.box.has_value(); });
  });
}

/// detect when there are boxes; multilabel when any image has several labels, or none beside others
/// that have some.
void decide_task(Seed& seed) {
  if (has_box(seed.dataset)) {
    seed.task = "detect";
    seed.task_reason = "the labels have boxes";
    return;
  }
  const auto several = std::count_if(seed.labels.begin(), seed.labels.end(),
                                     [](const auto& labels) { return labels.size() > 1; });
  const auto none = std::count_if(seed.labels.begin(), seed.labels.end(),
                                  [](const auto& labels) { return labels.empty(); });
  seed.task = several + none > 0 ? "multilabel" : "classify";
  seed.task_reason = several + none > 0
                         ? std::to_string(several) + " images have several labels, " +
                               std::to_string(none) + " have none"
                         : "each image has one label";
}

void check_classify(const Seed& seed, const std::filesystem::path& path) {
  for (size_t i = 0; i < seed.labels.size(); ++i) {
    if (seed.labels[i].size() == 1) continue;
    throw UserError(kBadInput, path, ": image '", seed.dataset.samples[i].image, "' has ",
                    seed.labels[i].size(),
                    " labels, --task classify needs exactly one; use --task multilabel");
  }
}

}  // namespace

Seed read_seed(const std::filesystem::path& path, std::string_view format, std::string_view task) {
  if (!task.empty() && task != "classify" && task != "multilabel" && task != "detect") {
    throw UserError(kUsageError, "--task '", task, "' is not one of classify, multilabel, detect");
  }
  Seed seed;
  seed.dataset = read_dataset(path, format);
  for (const auto& sample : seed.dataset.samples) seed.labels.push_back(categories_of(sample));
  decide_task(seed);
  if (!task.empty()) {
    seed.task = task;
    seed.task_reason = "";
  }
  if (std::all_of(seed.labels.begin(), seed.labels.end(),
                  [](const auto& l) { return l.empty(); })) {
    throw UserError(kBadInput, path, ": none of the ", seed.labels.size(),
                    " images has a label; a seed needs some");
  }
  if (seed.task == "classify") check_classify(seed, path);
  if (seed.task == "detect" && count_boxes(seed.dataset) == 0) {
    throw UserError(kBadInput, path,
                    has_box(seed.dataset) ? ": every box is a crowd or marked difficult"
                                          : ": no label has a box",
                    "; a detector needs boxes of single objects");
  }
  return seed;
}

long count_boxes(const Dataset& dataset) {
  long boxes = 0;
  for (const auto& sample : dataset.samples) {
    for (const auto& label : sample.labels) boxes += label.box && !label.crowd;
  }
  return boxes;
}

void note_reading_problems(const Dataset& dataset, Problems& problems) {
  static const std::set<std::string> kLeftOut{"image_missing", "annotation_without_image",
                                              "image_unreadable"};
  std::map<std::string, std::vector<const Problem*>> warnings;
  for (const Problem& problem : dataset.problems) {
    if (kLeftOut.contains(problem.reason)) {
      problems.add(problem);
    } else {
      warnings[problem.reason].push_back(&problem);
    }
  }
  for (const auto& [reason, found] : warnings) {
    log_warning(std::to_string(found.size()) + " x " + reason + ", first " + found.front()->input +
                ": " + found.front()->detail);
  }
}

std::vector<long> images_per_category(const Seed& seed) {
  std::vector<long> counts(seed.dataset.categories.size(), 0);
  for (size_t i = 0; i < seed.labels.size(); ++i) {
    if (seed.is_rejected(i)) continue;
    for (const int category : seed.labels[i]) ++counts[static_cast<size_t>(category)];
  }
  return counts;
}

}  // namespace preannotate
