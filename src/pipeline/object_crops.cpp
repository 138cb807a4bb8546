#include "object_crops.h"

#include <algorithm>

#include "preannotate/core/random.h"

namespace preannotate {

namespace {

constexpr double kAround = 1.4;          // side of a crop over the longer side of its box
constexpr double kLeastSide = 16;        // px
constexpr float kMostShared = 0.05f;     // of a box or of the place, in background
constexpr int kTriesForBackground = 30;  // places tried for each one wanted

Crop crop_around(size_t sample, int category, const Box& box) {
  const double width = box.x2 - box.x1, height = box.y2 - box.y1;
  const double side = std::max(kLeastSide, kAround * std::max(width, height));
  return {sample, category, (box.x1 + box.x2 - side) / 2, (box.y1 + box.y2 - side) / 2, side};
}

/// The objects of each category, in random order.
std::vector<std::vector<Crop>> objects_by_category(const Dataset& dataset, Random& random) {
  std::vector<std::vector<Crop>> objects(dataset.categories.size());
  for (size_t i = 0; i < dataset.samples.size(); ++i) {
    const Sample& sample = dataset.samples[i];
    if (sample.width <= 0 || sample.height <= 0) continue;
    for (const auto& label : sample.labels) {
      if (!label.box || label.crowd || label.box->area() <= 0) continue;
      objects[static_cast<size_t>(label.category)].push_back(
          crop_around(i, label.category, *label.box));
    }
  }
  for (auto& list : objects) random.shuffle(list);
  return objects;
}

/// One of each category in turn.
std::vector<Crop> taken_in_turn(const std::vector<std::vector<Crop>>& objects, size_t most) {
  std::vector<Crop> taken;
  for (size_t turn = 0; taken.size() < most; ++turn) {
    const size_t before = taken.size();
    for (const auto& list : objects) {
      if (turn < list.size() && taken.size() < most) taken.push_back(list[turn]);
    }
    if (taken.size() == before) break;
  }
  return taken;
}

bool is_free(const Sample& sample, const Crop& crop) {
  const Box place{static_cast<float>(crop.x), static_cast<float>(crop.y),
                  static_cast<float>(crop.x + crop.side), static_cast<float>(crop.y + crop.side)};
  return std::none_of(sample.labels.begin(), sample.labels.end(), [&](const Label& label) {
    if (!label.box) return false;
    const Box shared{std::max(place.x1, label.box->x1), std::max(place.y1, label.box->y1),
                     std::min(place.x2, label.box->x2), std::min(place.y2, label.box->y2)};
    return shared.area() > kMostShared * std::min(place.area(), label.box->area());
  });
}

/// Places of the sizes of `objects` that hold none.
std::vector<Crop> background(const Dataset& dataset, const std::vector<Crop>& objects,
                             size_t wanted, Random& random) {
  std::vector<Crop> places;
  for (size_t tries = 0; places.size() < wanted && tries < kTriesForBackground * wanted; ++tries) {
    const auto index = static_cast<size_t>(random.below(dataset.samples.size()));
    const Sample& sample = dataset.samples[index];
    const double side = objects[random.below(objects.size())].side;
    const double across = sample.width - side, down = sample.height - side;
    if (sample.width <= 0 || across < 0 || down < 0) continue;
    const double x = across * random.uniform(), y = down * random.uniform();
    const Crop place{index, static_cast<int>(dataset.categories.size()), x, y, side};
    if (is_free(sample, place)) places.push_back(place);
  }
  return places;
}

}  // namespace

std::vector<Crop> object_crops(const Dataset& dataset, size_t most_objects, std::uint64_t seed) {
  Random random(seed);
  const auto objects = objects_by_category(dataset, random);
  auto crops = taken_in_turn(objects, most_objects);
  if (crops.empty()) return crops;
  const auto categories = static_cast<size_t>(std::count_if(
      objects.begin(), objects.end(), [](const auto& list) { return !list.empty(); }));
  const size_t wanted = (crops.size() + categories - 1) / categories;
  const auto places = background(dataset, crops, wanted, random);
  crops.insert(crops.end(), places.begin(), places.end());
  std::stable_sort(crops.begin(), crops.end(),
                   [](const Crop& a, const Crop& b) { return a.sample < b.sample; });
  return crops;
}

}  // namespace preannotate
