#include "gold_set.h"

#include <algorithm>
#include <numeric>

#include "class_map.h"
#include "data_hash.h"
#include "detector_data.h"
#include "preannotate/core/error.h"
#include "training_set.h"

namespace preannotate {

GoldSet read_gold(const std::filesystem::path& path, const std::string& format,
                  const std::string& task) {
  GoldSet gold;
  gold.path = path;
  gold.seed = read_seed(path, format, task);
  if (task == "detect") read_missing_sizes(gold.seed.dataset, path);
  const Dataset& dataset = gold.seed.dataset;
  gold.sha256 = hashes_of(dataset);
  for (size_t i = 0; i < gold.sha256.size(); ++i) {
    if (!gold.sha256[i].empty()) continue;
    throw UserError(kBadInput, path, ": the image ", image_file(dataset, dataset.samples[i]),
                    " cannot be read; all of a gold set is needed");
  }
  gold.content.insert(gold.sha256.begin(), gold.sha256.end());
  if (task == "detect") {
    std::vector<std::vector<TruthBox>> boxes;
    for (const auto& sample : dataset.samples) boxes.push_back(truth_boxes(sample));
    gold.digest = hash_of_boxes(gold.sha256, boxes, dataset.categories);
  } else {
    gold.digest = hash_of_labels(gold.sha256, gold.seed.labels, dataset.categories);
  }
  return gold;
}

std::vector<std::vector<int>> gold_labels(const GoldSet& gold,
                                          const std::vector<std::string>& classes) {
  const auto map = class_map(gold.seed.dataset.categories, classes, gold.path);
  std::vector<std::vector<int>> labels;
  for (const auto& its : gold.seed.labels) {
    labels.emplace_back();
    for (const int label : its) labels.back().push_back(map[static_cast<size_t>(label)]);
    std::sort(labels.back().begin(), labels.back().end());
  }
  return labels;
}

}  // namespace preannotate
