#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "preannotate/core/json.h"

namespace preannotate {

/// One image shown in the report: what the labels say, what the head says.
struct ReportPicture {
  std::string image;  // key
  std::string truth, predicted;
  double score = 0;  // of the predicted class
  std::string jpeg;  // thumbnail bytes
};

/// report.html: one self-contained page (inline CSS and SVG, pictures as data URIs, a
/// content-security-policy that forbids everything else), readable on a phone and in print, light
/// and dark. All figures come from `metrics`, the very content of metrics.json, so that page and
/// file cannot disagree. Everything from outside is escaped.
std::string report_html(const Json& metrics, const std::vector<ReportPicture>& worst);

}  // namespace preannotate
