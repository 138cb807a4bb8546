#include "class_map.h"

#include "preannotate/core/error.h"
#include "preannotate/core/text.h"
#include "preannotate/data/dataset.h"

namespace preannotate {

std::vector<int> class_map(const std::vector<std::string>& categories,
                           const std::vector<std::string>& classes,
                           const std::filesystem::path& path) {
  std::vector<int> map;
  for (const auto& name : categories) {
    const int index = category_index(classes, name);
    if (index < 0) {
      const std::string nearest = nearest_name(name, classes);
      throw UserError(kBadInput, path, ": class '", name, "' is not among the model's ",
                      classes.size(), " (", join_names(classes, 12), ")",
                      nearest.empty() ? "" : "; did you mean '" + nearest + "'?");
    }
    map.push_back(index);
  }
  return map;
}

}  // namespace preannotate
