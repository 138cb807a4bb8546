#include "prediction_options.h"

#include <nlohmann/json.hpp>

#include "box_drafting.h"
#include "preannotate/model/accept_scores.h"

namespace preannotate {

void check_options(const PredictOptions& options) {
  if (options.conf && !(*options.conf >= 0 && *options.conf <= 1)) {
    throw UserError(kUsageError, "--conf ", *options.conf, ": expected a number from 0 to 1");
  }
  if (options.conf && !options.thresholds.empty()) {
    throw UserError(kUsageError, "--conf and --thresholds both say what is accepted; give one");
  }
}

void check_options_for(const RunManifest& run, const PredictOptions& options,
                       const std::vector<const DatasetFormat*>& formats) {
  if (run.detector) return;
  const char* found = options.iou            ? "--iou"
                      : options.max_det      ? "--max-det"
                      : options.agnostic_nms ? "--agnostic-nms"
                                             : nullptr;
  if (found) {
    throw UserError(kUsageError, found, " is for detectors; ", options.model,
                    " is a run of --task ", run.task);
  }
  // Drafts of classes in a format of boxes alone would be files that say of each image: empty.
  for (const auto* format : formats) {
    if (format->holds.classes) continue;
    throw UserError(kUsageError, "--formats ", format->name, " holds boxes only, and ",
                    "this run drafts classes of whole images; expected e.g. coco, label_studio, ",
                    "cvat or yolo_classify");
  }
}

std::vector<const DatasetFormat*> formats_named(const std::vector<std::string>& names) {
  std::vector<const DatasetFormat*> formats;
  for (const auto& name : names) formats.push_back(&format_named(name));
  return formats;
}

std::optional<AcceptScores> scores_by_class(const PredictOptions& options, const RunManifest& run) {
  if (!options.thresholds.empty()) return read_accept_scores(options.thresholds, run.classes);
  if (options.conf && !run.detector) return std::nullopt;
  return run.accept;
}

AcceptScores accept_scores(const RunManifest& run, std::optional<double> conf,
                           const std::optional<AcceptScores>& scores_by_class) {
  if (scores_by_class) return *scores_by_class;
  const size_t classes = run.classes.size();
  return run.detector ? usual_accept_scores(classes)
                      : AcceptScores(classes, conf.value_or(run.conf));
}

Json conf_json(const RunManifest& run, std::optional<double> conf, bool scores_by_class) {
  if (!run.detector) return scores_by_class ? Json() : Json(conf.value_or(run.conf));
  Json per_class = Json::object();
  for (size_t c = 0; c < run.classes.size(); ++c) {
    per_class[run.classes[c]] = conf.value_or(run.detector->conf[c]);
  }
  return per_class;
}

}  // namespace preannotate
