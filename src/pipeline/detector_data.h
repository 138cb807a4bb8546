#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "detector_plan.h"
#include "preannotate/core/problems.h"
#include "preannotate/core/random.h"
#include "preannotate/data/dataset.h"
#include "preannotate/metrics/detection.h"
#include "preannotate/model/fine_tune_detector.h"
#include "preannotate/model/map_store.h"
#include "preannotate/model/train_detector.h"

namespace preannotate {

/// A seed's images as a detector's head sees them. An item is what a batch draws: an image, or one
/// tile of it; each item has policy.views views.
struct SeedMaps {
  std::unique_ptr<MapStore> maps;
  DetectorData data;                               // `data.maps` points to `maps`
  std::vector<size_t> samples;                     // of each readable image: position in the seed
  std::vector<std::string> sha256;                 // of each of these images
  std::vector<std::vector<size_t>> items;          // of each of these images
  std::vector<std::vector<Placement>> placements;  // plain ones, one an item of the image
  double seconds = 0;
};

struct SeedMapsOptions {
  int workers = 2;
  int batch = 4;
  std::uint64_t seed = 0;
  DecodeOptions decode;
  std::uint64_t memory_budget = 6ull << 30;  // bytes of maps kept in memory
};

/// Decodes each image once and keeps the maps of all its views. An image that cannot be read, or
/// whose size is not what the labels say, goes to `problems`.
SeedMaps seed_maps(const Backbone& backbone, const Dataset& seed, const DetectorPlan& plan,
                   const SeedMapsOptions& options, Problems& problems);

/// Reads the sizes that the labels do not say from the images. An image that cannot be read keeps
/// none and loses its labels: seed_maps() says why. Throws UserError(kBadInput) naming `path` when
/// no box is left.
void read_missing_sizes(Dataset& seed, const std::filesystem::path& path);

/// Pixels of the same views again, for training end to end: items of the given images, drawn at
/// random, each image decoded when it is wanted.
class SeedFrames {
 public:
  /// images: positions in SeedMaps::samples. All arguments must outlive it.
  SeedFrames(const Backbone& backbone, const Dataset& seed, const DetectorPlan& plan,
             const SeedMaps& maps, std::vector<size_t> images, std::uint64_t random_seed,
             std::uint64_t views_seed);
  FrameBatch next(int size);

 private:
  const Backbone& backbone_;
  const Dataset& seed_;
  const DetectorPlan& plan_;
  const SeedMaps& maps_;
  std::vector<size_t> images_;
  Random random_;
  std::uint64_t views_seed_;
};

/// The objects of a sample as metrics want them.
std::vector<TruthBox> truth_boxes(const Sample& sample);

}  // namespace preannotate
