#include "issue_boxes.h"

#include <algorithm>

#include "box_drafting.h"
#include "detector_data.h"
#include "detector_fit.h"
#include "detector_plan.h"
#include "detector_scores.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "preannotate/model/device.h"
#include "preannotate/model/run_folder.h"
#include "stream_size.h"
#include "training_options.h"

namespace preannotate {

namespace {

constexpr int kFolds = 3;  // train has as many of few images

DetectorFit fit_of_folds(const TrainOptions& train, const Seed& seed, const DetectorPlan& plan,
                         const SeedMaps& maps, int workers) {
  DetectorFitOptions options;
  options.whole = false;
  options.folds = train.folds.value_or(kFolds);
  options.workers = workers;
  options.training.seed = train.seed;
  options.training.steps =
      train.steps > 0 ? train.steps : default_steps(maps.samples.size(), plan.shape);
  options.training.decay = default_decay(maps.samples.size(), plan.shape);
  return fit_detector(maps, seed.dataset, plan, options);
}

}  // namespace

BoxScores out_of_fold_boxes(const IssuesOptions& options, Seed& seed, Problems& problems) {
  const TrainOptions& train = options.train;
  read_missing_sizes(seed.dataset, train.data);
  const Backbone backbone(square_backbone(train));
  const DetectorPlan plan =
      plan_detector(seed.dataset, backbone, {train.imgsz, train.tile, "light"});
  log_info("backbone: " + backbone.info().name + " at " + std::to_string(plan.view.frame.width) +
           " x " + std::to_string(plan.view.frame.height) + " px on " +
           device_description(backbone.device()));
  const auto size = stream_size(train.workers, train.batch);
  SeedMapsOptions maps_options;
  maps_options.workers = size.workers;
  maps_options.batch = size.batch;
  maps_options.seed = train.seed;
  maps_options.decode = train.decode;
  const SeedMaps maps = seed_maps(backbone, seed.dataset, plan, maps_options, problems);
  if (maps.samples.size() < 2) {
    throw UserError(kBadInput, train.data, ": ", maps.samples.size(),
                    " images can be read; labels are judged by other images' labels, which needs "
                    "two; give a trained run with --model");
  }
  const DetectorFit fit = fit_of_folds(train, seed, plan, maps, size.workers);
  if (fit.boxes.empty()) {
    throw UserError(kBadInput, train.data, ": ", fit.no_estimate_reason,
                    ", so no box can be judged by the others; give a trained run with --model");
  }
  log_info("judged by folds in " + human_seconds(fit.seconds));
  BoxScores found;
  for (const size_t image : fit.judged) {
    found.samples.push_back(maps.samples[image]);
    found.sha256.push_back(maps.sha256[image]);
  }
  found.boxes = cross_calibrated(fit.boxes, seed.dataset.categories.size());
  found.unjudged = maps.samples.size() - fit.judged.size();
  found.judged_by = fit.method;
  return found;
}

BoxScores boxes_by_run(const IssuesOptions& options, const Run& run, const Seed& seed,
                       Problems& problems) {
  const TrainOptions& train = options.train;
  const Backbone backbone = load_backbone(run, device_named(train.device));
  BoxOptions boxes = box_options(*run.manifest.detector, std::nullopt);
  const auto size = stream_size(train.workers, train.batch);
  boxes.workers = size.workers;
  boxes.batch = size.batch;
  boxes.decode = train.decode;
  std::vector<std::string> paths;
  for (const auto& sample : seed.dataset.samples) {
    paths.push_back(image_file(seed.dataset, sample).string());
  }
  BoxScores found;
  found.judged_by = "run " + run.manifest.model_version;
  Progress progress("images", paths.size());
  FrameStream stream(backbone, std::move(paths), box_stream(run, backbone, boxes));
  for (size_t i = 0; auto item = stream.next(); ++i) {
    progress.advance();
    const Sample& sample = seed.dataset.samples[i];
    if (!item->image.reason.empty()) {
      problems.add({sample.image, item->image.reason, item->image.detail});
    } else if (sample.width > 0 &&
               (item->image.width != sample.width || item->image.height != sample.height)) {
      problems.add({sample.image, "size_differs",
                    "the image is not of the size that its labels were made for"});
    } else {
      found.samples.push_back(i);
      found.sha256.push_back(item->image.sha256);
      found.boxes.push_back({truth_boxes(sample), std::move(item->boxes)});
    }
  }
  return found;
}

}  // namespace preannotate
