#include "detector_precision.h"

#include <algorithm>
#include <cmath>

#include "box_drafting.h"
#include "detector_data.h"
#include "preannotate/metrics/detection.h"
#include "preannotate/model/frame_stream.h"

namespace preannotate {

namespace {

constexpr size_t kMostImages = 100;

/// Adds truth and drafts of the images that can be read.
void add_drafted(const Run& run, const Backbone& backbone, const Dataset& seed,
                 const std::vector<size_t>& images, int workers,
                 std::vector<DetectionImage>& found) {
  BoxOptions options = box_options(*run.manifest.detector, std::nullopt);
  options.workers = workers;
  options.decode = without_limits();
  std::vector<std::string> paths;
  for (const size_t image : images) paths.push_back(image_file(seed, seed.samples[image]).string());
  FrameStream stream(backbone, std::move(paths), box_stream(run, backbone, options));
  for (size_t i = 0; auto item = stream.next(); ++i) {
    if (!item->image.reason.empty()) continue;
    found.push_back({truth_boxes(seed.samples[images[i]]), std::move(item->boxes)});
  }
}

/// The first kMostImages only.
size_t shorten(std::vector<JudgedImages>& parts) {
  size_t images = 0;
  for (JudgedImages& part : parts) {
    part.images.resize(std::min(part.images.size(), kMostImages - images));
    images += part.images.size();
  }
  return images;
}

}  // namespace

PrecisionTrials try_detector_precisions(std::vector<JudgedImages> parts, const Backbone& backbone,
                                        const Dataset& seed, int workers) {
  PrecisionTrials found;
  const size_t images = shorten(parts);
  if (!backbone.compiled() || images == 0) return found;
  std::vector<size_t> seen;
  const size_t count = std::min(kCalibrationImages, seed.samples.size());
  for (size_t i = 0; i < count; ++i) seen.push_back(i * seed.samples.size() / count);
  std::vector<DetectionImage> not_used;
  add_drafted(parts.front().run, backbone.observing(found.ranges), seed, seen, workers, not_used);

  const auto map50 = [&](const Backbone& with) {
    std::vector<DetectionImage> drafted;
    for (const auto& part : parts) {
      add_drafted(part.run, with, seed, part.images, workers, drafted);
    }
    const size_t classes = parts.front().run.manifest.classes.size();
    return coco_figures(drafted, static_cast<int>(classes)).ap50;
  };
  const double wanted = map50(backbone);
  const auto attempt = [&](const Backbone& other, PrecisionTrial& trial) {
    trial.figure = "map50_difference";
    trial.images = images;
    trial.value = map50(other) - wanted;
    trial.passed = std::abs(trial.value) <= kMostDifference;
    return true;
  };
  const FrameSize frame = parts.front().run.manifest.detector->view.frame;
  try_each(backbone, frame, attempt, found);
  return found;
}

}  // namespace preannotate
