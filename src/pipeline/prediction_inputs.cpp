#include "prediction_inputs.h"

#include <algorithm>

namespace preannotate {

PredictionInputs::PredictionInputs(const PredictOptions& options) {
  Problems problems;
  images = list_images({options.sources, options.list, options.output}, problems);
  left_out = problems.all();
  std::sort(left_out.begin(), left_out.end(),
            [](const Problem& a, const Problem& b) { return a.input < b.input; });
}

std::vector<std::string> PredictionInputs::paths(size_t first) const {
  std::vector<std::string> paths;
  for (size_t i = first; i < images.size(); ++i) paths.push_back(images[i].path.string());
  return paths;
}

}  // namespace preannotate
