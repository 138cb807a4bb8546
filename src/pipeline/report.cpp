#include "preannotate/pipeline/report.h"

#include <nlohmann/json.hpp>

#include "report_acceptance.h"
#include "report_detection.h"
#include "report_page.h"
#include "report_quality.h"
#include "report_style.h"
#include "report_training.h"
#include "report_values.h"

namespace preannotate {

using namespace report;

namespace {

/// Calibration and penalty path beside each other where there is room.
std::string chart_row(const Json& metrics) {
  const std::string charts = calibration_section(metrics) + penalty_section(metrics);
  return charts.empty() ? "" : concat({"<div class=\"pair\">\n", charts, "</div>\n"});
}

std::string classification_page(const Json& metrics, const std::vector<ReportPicture>& worst) {
  std::string page = headline(metrics) + key_figures(metrics) + advice_section(metrics);
  page += acceptance_section(metrics);
  page += per_class_section(metrics) + confusion_section(metrics) + pictures_section(worst);
  page += chart_row(metrics) + feature_section(metrics) + fine_tune_section(metrics);
  return page + data_section(metrics) + left_out_section(metrics) + provenance(metrics);
}

}  // namespace

std::string report_html(const Json& metrics, const std::vector<ReportPicture>& worst,
                        const std::vector<BoxPicture>& worst_boxes) {
  const bool boxes = text(metrics, "task") == "detect";
  const std::string kind =
      part(metrics, "head").is_object() ? "Training report" : "Evaluation report";
  return page(boxes ? detection_headline_words(metrics) : headline_words(metrics), kind,
              boxes ? kDetectionStyle : "",
              boxes ? detection_page(metrics, worst_boxes) : classification_page(metrics, worst));
}

}  // namespace preannotate
