#include <cstdio>
#include <nlohmann/json.hpp>

#include "ap50_interval.h"
#include "box_drafting.h"
#include "class_map.h"
#include "detector_data.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "stream_size.h"
#include "verdict.h"

namespace preannotate {

namespace {

/// Objects of the gold set by the challenger's classes, without drafts.
std::vector<DetectionImage> truth_of(const GoldSet& gold, const std::vector<std::string>& classes) {
  Dataset renumbered = gold.seed.dataset;
  const auto map = class_map(gold.seed.dataset.categories, classes, gold.path);
  std::vector<DetectionImage> images;
  for (auto& sample : renumbered.samples) {
    for (Label& label : sample.labels) label.category = map[static_cast<size_t>(label.category)];
    images.push_back({truth_boxes(sample), {}});
  }
  return images;
}

/// With what a run finds in them. Its classes are the challenger's first.
std::vector<DetectionImage> judged_by(const Run& run, const Backbone& backbone, const GoldSet& gold,
                                      std::vector<DetectionImage> images,
                                      const UpdateOptions& options) {
  BoxOptions boxes = box_options(*run.manifest.detector, std::nullopt);
  const auto size = stream_size(options.workers, options.batch);
  boxes.workers = size.workers;
  boxes.batch = size.batch;
  boxes.decode = options.decode;
  const Dataset& dataset = gold.seed.dataset;
  std::vector<std::string> paths;
  for (const auto& sample : dataset.samples) paths.push_back(image_file(dataset, sample).string());
  Progress progress("images", paths.size());
  FrameStream stream(backbone, std::move(paths), box_stream(run, backbone, boxes));
  for (size_t i = 0; auto item = stream.next(); ++i) {
    progress.advance();
    if (!item->image.reason.empty()) {
      throw UserError(kBadInput, gold.path, ": the image '", dataset.samples[i].image,
                      "' cannot be used (", item->image.detail, "); all of a gold set is needed");
    }
    images[i].drafts = std::move(item->boxes);
  }
  return images;
}

Json difference_json(const PairedDifference& change) {
  return {{"value", change.value}, {"low", change.low}, {"high", change.high}};
}

void compare_classes(const Ap50Change& change, const std::vector<std::string>& classes,
                     const UpdateOptions& options, Verdict& verdict) {
  verdict.gold["per_class"] = Json::array();
  for (size_t c = 0; c < classes.size(); ++c) {
    const PairedDifference& its = change.classes[c];
    verdict.gold["per_class"].push_back(
        {{"name", classes[c]}, {"drop", -its.value}, {"difference", difference_json(its)}});
    if (!(its.value < -options.max_class_drop && its.high < 0)) continue;
    char text[160];
    std::snprintf(text, sizeof text,
                  "' lost %.3f of its AP50 on the gold set (95 %% interval %.3f to %.3f), more "
                  "than --max-class-drop %g",
                  -its.value, -its.high, -its.low, options.max_class_drop);
    verdict.refuse("class '" + printable(classes[c]) + text);
  }
}

/// By the figures that train noted, of images that neither had learned from; they are of other
/// images where the new ones are among them, so only what both intervals cannot explain counts.
void look_back(const Run& champion, const Challenger& challenger, const UpdateOptions& options,
               Verdict& verdict) {
  const Json& before = champion.manifest.metrics;
  const Json& after = challenger.run.manifest.metrics;
  verdict.forgetting = nullptr;
  const auto has = [](const Json& figures) {
    return figures.is_object() && figures.contains("map50") && figures["map50"].is_object();
  };
  if (!has(before) || !has(after)) return;
  const double was = before["map50"].at("value").get<double>();
  const double is = after["map50"].at("value").get<double>();
  const double high = after["map50"].at("high").get<double>();
  verdict.forgetting = {{"champion", was}, {"challenger", is}, {"noted", before}};
  if (was - is <= options.max_forgetting || high >= before["map50"].at("low").get<double>()) return;
  char text[160];
  std::snprintf(text, sizeof text,
                "held-out AP50 was %.3f and is %.3f, beyond both intervals and more than "
                "--max-forgetting %g",
                was, is, options.max_forgetting);
  verdict.refuse(text);
}

}  // namespace

Verdict judge_detector(const Run& champion, const Challenger& challenger, const GoldSet& gold,
                       const UpdateOptions& options) {
  const auto& classes = challenger.run.manifest.classes;
  const int count = static_cast<int>(classes.size());
  const auto truth = truth_of(gold, classes);
  const auto before = judged_by(champion, challenger.backbone, gold, truth, options);
  const auto after = judged_by(challenger.run, challenger.backbone, gold, truth, options);
  const double was = coco_figures(before, count).ap50, is = coco_figures(after, count).ap50;
  const Ap50Change change = ap50_change(before, after, count, 0);
  Verdict verdict;
  verdict.gold = {{"path", utf8_path(gold.path)},
                  {"sha256", gold.digest},
                  {"images", truth.size()},
                  {"figure", "map50"},
                  {"champion", was},
                  {"challenger", is},
                  {"difference", difference_json(change.all)}};
  verdict.reason = change_words("AP50 on the gold set", was, is, change.all.low, change.all.high);
  if (change.all.high < 0) verdict.refuse(verdict.reason);
  compare_classes(change, classes, options, verdict);
  look_back(champion, challenger, options, verdict);
  return verdict;
}

}  // namespace preannotate
