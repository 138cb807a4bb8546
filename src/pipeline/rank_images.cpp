#include <algorithm>
#include <numeric>

#include "plain_view.h"
#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "rank_source.h"
#include "stopwatch.h"

namespace preannotate {

namespace {

constexpr size_t kTimedImages = 64;

/// At most `count` of the files, evenly spread over the list.
std::vector<std::string> spread_files(const Dataset& dataset, size_t count) {
  std::vector<std::string> files;
  const size_t n = dataset.samples.size();
  const size_t taken = std::min(n, count);
  for (size_t i = 0; i < taken; ++i) {
    files.push_back(image_file(dataset, dataset.samples[i * n / taken]).string());
  }
  return files;
}

class RankedImages : public RankSource {
 public:
  RankedImages(const RankOptions& options, Seed seed) : options_(options), seed_(std::move(seed)) {}

  const Seed& items() const override { return seed_; }

  LabelledFeatures look(const Backbone& backbone, Problems& problems) override {
    auto features =
        extract_cached(backbone, seed_.dataset, view_of(backbone), options_.cache, problems);
    if (features.samples.empty()) {
      throw UserError(kBadInput, options_.data, ": none of the ", seed_.dataset.samples.size(),
                      " images can be read");
    }
    keep_only(features);
    return features;
  }

  Division divide(const LabelledFeatures& features) const override {
    return preannotate::divide(features, seed_, 0, options_.folds, options_.seed);
  }

  double images_per_s(const Backbone& backbone) const override {
    const auto files = spread_files(seed_.dataset, kTimedImages);
    const Stopwatch watch;
    FeatureStream stream(backbone, files, view_of(backbone));
    while (stream.next()) continue;
    return static_cast<double>(files.size()) / watch.seconds();
  }

 private:
  /// As train looks at a seed.
  FeatureOptions view_of(const Backbone& backbone) const {
    return plain_view(backbone, Resize::kCrop, options_.workers, options_.batch, options_.decode);
  }

  /// The images that were read, so that what is wrong with the others is said once.
  void keep_only(LabelledFeatures& features) {
    Seed kept = seed_;
    kept.dataset.samples.clear();
    kept.labels.clear();
    for (const size_t sample : features.samples) {
      kept.dataset.samples.push_back(seed_.dataset.samples[sample]);
      kept.labels.push_back(seed_.labels[sample]);
    }
    seed_ = std::move(kept);
    std::iota(features.samples.begin(), features.samples.end(), size_t{0});
  }

  const RankOptions& options_;
  Seed seed_;
};

}  // namespace

std::unique_ptr<RankSource> rank_images(const RankOptions& options, Seed seed) {
  return std::make_unique<RankedImages>(options, std::move(seed));
}

}  // namespace preannotate
