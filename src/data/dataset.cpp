#include "preannotate/data/dataset.h"

#include <algorithm>
#include <set>

#include "preannotate/core/text.h"

namespace preannotate {

bool leaves_out(const std::string& reason) {
  static const std::set<std::string> kUsed = {
      "area_not_positive",   "box_clipped",        "confidences_stale", "duplicate_id",
      "id_with_point",       "image_id_text",      "number_as_text",    "rotated_box",
      "several_annotations", "several_predictions"};
  return !kUsed.contains(reason);
}

int category_index(const std::vector<std::string>& categories, const std::string& name) {
  const auto found = std::find(categories.begin(), categories.end(), name);
  return found == categories.end() ? -1 : static_cast<int>(found - categories.begin());
}

std::vector<Label> image_level_labels(const Sample& sample) {
  std::vector<Label> classes;
  for (const Label& label : sample.labels) {
    const auto same = std::find_if(classes.begin(), classes.end(), [&](const Label& other) {
      return other.category == label.category;
    });
    if (same == classes.end()) {
      classes.push_back(label);
    } else if (label.score > same->score) {
      *same = label;
    }
  }
  for (Label& label : classes) label.box.reset();
  return classes;
}

std::filesystem::path image_file(const Dataset& dataset, const Sample& sample) {
  const auto found = dataset.elsewhere.find(sample.image);
  return found != dataset.elsewhere.end() ? found->second
                                          : dataset.image_root / path_from_utf8(sample.image);
}

}  // namespace preannotate
