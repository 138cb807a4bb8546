#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "crop_features.h"
#include "detector_data.h"
#include "detector_fit.h"
#include "detector_plan.h"
#include "preannotate/core/error.h"
#include "preannotate/data/split.h"
#include "preannotate/model/frame_stream.h"
#include "rank_source.h"
#include "seed_views.h"
#include "stopwatch.h"
#include "stream_size.h"

namespace preannotate {

namespace {

constexpr size_t kMostObjects = 800;
constexpr size_t kTimedImages = 16;
constexpr double kHeldOut = 0.2;  // of the images, by a short training
constexpr int kChecks = 4;        // of it

/// A class name that no category has.
std::string background_name(const std::vector<std::string>& categories) {
  std::string name = "background";
  while (category_index(categories, name) >= 0) name = "(" + name + ")";
  return name;
}

/// One item a crop, of the image that it is from.
Seed items_of(const Dataset& dataset, const std::vector<Crop>& crops) {
  Seed items;
  items.task = "classify";
  items.dataset.image_root = dataset.image_root;
  items.dataset.categories = dataset.categories;
  items.dataset.categories.push_back(background_name(dataset.categories));
  for (const auto& crop : crops) {
    Sample sample;
    sample.image = dataset.samples[crop.sample].image;
    items.dataset.samples.push_back(std::move(sample));
    items.labels.push_back({crop.category});
  }
  return items;
}

class RankedCrops : public RankSource {
 public:
  RankedCrops(const RankOptions& options, Seed seed)
      : options_(options),
        size_(stream_size(options.workers, options.batch)),
        dataset_(std::move(seed.dataset)) {
    read_missing_sizes(dataset_, options_.data);
    crops_ = object_crops(dataset_, kMostObjects, options_.seed);
    items_ = items_of(dataset_, crops_);
  }

  const Seed& items() const override { return items_; }
  LabelledFeatures look(const Backbone& backbone, Problems& problems) override;
  Division divide(const LabelledFeatures& features) const override;
  double images_per_s(const Backbone& backbone) const override;
  void add_figures(const Backbone& backbone, Json& figures) const override;

 private:
  void keep_only(LabelledFeatures& features);
  double short_training(const Backbone& backbone) const;

