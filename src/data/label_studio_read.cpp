#include <algorithm>
#include <nlohmann/json.hpp>

#include "image_places.h"
#include "label_studio.h"
#include "label_studio_results.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

class Reader {
 public:
  Reader(fs::path file, const ReadOptions& options)
      : file_(std::move(file)), results_(file_, options) {}

  Dataset run() {
    const Json root = results_.tasks();
    reviewed_ = std::any_of(root.begin(), root.end(), [](const Json& task) {
      return task.is_object() && has_field(task, "annotations") && task["annotations"].is_array() &&
             !task["annotations"].empty();
    });
    for (size_t i = 0; i < root.size(); ++i) {
      const auto where = "tasks[" + std::to_string(i) + "]";
      results_.faults.collect(where, [&] { add_task(root[i], where); });
    }
    return finish();
  }

 private:
  void add_task(const Json& task, const std::string& where) {
    Sample sample = results_.sample_of(task, where);
    once_.add(sample.image, where);
    const Json* chosen =
        reviewed_ ? annotation_of(task, sample.image, where) : prediction_of(task, sample, where);
    if (!chosen) return;
    results_.add_labels(*chosen, where, sample);
    results_.dataset.samples.push_back(std::move(sample));
  }

  /// What a person left of the task; null when it was never looked at or skipped.
  const Json* annotation_of(const Json& task, const std::string& image, const std::string& where) {
    const Json* latest = nullptr;
    size_t usable = 0;
    const auto& annotations = list_in(task, "annotations", where);
    for (const Json& annotation : annotations) {
      if (is_cancelled(annotation)) continue;
      ++usable;
      if (!latest ||
          text_or_empty(annotation, "updated_at") >= text_or_empty(*latest, "updated_at"))
        latest = &annotation;
    }
    if (usable > 1) {
      results_.dataset.problems.push_back(
          {image, "several_annotations",
           where + ": has " + std::to_string(usable) + " annotations; the latest is used"});
    }
    if (!latest) {
      results_.dataset.problems.push_back(
          {image, annotations.empty() ? "not_annotated" : "annotation_skipped",
           where + (annotations.empty() ? ": nobody has annotated it; left out"
                                        : ": the annotator skipped it; left out")});
    }
    return latest;
  }

  const Json* prediction_of(const Json& task, Sample& sample, const std::string& where) {
    static const Json kNone = Json::object();
    const auto& predictions = list_in(task, "predictions", where);
    if (predictions.empty()) return &kNone;
    if (predictions.size() > 1) {
      results_.dataset.problems.push_back(
          {sample.image, "several_predictions", where + ": the first of its predictions is used"});
    }
    const Json& first = predictions[0];
    const auto version = text_or_empty(first, "model_version");
    if (version != "none") results_.dataset.model_version = version;
    if (has_field(first, "score"))
      sample.uncertainty = 1 - results_.score_of(first, where + ".predictions[0]");
    return &first;
  }

  Dataset finish() {
    results_.finish();
    Dataset& dataset = results_.dataset;
    sort_samples(dataset);
    const fs::path folder = file_.has_parent_path() ? file_.parent_path() : fs::path(".");
    ImagePlaces(folder, {folder, folder / "images"}).assign(dataset, file_);
    return std::move(dataset);
  }

  fs::path file_;
  LabelStudioResults results_;
  bool reviewed_ = false;
  ImagesOnce once_;
};

}  // namespace

Dataset read_label_studio(const fs::path& file, const ReadOptions& options) {
  return Reader(file, options).run();
}

}  // namespace preannotate
