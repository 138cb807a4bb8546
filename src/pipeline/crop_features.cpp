#include "crop_features.h"

#include <cstring>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

#include "preannotate/core/log.h"
#include "preannotate/image/loader.h"
#include "preannotate/image/placement.h"
#include "stopwatch.h"

namespace preannotate {

namespace {

/// The crops [first, last) of one image.
struct ImageCrops {
  size_t sample = 0, first = 0, last = 0;
};

std::vector<ImageCrops> by_image(const std::vector<Crop>& crops) {
  std::vector<ImageCrops> images;
  for (size_t i = 0; i < crops.size(); ++i) {
    if (images.empty() || images.back().sample != crops[i].sample) {
      images.push_back({crops[i].sample, i, i});
    }
    images.back().last = i + 1;
  }
  return images;
}

/// Decodes ahead, and runs the network on several threads; an image's crops go through passes of
/// their own.
class CropStream {
 public:
  CropStream(const Backbone& backbone, const Dataset& dataset, const std::vector<Crop>& crops,
             const CropOptions& options)
      : backbone_(backbone),
        crops_(crops),
        images_(by_image(crops)),
        batch_(options.batch),
        found_(images_.size()),
        features_(
            torch::empty({static_cast<std::int64_t>(crops.size()), 1, backbone.layout().total()})),
        progress_("images", images_.size()) {
    std::vector<std::string> paths;
    for (const auto& image : images_) {
      paths.push_back(image_file(dataset, dataset.samples[image.sample]).string());
    }
    LoaderOptions load;
    load.decode = options.decode;
    load.threads = options.workers;
    load.render = [this](const DecodedImage& image, size_t index) { return render(image, index); };
    loader_.emplace(std::move(paths), std::move(load));
    std::vector<std::thread> threads;
    for (int i = 1; i < options.workers; ++i) threads.emplace_back([this] { work(); });
    work();
    for (auto& thread : threads) thread.join();
    if (failure_) std::rethrow_exception(failure_);
  }

  const std::vector<ImageCrops>& images() const { return images_; }
  const LoadedImage& found(size_t image) const { return found_[image]; }  // without pixels
  const torch::Tensor& features() const { return features_; }             // [crops, 1, D]

 private:
  std::vector<std::uint8_t> render(const DecodedImage& image, size_t index) const {
    const auto& its = images_[index];
    const FrameSize frame{backbone_.side(), backbone_.side()};
    std::vector<std::uint8_t> views((its.last - its.first) * crop_bytes());
    for (size_t i = its.first; i < its.last; ++i) {
      Placement placement;
      placement.x = crops_[i].x;
      placement.y = crops_[i].y;
      placement.scale = backbone_.side() / crops_[i].side;
      render_placement(image, placement, frame, views.data() + (i - its.first) * crop_bytes());
    }
    return views;
  }

  size_t crop_bytes() const {
    return size_t{3} * static_cast<size_t>(backbone_.side()) *
           static_cast<size_t>(backbone_.side());
  }

  std::optional<LoadedImage> next() {
    const std::lock_guard lock(mutex_);
    if (failure_) return std::nullopt;
    auto image = loader_->next();
    if (image) progress_.advance();
    return image;
  }

  void work() {
    try {
      while (auto image = next()) {
        const size_t index = image->index;
        if (image->reason.empty()) run_network(images_[index], image->views);
        image->views = {};
        found_[index] = std::move(*image);
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
  }

  void run_network(const ImageCrops& its, std::vector<std::uint8_t>& views) {
    const auto side = static_cast<std::int64_t>(backbone_.side());
    const auto count = static_cast<std::int64_t>(its.last - its.first);
    const auto pixels = torch::from_blob(views.data(), {count, side, side, 3}, torch::kUInt8);
    const auto first = static_cast<std::int64_t>(its.first);
    for (std::int64_t i = 0; i < count; i += batch_) {
      const std::int64_t end = std::min<std::int64_t>(i + batch_, count);
      features_.select(1, 0)
          .slice(0, first + i, first + end)
          .copy_(backbone_.features(pixels.slice(0, i, end)));
    }
  }

  const Backbone& backbone_;
  const std::vector<Crop>& crops_;
  const std::vector<ImageCrops> images_;
  const int batch_;
  std::vector<LoadedImage> found_;
  torch::Tensor features_;
  Progress progress_;
  std::mutex mutex_;  // of the loader, the progress and the failure
  std::exception_ptr failure_;
  std::optional<ImageLoader> loader_;
};

}  // namespace

LabelledFeatures extract_crops(const Backbone& backbone, const Dataset& dataset,
                               const std::vector<Crop>& crops, const CropOptions& options,
                               Problems& problems) {
  const Stopwatch watch;
  const CropStream stream(backbone, dataset, crops, options);
  LabelledFeatures found;
  found.layout = backbone.layout();
  std::vector<std::int64_t> rows;
  for (size_t i = 0; i < stream.images().size(); ++i) {
    const auto& its = stream.images()[i];
    const LoadedImage& image = stream.found(i);
    const Sample& sample = dataset.samples[its.sample];
    if (!image.reason.empty()) {
      problems.add({sample.image, image.reason, image.detail});
      continue;
    }
    if (image.width != sample.width || image.height != sample.height) {
      problems.add({sample.image, "size_differs",
                    "the image is not of the size that its labels were made for; its boxes would "
                    "lie wrong"});
      continue;
    }
    for (size_t crop = its.first; crop < its.last; ++crop) {
      found.samples.push_back(crop);
      found.sha256.push_back(image.sha256);
      rows.push_back(static_cast<std::int64_t>(crop));
    }
  }
  found.features = stream.features().index_select(0, torch::tensor(rows, torch::kInt64));
  found.seconds = watch.seconds();
  return found;
}

}  // namespace preannotate
