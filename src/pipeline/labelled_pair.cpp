#include "labelled_pair.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "preannotate/core/error.h"

namespace preannotate {
namespace {

/// Places of the pool's categories in the seed's, to which those it lacks are added.
std::vector<int> join_categories(Dataset& seed, const Dataset& pool) {
  std::vector<int> places;
  for (const auto& name : pool.categories) {
    int place = category_index(seed.categories, name);
    if (place < 0) {
      place = static_cast<int>(seed.categories.size());
      seed.categories.push_back(name);
    }
    places.push_back(place);
  }
  return places;
}

/// Sorted by image, as a dataset is.
Seed sorted(const Seed& seed) {
  std::vector<size_t> order(seed.labels.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto& samples = seed.dataset.samples;
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return samples[a].image < samples[b].image; });
  Seed result = seed;
  for (size_t i = 0; i < order.size(); ++i) {
    result.dataset.samples[i] = samples[order[i]];
    result.labels[i] = seed.labels[order[i]];
  }
  return result;
}

}  // namespace

Seed read_pair(const std::filesystem::path& data, const std::filesystem::path& pool,
               std::string_view format, std::string_view task) {
  Seed both = read_seed(data, format, task);
  if (pool.empty()) return both;
  const Seed more = read_seed(pool, format, task);
  if (more.task != both.task) {
    throw UserError(kBadInput, pool, " is labelled for ", more.task, " but ", data, " for ",
                    both.task, "; say --task");
  }
  std::set<std::string> taken;
  for (const auto& sample : both.dataset.samples) taken.insert(sample.image);
  const auto places = join_categories(both.dataset, more.dataset);
  for (size_t i = 0; i < more.labels.size(); ++i) {
    Sample sample = more.dataset.samples[i];
    const auto file = image_file(more.dataset, sample);
    while (!taken.insert(sample.image).second) sample.image = "pool/" + sample.image;
    for (auto& label : sample.labels) label.category = places[static_cast<size_t>(label.category)];
    std::vector<int> labels;
    for (const int label : more.labels[i]) labels.push_back(places[static_cast<size_t>(label)]);
    std::sort(labels.begin(), labels.end());
    both.dataset.elsewhere[sample.image] = file;
    both.dataset.samples.push_back(std::move(sample));
    both.labels.push_back(std::move(labels));
  }
  const auto& problems = more.dataset.problems;
  both.dataset.problems.insert(both.dataset.problems.end(), problems.begin(), problems.end());
  return sorted(both);
}

}  // namespace preannotate