  const RankOptions& options_;
  const StreamSize size_;
  Dataset dataset_;
  std::vector<Crop> crops_;
  Seed items_;
};

LabelledFeatures RankedCrops::look(const Backbone& backbone, Problems& problems) {
  plan_detector(dataset_, backbone, {});  // throws where there are no maps to detect on
  auto features = extract_crops(backbone, dataset_, crops_,
                                {options_.decode, size_.workers, size_.batch}, problems);
  keep_only(features);
  if (features.samples.empty()) {
    throw UserError(kBadInput, options_.data, ": none of the ", dataset_.samples.size(),
                    " images can be read and has a box to learn from");
  }
  return features;
}

/// The crops that were seen, so that what is wrong with other images is said once; an image whose
/// crops were not is left out of all that follows.
void RankedCrops::keep_only(LabelledFeatures& features) {
  std::vector<Crop> kept;
  std::set<size_t> seen, cropped;
  for (const Crop& crop : crops_) cropped.insert(crop.sample);
  for (const size_t crop : features.samples) {
    kept.push_back(crops_[crop]);
    seen.insert(crops_[crop].sample);
  }
  for (const size_t sample : cropped) {
    if (!seen.contains(sample)) dataset_.samples[sample].labels.clear();
  }
  crops_ = std::move(kept);
  items_ = items_of(dataset_, crops_);
  std::iota(features.samples.begin(), features.samples.end(), size_t{0});
}

/// Folds of images: crops of one image, and of its copies, are alike.
Division RankedCrops::divide(const LabelledFeatures& features) const {
  std::map<std::string, size_t> position;  // of each content
  std::vector<std::set<int>> categories;
  std::vector<size_t> image;  // of each crop
  for (size_t i = 0; i < features.sha256.size(); ++i) {
    const auto [at, is_new] = position.emplace(features.sha256[i], categories.size());
    if (is_new) categories.emplace_back();
    categories[at->second].insert(items_.labels[features.samples[i]].front());
    image.push_back(at->second);
  }
  std::vector<std::vector<int>> labels;
  for (const auto& found : categories) labels.emplace_back(found.begin(), found.end());
  const int folds = std::min(options_.folds, static_cast<int>(labels.size()));
  Division division;
  division.train.resize(features.samples.size());
  std::iota(division.train.begin(), division.train.end(), size_t{0});
  const auto fold_of_image =
      folds < 2 ? std::vector<int>(labels.size(), -1)
                : multilabel_folds(labels, static_cast<int>(items_.dataset.categories.size()),
                                   folds, options_.seed);
  for (const size_t its : image) division.folds.push_back(fold_of_image[its]);
  const int last = *std::max_element(division.folds.begin(), division.folds.end());
  if (last < 0) {
    division.folds.clear();
    division.no_estimate_reason = "no class is in two images, so none can be held out";
  } else {
    division.method = std::to_string(last + 1) + "-fold out-of-fold";
  }
  return division;
}

/// On the frame that a detector would look at.
double RankedCrops::images_per_s(const Backbone& backbone) const {
  const DetectorPlan plan = plan_detector(dataset_, backbone, {});
  std::vector<size_t> timed;
  for (const Crop& crop : crops_) {
    if (timed.empty() || timed.back() != crop.sample) timed.push_back(crop.sample);
  }
  timed.resize(std::min(timed.size(), kTimedImages));
  std::vector<std::string> paths;
  for (const size_t sample : timed) {
    paths.push_back(image_file(dataset_, dataset_.samples[sample]).string());
  }
  FrameOptions frames;
  frames.frame = plan.view.frame;
  frames.placements = [&](int width, int height, size_t) {
    return placements_of(width, height, plan.view);
  };
  frames.workers = size_.workers;
  frames.batch = size_.batch;
  frames.decode = options_.decode;
  frames.work = [](const PlacedImage&, const std::vector<torch::Tensor>&) {
    return std::vector<DraftBox>{};
  };
  const auto images = static_cast<double>(paths.size());
  const Stopwatch watch;
  FrameStream stream(backbone, std::move(paths), std::move(frames));
  while (stream.next()) continue;
  return images / watch.seconds();
}

/// AP50 on images that were held out, -1 where none could be. Images without objects are left out:
/// there is little in them to tell backbones apart.
double RankedCrops::short_training(const Backbone& backbone) const {
  const DetectorPlan plan = plan_detector(dataset_, backbone, {0, 0, "none"});
  SeedMapsOptions look;
  look.workers = size_.workers;
  look.batch = size_.batch;
  look.seed = options_.seed;
  look.decode = options_.decode;
  Problems said_before;
  Dataset readable = dataset_;
  std::erase_if(readable.samples, [](const Sample& sample) { return sample.labels.empty(); });
  const SeedMaps maps = seed_maps(backbone, readable, plan, look, said_before);
  DetectorFitOptions fit;
  fit.val = kHeldOut;
  fit.workers = size_.workers;
  fit.training.steps = options_.steps;
  fit.training.checks = kChecks;
  fit.training.seed = options_.seed;
  const auto checks = fit_detector(maps, readable, plan, fit).checks;
  return checks.empty() ? -1 : checks.back().map50;
}

void RankedCrops::add_figures(const Backbone& backbone, Json& figures) const {
  const DetectorPlan plan = plan_detector(dataset_, backbone, {});
  figures["frame"] = {plan.view.frame.width, plan.view.frame.height};
  if (!options_.train_heads) return;
  const double map50 = short_training(backbone);
  figures["map50"] = map50 < 0 ? Json() : Json(map50);
}

}  // namespace

std::unique_ptr<RankSource> rank_crops(const RankOptions& options, Seed seed) {
  return std::make_unique<RankedCrops>(options, std::move(seed));
}

}  // namespace preannotate
