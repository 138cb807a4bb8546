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

/// Truth and drafts of the images that can be read.
std::vector<DetectionImage> drafted(const Run& run, const Backbone& backbone, const Dataset& seed,
                                    const std::vector<size_t>& images, int workers) {
  BoxOptions options = box_options(*run.manifest.detector, std::nullopt);
  options.workers = workers;
  std::vector<std::string> paths;
  for (const size_t image : images) paths.push_back(image_file(seed, seed.samples[image]).string());
  std::vector<DetectionImage> found;
  FrameStream stream(backbone, std::move(paths), box_stream(run, backbone, options));
  for (size_t i = 0; auto item = stream.next(); ++i) {
    if (!item->image.reason.empty()) continue;
    found.push_back({truth_boxes(seed.samples[images[i]]), std::move(item->boxes)});
  }
  return found;
}

}  // namespace

PrecisionTrials try_detector_precisions(const Run& run, const Backbone& backbone,
                                        const Dataset& seed, std::vector<size_t> images,
                                        int workers) {
  PrecisionTrials found;
  if (!backbone.compiled() || images.empty()) return found;
  images.resize(std::min(images.size(), kMostImages));
  std::vector<size_t> seen;
  const size_t count = std::min(kCalibrationImages, seed.samples.size());
  for (size_t i = 0; i < count; ++i) seen.push_back(i * seed.samples.size() / count);
  drafted(run, backbone.observing(found.ranges), seed, seen, workers);

  const auto classes = run.manifest.classes.size();
  const auto map50 = [&](const Backbone& with) {
    return coco_figures(drafted(run, with, seed, images, workers), static_cast<int>(classes)).ap50;
  };
  const double wanted = map50(backbone);
  const auto attempt = [&](const Backbone& other, PrecisionTrial& trial) {
    trial.figure = "map50_difference";
    trial.images = images.size();
    trial.value = map50(other) - wanted;
    trial.passed = std::abs(trial.value) <= kMostDifference;
    return true;
  };
  try_each(backbone, run.manifest.detector->view.frame, attempt, found);
  return found;
}

}  // namespace preannotate
