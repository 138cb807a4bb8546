#include "detector_reference.h"

#include <numeric>

#include "map_summary.h"
#include "preannotate/model/frame_stream.h"

namespace preannotate {

SeedReference detector_reference(const Backbone& backbone, const Dataset& seed,
                                 const SeedMaps& maps, const DetectorView& view, int workers,
                                 std::uint64_t random_seed) {
  std::vector<std::string> paths;
  for (const size_t sample : maps.samples) {
    paths.push_back(image_file(seed, seed.samples[sample]).string());
  }
  FrameOptions options;
  options.frame = view.frame;
  options.placements = [&view](int width, int height, size_t) {
    return placements_of(width, height, view);
  };
  options.largest_zoom = view.tile_scale > 0 ? 1e6 : 1;
  options.workers = workers;
  options.decode = without_limits();
  options.work = [](PlacedImage& item, const std::vector<torch::Tensor>& levels) {
    std::vector<size_t> all(item.placements.size());
    std::iota(all.begin(), all.end(), size_t{0});
    item.summary = map_summary(levels, all);
    return std::vector<DraftBox>{};
  };
  FrameStream stream(backbone, std::move(paths), std::move(options));
  ReferenceImages images;
  std::vector<torch::Tensor> rows;
  for (size_t i = 0; const auto item = stream.next(); ++i) {
    if (!item->image.reason.empty()) continue;  // it could be read a moment ago
    rows.push_back(torch::tensor(item->summary));
    images.sha256.push_back(maps.sha256[i]);
  }
  for (const auto& level : backbone.map_levels()) images.blocks.push_back(level.channels);
  const std::int64_t width =
      std::accumulate(images.blocks.begin(), images.blocks.end(), std::int64_t{0});
  images.features = rows.empty() ? torch::empty({0, width}) : torch::stack(rows);
  images.classes.assign(rows.size(), 0);
  images.precision = backbone.precision();
  return seed_reference(images, random_seed);
}

}  // namespace preannotate
