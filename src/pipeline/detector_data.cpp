#include "detector_data.h"

#include <algorithm>
#include <cmath>

#include "detector_mosaics.h"
#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/log.h"
#include "preannotate/core/random.h"
#include "preannotate/headers/image_size.h"
#include "preannotate/model/detect.h"
#include "preannotate/model/frame_stream.h"
#include "preannotate/ops/normalize.h"
#include "seed_views.h"
#include "stopwatch.h"

namespace preannotate {

namespace {

constexpr std::int64_t kLongestSide = 1 << 30;  // px

std::vector<MapStore::Level> store_levels(const DetectorPlan& plan) {
  std::vector<MapStore::Level> levels;
  for (size_t i = 0; i < plan.shape.strides.size(); ++i) {
    const int stride = plan.shape.strides[i];
    if (plan.shape.map_channels[i] == 0) continue;
    levels.push_back({plan.view.frame.height / stride, plan.view.frame.width / stride,
                      plan.shape.map_channels[i]});
  }
  return levels;
}

std::string size_text(int width, int height) {
  return std::to_string(width) + " x " + std::to_string(height);
}

}  // namespace

std::vector<TruthBox> truth_boxes(const Sample& sample) {
  std::vector<TruthBox> boxes;
  for (const auto& label : sample.labels) {
    if (label.box) boxes.push_back({*label.box, label.category, label.crowd, label.area});
  }
  return boxes;
}

void read_missing_sizes(Dataset& seed, const std::filesystem::path& path) {
  long boxes = 0;
  for (auto& sample : seed.samples) {
    if (sample.width <= 0 || sample.height <= 0) {
      const auto size = image_size_of(image_file(seed, sample));
      if (size && std::max(size->width, size->height) <= kLongestSide) {
        sample.width = static_cast<int>(size->width);
        sample.height = static_cast<int>(size->height);
      } else {
        sample.labels.clear();
      }
    }
    boxes += static_cast<long>(boxes_of(sample, false).size());
  }
  if (boxes > 0) return;
  throw UserError(kBadInput, path, ": none of the ", seed.samples.size(),
                  " images can be read and has a box to learn from");
}

SeedMaps seed_maps(const Backbone& backbone, const Dataset& seed, const DetectorPlan& plan,
                   const SeedMapsOptions& options, Problems& problems) {
  const Stopwatch watch;
  const SeedViews views(seed, plan, options.seed);
  const int views_per_item = plan.policy.views + plan.policy.mosaics;
  std::vector<std::string> paths;
  std::vector<std::int64_t> first_row;
  std::int64_t rows = 0;
  for (const auto& sample : seed.samples) {
    paths.push_back(image_file(seed, sample).string());
    first_row.push_back(rows);
    rows += static_cast<std::int64_t>(views.plain(sample).size()) * views_per_item;
  }
  SeedMaps found;
  found.maps = std::make_unique<MapStore>(store_levels(plan), rows, options.memory_budget,
                                          cache_folder() / "maps");
  found.data.maps = found.maps.get();
  found.data.truth.resize(static_cast<size_t>(rows));
  found.data.views_per_item = views_per_item;
  found.data.frame_width = plan.view.frame.width;
  found.data.frame_height = plan.view.frame.height;

  std::vector<int> map_strides;
  for (const auto& level : backbone.map_levels()) map_strides.push_back(level.stride);
  FrameOptions stream_options;
  stream_options.frame = plan.view.frame;
  stream_options.placements = [&](int, int, size_t index) { return views(index); };
  stream_options.largest_zoom = plan.view.tile_scale > 0 ? 1e6 : plan.policy.largest;
  stream_options.workers = options.workers;
  stream_options.batch = options.batch;
  stream_options.decode = options.decode;
  stream_options.work = [&](const PlacedImage& item, const std::vector<torch::Tensor>& maps) {
    const size_t index = item.image.index;
    const Sample& sample = seed.samples[index];
    if (item.image.width != sample.width || item.image.height != sample.height) {
      return std::vector<DraftBox>{};
    }
    auto wanted = maps_for(plan.shape, map_strides, maps);
    std::erase_if(wanted, [](const torch::Tensor& map) { return !map.defined(); });
    for (auto& map : wanted) map = map.cpu();
    for (size_t v = 0; v < item.placements.size(); ++v) {
      std::vector<torch::Tensor> of_view;
      for (const auto& map : wanted) of_view.push_back(map[static_cast<std::int64_t>(v)]);
      const auto tile = static_cast<std::int64_t>(v) / plan.policy.views;
      const auto row = first_row[index] + tile * views_per_item +
                       static_cast<std::int64_t>(v) % plan.policy.views;
      found.maps->put(row, of_view);
      found.data.truth[static_cast<size_t>(row)] =
          truth_in(sample, item.placements[v], plan.view.frame);
    }
    return std::vector<DraftBox>{};
  };

  Progress progress("images", paths.size());
  FrameStream stream(backbone, std::move(paths), std::move(stream_options));
  for (size_t i = 0; auto item = stream.next(); ++i) {
    progress.advance();
    const Sample& sample = seed.samples[i];
    const LoadedImage& image = item->image;
    if (!image.reason.empty()) {
      problems.add({sample.image, image.reason, image.detail});
      continue;
    }
    if (image.width != sample.width || image.height != sample.height) {
      problems.add({sample.image, "size_differs",
                    "the image is " + size_text(image.width, image.height) +
                        ", its labels were made for " + size_text(sample.width, sample.height) +
                        "; its boxes would lie wrong"});
      continue;
    }
    const auto plain = views.plain(sample);
    std::vector<size_t> items;
    for (size_t t = 0; t < plain.size(); ++t) {
      items.push_back(static_cast<size_t>(first_row[i] / views_per_item) + t);
    }
    found.samples.push_back(i);
    found.sha256.push_back(image.sha256);
    found.items.push_back(std::move(items));
    found.placements.push_back(plain);
  }
  add_mosaics(backbone, seed, plan, options, found);
  found.seconds = watch.seconds();
  return found;
}

SeedFrames::SeedFrames(const Backbone& backbone, const Dataset& seed, const DetectorPlan& plan,
                       const SeedMaps& maps, std::vector<size_t> images, std::uint64_t random_seed,
                       std::uint64_t views_seed)
    : backbone_(backbone),
      seed_(seed),
      plan_(plan),
      maps_(maps),
      images_(std::move(images)),
      random_(random_seed),
      views_seed_(views_seed) {}

FrameBatch SeedFrames::next(int size) {
  const SeedViews views(seed_, plan_, views_seed_);
  const FrameSize frame = plan_.view.frame;
  auto pixels = torch::empty({size, frame.height, frame.width, 3}, torch::kUInt8);
  FrameBatch batch;
  for (int i = 0; i < size; ++i) {
    const size_t image = images_[random_.below(images_.size())];
    const size_t index = maps_.samples[image];
    const auto placements = views(index);
    const Placement& placement = placements[random_.below(placements.size())];
    batch.truth.push_back(
        views.render(index, placement, pixels[i].mutable_data_ptr<std::uint8_t>()));
  }
  batch.pixels = normalize(pixels, backbone_.info().mean, backbone_.info().std);
  return batch;
}

}  // namespace preannotate
