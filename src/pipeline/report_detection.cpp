#include "report_detection.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "preannotate/core/text.h"
#include "report_acceptance.h"
#include "report_quality.h"
#include "report_training.h"
#include "report_values.h"

namespace preannotate::report {
namespace {

/// "0.84-0.90" with an en dash, or "" when either end is absent.
std::string range(const Json& interval) {
  const auto low = number(interval, "low"), high = number(interval, "high");
  return low && high ? concat({decimal(*low, 2), "–", decimal(*high, 2)}) : "";
}

bool is_estimated(const Json& validation) {
  return number(validation, "map50") && number(validation, "items").value_or(0) >= 1;
}

/// "54 % of the time saved", or how much longer correcting takes; "" when not known.
std::string saved_words(const Json& validation) {
  const auto share = number(part(validation, "effort"), "saved_share");
  if (!share) return "";
  return *share >= 0 ? percent(*share, 0) + " of the time saved"
                     : percent(-*share, 0) + " longer than drawing";
}

/// "Correcting the drafts of an image takes about 34 s, drawing its boxes by hand 75 s."
std::string outlook(const Json& validation) {
  const Json& effort = part(validation, "effort");
  const auto seconds = number(effort, "seconds_per_image");
  const auto manual = number(effort, "manual_seconds_per_image");
  if (!seconds || !manual) return "";
  return concat({" Correcting the drafts of an image takes about ",
                 unbroken(human_seconds(*seconds)), "; drawing all its boxes ",
                 unbroken(human_seconds(*manual)), "."});
}

std::string figure_tile(const Json& validation, std::string_view key, std::string_view name,
                        std::string_view note) {
  const auto value = number(validation, key);
  return value ? tile(name, decimal(*value), note) : "";
}

std::string error_tile(const Json& validation, const std::string& key, std::string_view name,
                       std::string_view note) {
  const auto value = number(validation, key);
  if (!value) return "";
  const auto before = number(validation, key + "_before_calibration");
  return tile(name, decimal(*value),
              before ? concat({note, "; ", unbroken(decimal(*before) + " uncalibrated")}) : note);
}

std::string saved_tile(const Json& validation) {
  const Json& effort = part(validation, "effort");
  const auto share = number(effort, "saved_share");
  const auto seconds = number(effort, "seconds_per_image");
  const auto manual = number(effort, "manual_seconds_per_image");
  if (!share) return "";
  std::string note = "against drawing everything";
  if (seconds && manual) {
    note = concat({unbroken(human_seconds(*seconds)), " an image instead of ",
                   unbroken(human_seconds(*manual))});
  }
  return tile("Time saved", percent(*share, 0), note);
}

std::string pair_of(std::string_view content) {
  return content.empty() ? "" : concat({"<div class=\"pair\">\n", content, "</div>\n"});
}

}  // namespace

std::string detection_headline_words(const Json& metrics) {
  const Json& validation = part(metrics, "validation");
  if (!is_estimated(validation)) return "No quality estimate";
  const std::string saved = saved_words(validation);
  return concat({"AP50 ", decimal(*number(validation, "map50")), saved.empty() ? "" : ", ", saved});
}

std::string detection_headline(const Json& metrics) {
  const Json& validation = part(metrics, "validation");
  if (!is_estimated(validation)) return no_estimate(metrics);
  const std::string ends = range(part(validation, "map50_interval"));
  const std::string saved = saved_words(validation);
  std::string html = concat({"<h1>AP50 ", decimal(*number(validation, "map50"))});
  if (!ends.empty()) {
    html += concat({" <span class=\"interval\">(95 % interval ", ends, ")</span>"});
  }
  if (!saved.empty()) html += concat({" <span class=\"saved\">", saved, "</span>"});
  html += concat({"</h1>\n<p class=\"lede\">", how_measured(validation), outlook(validation)});
  const auto items = number(validation, "items"), objects = number(validation, "objects");
  if (items && objects) {
    html += concat({" ", counted(*items, "image"), ", ", counted(*objects, "object"), "."});
  }
  return html + "</p>\n";
}

std::string detection_key_figures(const Json& metrics) {
  const Json& validation = part(metrics, "validation");
  if (!is_estimated(validation)) return "";
  const std::string ends = range(part(validation, "map50_interval"));
  std::string tiles = figure_tile(validation, "map50", "AP50",
                                  ends.empty() ? "" : "95 % interval " + unbroken(ends));
  tiles += figure_tile(validation, "map", "AP", "mean over IoU 0.50 to 0.95");
  tiles += figure_tile(validation, "map75", "AP75", "boxes that fit closely");
  tiles += saved_tile(validation);
  tiles += figure_tile(validation, "ar100", "AR", "recall with 100 boxes, IoU 0.50 to 0.95");
  tiles += error_tile(validation, "d_ece", "D-ECE", "score against share right");
  tiles += error_tile(validation, "la_ece", "LaECE", "score against fit");
  return concat({"<dl class=\"tiles\">\n", tiles, "</dl>\n"});
}

std::string detection_page(const Json& metrics, const std::vector<BoxPicture>& worst) {
  std::string page = detection_headline(metrics) + detection_key_figures(metrics);
  page += advice_section(metrics) + acceptance_section(metrics);
  page += pair_of(effort_section(metrics) + box_calibration_section(metrics));
  page += box_class_section(metrics) + box_pictures_section(worst);
  page += precision_recall_section(metrics);
  page += pair_of(training_curve_section(metrics) + size_section(metrics));
  page += fine_tune_section(metrics) + data_section(metrics) + left_out_section(metrics);
  return page + provenance(metrics);
}

}  // namespace preannotate::report
