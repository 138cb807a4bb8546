#include "fine_tune_step.h"

#include <ATen/Parallel.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "preannotate/core/log.h"
#include "preannotate/metrics/calibration_error.h"
#include "preannotate/model/fine_tune.h"
#include "preannotate/ops/normalize.h"
#include "preannotate/pipeline/figures.h"
#include "preannotate/quality/calibration.h"
#include "tuned_backbone.h"

namespace preannotate {

namespace {

double held_out_log_loss(const torch::Tensor& logits, Link link, double temperature,
                         const std::vector<std::vector<int>>& labels, size_t classes) {
  const auto scores = probabilities(logits, link, temperature);
  if (link == Link::kSigmoid) return binary_log_loss(scores, label_matrix(labels, classes));
  std::vector<int> truth;
  for (const auto& l : labels) truth.push_back(l.at(0));
  return log_loss(scores, truth);
}

/// Pixels of training images, decoded anew for each batch on the path that predict uses; epoch e
/// looks at view e modulo the number of views.
PixelSource pixel_source(const Backbone& backbone, const LabelledFeatures& features,
                         const Seed& seed, const std::vector<size_t>& train,
                         const FeatureOptions& extraction) {
  return [&backbone, &features, &seed, &train, &extraction](const std::vector<size_t>& rows,
                                                            int epoch) {
    std::vector<std::string> paths;
    for (const size_t row : rows) {
      const Sample& sample = seed.dataset.samples[features.samples[train[row]]];
      paths.push_back(image_file(seed.dataset, sample).string());
    }
    LoaderOptions load;
    load.views = {extraction.views[static_cast<size_t>(epoch) % extraction.views.size()]};
    load.side = backbone.side();
    load.resize = extraction.resize;
    load.decode = extraction.decode;
    load.threads = extraction.workers;
    ImageLoader loader(std::move(paths), load);
    auto pixels =
        torch::zeros({static_cast<int64_t>(rows.size()), load.side, load.side, 3}, torch::kUInt8);
    for (int64_t i = 0; auto image = loader.next(); ++i) {
      if (!image->reason.empty()) {
        throw UserError(kBadInput, image->detail, " (it could be read a moment ago)");
      }
      std::memcpy(pixels[i].data_ptr<uint8_t>(), image->views.data(), image->views.size());
    }
    return normalize(pixels.to(backbone.device()), backbone.info().mean, backbone.info().std);
  };
}

Dataset only(const Seed& seed, const LabelledFeatures& features,
             const std::vector<size_t>& images) {
  Dataset dataset = seed.dataset;
  dataset.samples.clear();
  for (const size_t image : images) {
    dataset.samples.push_back(seed.dataset.samples[features.samples[image]]);
  }
  return dataset;
}

FeatureOptions plain_views(const FeatureOptions& extraction) {
  FeatureOptions plain = extraction;
  plain.views = {extraction.views.front()};
  plain.cache = nullptr;
  return plain;
}

Json step_report(const FineTuneResult& tuned, double before, double after, int epochs) {
  Json report{{"stages", Json::array()},        {"kept", after < before},
              {"log_loss_before", before},      {"log_loss_after", after},
              {"weights_moved", Json::array()}, {"epochs", epochs}};
  for (const auto& change : tuned.changes) {
    report["stages"].push_back(change.stage);
    report["weights_moved"].push_back(
        {{"stage", change.stage}, {"relative_change", change.relative_change}});
  }
  return report;
}

}  // namespace

FineTuneStep try_fine_tuning(const Backbone& backbone, const FittedHead& fitted,
                             const LabelledFeatures& features, const Seed& seed,
                             const Division& division, const FeatureOptions& extraction,
                             const TrainOptions& options) {
  const Link link = seed.task == "classify" ? Link::kSoftmax : Link::kSigmoid;
  const size_t classes = seed.dataset.categories.size();
  const auto columns = fitted.maps ? backbone.layout().total() : backbone.layout().embedding;
  FineTuneOptions tuning;
  tuning.stages = options.unfreeze;
  tuning.epochs = options.epochs;
  tuning.seed = options.seed;
  at::set_num_threads(extraction.workers);
  Progress progress("training images", division.train.size() * static_cast<size_t>(tuning.epochs));
  const auto tuned =
      fine_tune(backbone, fitted.fit.head, columns,
                targets_of(labels_of(features, seed, division.train), classes, link), link,
                pixel_source(backbone, features, seed, division.train, extraction), tuning,
                [&](size_t images) { progress.advance(images); });
  at::set_num_threads(1);

  FineTuneStep step;
  auto network = tuned_backbone(backbone, tuned.backbone_bytes);
  Problems none;
  const auto held = extract_features(*network, only(seed, features, division.held_out),
                                     plain_views(extraction), none);
  const auto logits = tuned.head.logits(held.features.select(1, 0).slice(1, 0, columns));
  const auto labels = labels_of(features, seed, division.held_out);
  const double before = held_out_log_loss(fitted.judged, link, fitted.temperature, labels, classes);
  const double after = held_out_log_loss(logits, link, 1, labels, classes);
  step.report = step_report(tuned, before, after, tuning.epochs);
  if (!(after < before)) return step;
  step.head = fitted;
  step.head->fit.head = tuned.head;
  step.head->temperature = calibrate(logits, labels, classes, link);
  step.head->judged = logits;
  step.backbone = std::move(network);
  step.held_out = held.features.select(1, 0);
  return step;
}

}  // namespace preannotate
