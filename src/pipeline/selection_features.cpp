#include "selection_features.h"

#include <algorithm>
#include <numeric>

#include "map_summary.h"
#include "plain_view.h"
#include "preannotate/core/log.h"
#include "preannotate/model/features.h"
#include "preannotate/model/frame_stream.h"
#include "stream_size.h"

namespace preannotate {

namespace {

std::vector<std::string> paths_of(const std::vector<SelectionImage>& images) {
  std::vector<std::string> paths;
  for (const auto& image : images) paths.push_back(image.path);
  return paths;
}

void add_row(SelectionFeatures& found, std::size_t image, const float* first, std::size_t columns) {
  found.columns = columns;
  found.values.insert(found.values.end(), first, first + columns);
  found.images.push_back(image);
}

SelectionFeatures embeddings(const Backbone& backbone, Resize resize,
                             const std::vector<SelectionImage>& images, const LookOptions& options,
                             Problems& problems) {
  const auto columns = static_cast<std::size_t>(backbone.layout().embedding);
  SelectionFeatures found;
  FeatureStream stream(
      backbone, paths_of(images),
      plain_view(backbone, resize, options.workers, options.batch, options.decode));
  Progress progress("images", images.size());
  for (std::size_t i = 0; const auto item = stream.next(); ++i) {
    progress.advance();
    const LoadedImage& image = item->image;
    if (image.reason.empty()) {
      add_row(found, i, item->features.data(), columns);
    } else {
      problems.add({images[i].image, image.reason, image.detail});
    }
  }
  return found;
}

SelectionFeatures map_means(const Backbone& backbone, const DetectorView& view,
                            const std::vector<SelectionImage>& images, const LookOptions& options,
                            Problems& problems) {
  FrameOptions looking;
  looking.frame = view.frame;
  looking.placements = [&view](int width, int height, std::size_t) {
    return placements_of(width, height, view);
  };
  looking.largest_zoom = view.tile_scale > 0 ? 1e6 : 1;
  const auto size = stream_size(options.workers, options.batch, backbone.device());
  looking.workers = size.workers;
  looking.batch = size.batch;
  looking.decode = options.decode;
  looking.work = [](PlacedImage& item, const std::vector<torch::Tensor>& maps) {
    std::vector<std::size_t> all(item.placements.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    item.summary = map_summary(maps, all);
    return std::vector<DraftBox>{};
  };
  SelectionFeatures found;
  FrameStream stream(backbone, paths_of(images), std::move(looking));
  Progress progress("images", images.size());
  for (std::size_t i = 0; const auto item = stream.next(); ++i) {
    progress.advance();
    const LoadedImage& image = item->image;
    if (image.reason.empty()) {
      add_row(found, i, item->summary.data(), item->summary.size());
    } else {
      problems.add({images[i].image, image.reason, image.detail});
    }
  }
  return found;
}

/// The reference's (x - mean) * scale, of the first columns.
void into_reference_units(SelectionFeatures& found, const SeedReference& reference) {
  const auto mean = reference.mean.contiguous(), scale = reference.scale.contiguous();
  const float* const means = mean.const_data_ptr<float>();
  const float* const scales = scale.const_data_ptr<float>();
  for (std::size_t i = 0; i < found.values.size(); ++i) {
    const std::size_t column = i % found.columns;
    found.values[i] = (found.values[i] - means[column]) * scales[column];
  }
}

}  // namespace

FeatureRows SelectionFeatures::rows_of(std::size_t begin, std::size_t end) const {
  const auto row = [&](std::size_t image) {
    return static_cast<std::size_t>(std::lower_bound(images.begin(), images.end(), image) -
                                    images.begin());
  };
  const std::size_t first = row(begin), last = row(end);
  return {std::span(values).subspan(first * columns, (last - first) * columns), columns};
}

SelectionFeatures look_at(const Backbone& backbone, const Run& run,
                          const std::vector<SelectionImage>& images, const LookOptions& options,
                          Problems& problems) {
  const RunManifest& manifest = run.manifest;
  SelectionFeatures found =
      manifest.detector ? map_means(backbone, manifest.detector->view, images, options, problems)
                        : embeddings(backbone, manifest.resize, images, options, problems);
  if (manifest.reference && found.columns > 0) into_reference_units(found, *manifest.reference);
  return found;
}

SelectionFeatures look_at(const Backbone& backbone, const std::vector<SelectionImage>& images,
                          const LookOptions& options, Problems& problems) {
  return embeddings(backbone, Resize::kCrop, images, options, problems);
}

SelectionFeatures reference_features(const Run& run, std::size_t columns) {
  SelectionFeatures found;
  if (!run.manifest.reference || columns == 0) return found;
  const auto rows = run.manifest.reference->rows.slice(1, 0, static_cast<std::int64_t>(columns))
                        .to(torch::kFloat32)
                        .contiguous();
  const float* const first = rows.const_data_ptr<float>();
  for (std::int64_t i = 0; i < rows.size(0); ++i)
    add_row(found, static_cast<std::size_t>(i), first + static_cast<std::size_t>(i) * columns,
            columns);
  return found;
}

}  // namespace preannotate
