#include "prediction_inputs.h"

#include <algorithm>

#include "drafting.h"
#include "preannotate/core/problems.h"

namespace preannotate {

namespace {

const ImageFile* found(const std::vector<ImageFile>& files, const std::string& image) {
  const auto at = std::ranges::lower_bound(files, image, {}, &ImageFile::image);
  return at != files.end() && at->image == image ? &*at : nullptr;
}

}  // namespace

PredictionInputs::PredictionInputs(const PredictOptions& options) {
  Problems problems;
  images = list_images({options.sources, options.list, options.output}, problems);
  for (const auto& problem : problems.all()) {
    given.push_back(left_out(problem.input, problem.reason, problem.detail));
  }
  std::sort(given.begin(), given.end(),
            [](const auto& a, const auto& b) { return a.sample.image < b.sample.image; });
}

std::vector<std::string> PredictionInputs::paths(size_t first) const {
  std::vector<std::string> paths;
  for (size_t i = first; i < images.size(); ++i) paths.push_back(images[i].path.string());
  return paths;
}

std::filesystem::path PredictionInputs::path_of(const std::string& image) const {
  const ImageFile* file = found(images, image);
  if (!file) file = found(answered, image);
  return file ? file->path : std::filesystem::path();
}

bool PredictionInputs::is_answered(const std::string& image) const {
  return found(answered, image) != nullptr;
}

}  // namespace preannotate
