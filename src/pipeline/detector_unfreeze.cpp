#include "detector_unfreeze.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <numeric>

#include "preannotate/core/log.h"
#include "preannotate/model/detect.h"
#include "preannotate/model/frame_stream.h"
#include "tuned_backbone.h"

namespace preannotate {

namespace {

constexpr int kBatch = 4;

/// Everything that one tuning needs beside its images.
class Unfreezing {
 public:
  Unfreezing(const Backbone& backbone, const Dataset& seed, const DetectorPlan& plan,
             const SeedMaps& maps, const TrainOptions& options, int workers)
      : backbone_(backbone),
        seed_(seed),
        plan_(plan),
        maps_(maps),
        options_(options),
        workers_(workers) {}

  DetectorTuneResult tune(const Detector& detector, const std::vector<size_t>& images) const {
    SeedFrames frames(backbone_, seed_, plan_, maps_, images, options_.seed, options_.seed);
    DetectorTuneOptions tuning;
    tuning.stages = options_.unfreeze;
    const size_t epoch = (images.size() + kBatch - 1) / kBatch;
    tuning.steps = options_.epochs * static_cast<int>(epoch);
    Progress progress("end-to-end steps", static_cast<size_t>(tuning.steps));
    at::set_num_threads(workers_);
    auto tuned = fine_tune_detector(
        backbone_, detector, [&](int) { return frames.next(kBatch); }, tuning,
        [&](double loss) {
          char text[32];
          std::snprintf(text, sizeof text, "loss %.2f", loss);
          progress.note(text);
          progress.advance();
        });
    at::set_num_threads(1);
    return tuned;
  }

  /// Boxes of `images` by another backbone and head.
  std::vector<DetectionImage> judge(const Backbone& backbone, const Detector& detector,
                                    const std::vector<size_t>& images) const {
    std::vector<std::string> paths;
    std::vector<int> strides;
    for (const size_t image : images) {
      paths.push_back(image_file(seed_, seed_.samples[maps_.samples[image]]).string());
    }
    for (const auto& level : backbone.map_levels()) strides.push_back(level.stride);
    FrameOptions stream;
    stream.frame = plan_.view.frame;
    stream.placements = [&](int, int, size_t i) { return maps_.placements[images[i]]; };
    stream.largest_zoom = plan_.view.tile_scale > 0 ? 1e6 : 1;
    stream.workers = workers_;
    stream.decode = without_limits();
    const Detector ready = detector.for_inference(backbone.device());
    stream.work = [&](const PlacedImage& item, const std::vector<torch::Tensor>& maps) {
      return detect(ready, maps_for(plan_.shape, strides, maps), item.placements, plan_.view.frame,
                    item.image.width, item.image.height, {});
    };
    FrameStream boxes(backbone, std::move(paths), std::move(stream));
    std::vector<DetectionImage> judged;
    for (size_t i = 0; auto item = boxes.next(); ++i) {
      judged.push_back({truth_boxes(seed_.samples[maps_.samples[images[i]]]), item->boxes});
    }
    return judged;
  }

 private:
  const Backbone& backbone_;
  const Dataset& seed_;
  const DetectorPlan& plan_;
  const SeedMaps& maps_;
  const TrainOptions& options_;
  int workers_;
};

}  // namespace

DetectorUnfreezing unfreeze_detector(const Backbone& backbone, const Dataset& seed,
                                     const DetectorPlan& plan, const SeedMaps& maps,
                                     const DetectorFit& fit, const TrainOptions& options,
                                     int workers) {
  const Unfreezing unfreezing(backbone, seed, plan, maps, options, workers);
  std::vector<size_t> all(maps.samples.size()), trained;
  std::iota(all.begin(), all.end(), size_t{0});
  std::set_difference(all.begin(), all.end(), fit.judged.begin(), fit.judged.end(),
                      std::back_inserter(trained));
  const int classes = static_cast<int>(seed.categories.size());
  const double before = coco_figures(fit.boxes, classes).ap50;
  const auto tuned = unfreezing.tune(fit.judges.front(), trained);
  const auto network = tuned_backbone(backbone, tuned.backbone_bytes);

  DetectorUnfreezing outcome;
  outcome.boxes = unfreezing.judge(*network, tuned.detector, fit.judged);
  const double after = coco_figures(outcome.boxes, classes).ap50;
  outcome.kept = after > before;
  outcome.report = {{"stages", Json::array()},  {"kept", outcome.kept},
                    {"map50_before", before},   {"map50_after", after},
                    {"epochs", options.epochs}, {"weights_moved", Json::array()}};
  for (const auto& change : tuned.changes) {
    outcome.report["stages"].push_back(change.stage);
    outcome.report["weights_moved"].push_back(
        {{"stage", change.stage}, {"relative_change", change.relative_change}});
  }
  if (!outcome.kept) return outcome;
  auto final_tuning = unfreezing.tune(*fit.detector, all);
  outcome.backbone = tuned_backbone(backbone, final_tuning.backbone_bytes);
  outcome.detector = std::move(final_tuning.detector);
  return outcome;
}

}  // namespace preannotate
