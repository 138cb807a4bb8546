#include "data_hash.h"

#include <algorithm>
#include <cstdio>

#include "preannotate/core/hash.h"

namespace preannotate {

namespace {

std::string hash_of_lines(std::vector<std::string> lines) {
  std::sort(lines.begin(), lines.end());
  std::string all;
  for (const auto& line : lines) all += line;
  return sha256(all);
}

}  // namespace

std::string hash_of_labels(const std::vector<std::string>& sha256,
                           const std::vector<std::vector<int>>& labels,
                           const std::vector<std::string>& categories) {
  std::vector<std::string> lines;
  for (size_t i = 0; i < sha256.size(); ++i) {
    std::string line = sha256[i];
    for (const int label : labels[i]) line += "\t" + categories[static_cast<size_t>(label)];
    lines.push_back(line + "\n");
  }
  return hash_of_lines(std::move(lines));
}

std::string hash_of_classes(const Seed& seed, const std::vector<size_t>& samples,
                            const std::vector<std::string>& sha256) {
  auto categories = seed.dataset.categories;
  const auto classes = static_cast<int>(categories.size());
  for (int c = 0; c < classes; ++c) categories.push_back("not " + categories[c]);
  std::vector<std::vector<int>> labels;
  for (const size_t sample : samples) {
    labels.push_back(seed.labels[sample]);
    if (seed.is_rejected(sample)) labels.back().at(0) += classes;
  }
  return hash_of_labels(sha256, labels, categories);
}

std::string hash_of_boxes(const std::vector<std::string>& sha256,
                          const std::vector<std::vector<TruthBox>>& boxes,
                          const std::vector<std::string>& categories) {
  std::vector<std::string> lines;
  for (size_t i = 0; i < sha256.size(); ++i) {
    std::string line = sha256[i];
    for (const auto& box : boxes[i]) {
      char text[96];
      std::snprintf(text, sizeof text, "\t%.2f %.2f %.2f %.2f%s ", box.box.x1, box.box.y1,
                    box.box.x2, box.box.y2, box.crowd ? " crowd" : "");
      line += text + categories[static_cast<size_t>(box.category)];
    }
    lines.push_back(line + "\n");
  }
  return hash_of_lines(std::move(lines));
}

}  // namespace preannotate
