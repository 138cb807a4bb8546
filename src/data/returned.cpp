#include "preannotate/data/returned.h"

#include <algorithm>
#include <system_error>

#include "all_formats.h"
#include "label_studio.h"
#include "preannotate/core/error.h"
#include "preannotate/data/format.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

Returned answers_of(Dataset dataset) {
  Returned returned;
  for (Sample& sample : dataset.samples) {
    ReturnedAnswer answer;
    answer.image = std::move(sample.image);
    answer.width = sample.width;
    answer.height = sample.height;
    answer.labels = std::move(sample.labels);
    returned.answers.push_back(std::move(answer));
  }
  returned.categories = std::move(dataset.categories);
  returned.problems = std::move(dataset.problems);
  return returned;
}

}  // namespace

Returned read_returned(const fs::path& path, std::string_view format) {
  std::error_code error;
  if (!fs::exists(path, error)) throw UserError(kUsageError, path, " does not exist");
  const DatasetFormat& chosen = format.empty() ? format_of(path) : format_named(format);
  const bool label_studio = &chosen == &kLabelStudioFormat;
  Returned returned = label_studio ? read_label_studio_answers(label_studio_file(path))
                                   : answers_of(chosen.read(path));
  returned.format = chosen.name;
  std::stable_sort(returned.answers.begin(), returned.answers.end(),
                   [](const ReturnedAnswer& a, const ReturnedAnswer& b) {
                     return a.image != b.image ? a.image < b.image : a.at < b.at;
                   });
  return returned;
}

}  // namespace preannotate
