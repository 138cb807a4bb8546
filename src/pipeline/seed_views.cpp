#include "seed_views.h"

#include <algorithm>
#include <cmath>

#include "preannotate/image/decode.h"

namespace preannotate {

namespace {

std::vector<int> categories_of(const Sample& sample) {
  std::vector<int> categories;
  for (const auto& label : sample.labels) {
    if (label.box && !label.crowd) categories.push_back(label.category);
  }
  return categories;
}

/// Views of one tile: as those of an image that is just the tile, but the picture goes on beyond.
std::vector<Placement> tile_views(const Placement& tile, FrameSize frame,
                                  const AugmentPolicy& policy, std::vector<Box> boxes,
                                  std::uint64_t seed) {
  const auto dx = static_cast<float>(tile.x), dy = static_cast<float>(tile.y);
  for (Box& box : boxes) box = {box.x1 - dx, box.y1 - dy, box.x2 - dx, box.y2 - dy};
  const int width = static_cast<int>(std::lround(frame.width / tile.scale));
  const int height = static_cast<int>(std::lround(frame.height / tile.scale));
  std::erase_if(boxes, [&](const Box& box) {
    return box.x2 <= 0 || box.y2 <= 0 || box.x1 >= static_cast<float>(width) ||
           box.y1 >= static_cast<float>(height);
  });
  auto views = augmented_placements(width, height, frame, policy, boxes, seed);
  for (auto& view : views) {
    view.x += tile.x;
    view.y += tile.y;
  }
  views.front() = tile;
  return views;
}

}  // namespace

std::vector<Box> boxes_of(const Sample& sample, bool crowds) {
  std::vector<Box> boxes;
  for (const auto& label : sample.labels) {
    if (label.box && label.crowd == crowds) boxes.push_back(*label.box);
  }
  return boxes;
}

ViewTruth truth_in(const Sample& sample, const Placement& placement, FrameSize frame) {
  ViewTruth truth;
  const auto categories = categories_of(sample);
  const auto seen = visible_boxes(boxes_of(sample, false), placement, frame);
  truth.boxes = seen.boxes;
  for (const int source : seen.source) {
    truth.categories.push_back(categories[static_cast<size_t>(source)]);
  }
  truth.ignored = visible_boxes(boxes_of(sample, true), placement, frame, 0).boxes;
  return truth;
}

SeedViews::SeedViews(const Dataset& seed, const DetectorPlan& plan, std::uint64_t random_seed)
    : seed_(seed), plan_(plan), random_seed_(random_seed) {}

std::vector<Placement> SeedViews::plain(const Sample& sample) const {
  return placements_of(sample.width, sample.height, plan_.view);
}

std::vector<Placement> SeedViews::operator()(size_t index) const {
  const Sample& sample = seed_.samples[index];
  const auto boxes = boxes_of(sample, false);
  std::uint64_t view_seed = random_seed_ + 0x9e3779b97f4a7c15ull * (index + 1);
  if (plan_.view.tile_scale <= 0) {
    return augmented_placements(sample.width, sample.height, plan_.view.frame, plan_.policy, boxes,
                                view_seed);
  }
  std::vector<Placement> all;
  for (const auto& tile : plain(sample)) {
    const auto views = tile_views(tile, plan_.view.frame, plan_.policy, boxes, ++view_seed);
    all.insert(all.end(), views.begin(), views.end());
  }
  return all;
}

ViewTruth SeedViews::render(size_t index, const Placement& placement, std::uint8_t* out) const {
  const auto decoded = decode_image(
      read_image_file(image_file(seed_, seed_.samples[index]).string(), without_limits()),
      without_limits());
  render_placement(decoded, placement, plan_.view.frame, out);
  return truth_in(seed_.samples[index], placement, plan_.view.frame);
}

}  // namespace preannotate
