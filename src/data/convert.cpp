#include "preannotate/data/convert.h"

#include <algorithm>

#include "names.h"
#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/text.h"
#include "preannotate/data/drafts.h"
#include "preannotate/data/fit.h"
#include "preannotate/data/format.h"

namespace preannotate {
namespace {

size_t count_labels(const Dataset& dataset) {
  size_t count = 0;
  for (const Sample& sample : dataset.samples) count += sample.labels.size();
  return count;
}

}  // namespace

void rename_categories(Dataset& dataset, const std::map<std::string, std::string>& renamed) {
  for (const auto& [old, name] : renamed) {
    check_category_name(name, "--map");
    if (category_index(dataset.categories, old) >= 0) continue;
    const auto nearest = nearest_name(old, dataset.categories);
    throw UserError(kUsageError, "--map ", old, "=", name, ": there is no category '", old, "'",
                    nearest.empty() ? "" : "; did you mean '" + nearest + "'?");
  }
  std::vector<std::string> categories;
  std::vector<int> index;
  for (const auto& old : dataset.categories) {
    const auto found = renamed.find(old);
    const auto& name = found == renamed.end() ? old : found->second;
    if (category_index(categories, name) < 0) categories.push_back(name);
    index.push_back(category_index(categories, name));
  }
  for (Sample& sample : dataset.samples) {
    for (Label& label : sample.labels) label.category = index[static_cast<size_t>(label.category)];
  }
  dataset.categories = std::move(categories);
}

ConvertResult convert(const ConvertOptions& options) {
  const DatasetFormat& to_format = format_named(options.to_format);
  const bool drafts = options.from_format.empty() && is_drafts_folder(options.from);
  OutputFolder output(options.to, /*force=*/false, {});
  Dataset dataset =
      drafts ? read_drafts(options.from) : read_dataset(options.from, options.from_format);
  rename_categories(dataset, options.renamed);
  ConvertResult result;
  result.from_format = drafts                        ? "drafts"
                       : options.from_format.empty() ? format_of(options.from).name
                                                     : options.from_format;
  result.problems = std::move(dataset.problems);
  const Fitted fit = fitted(std::move(dataset), to_format);
  if (fit.dataset.samples.empty()) {
    throw UserError(kBadInput, options.from, ": nothing of it can be held by ", to_format.name,
                    ": ", join_names(fit.losses));
  }
  to_format.write(fit.dataset, output.path());
  output.commit();
  result.images = fit.dataset.samples.size();
  result.labels = count_labels(fit.dataset);
  result.categories = fit.dataset.categories.size();
  result.losses = fit.losses;
  return result;
}

}  // namespace preannotate
