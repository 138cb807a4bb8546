#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "preannotate/core/box.h"
#include "preannotate/core/json.h"

namespace preannotate {

/// One image shown in the report: what the labels say, what the head says.
struct ReportPicture {
  std::string image;  // key
  std::string truth, predicted;
  double score = 0;  // of the predicted class
  std::string jpeg;  // thumbnail bytes
};

/// A box drawn on a picture, in pixels of the picture's frame.
struct PictureBox {
  Box box;
  std::string category;
  double score = -1;     // of a draft; -1: an object that people labelled
  bool subject = false;  // what the picture is shown for
};

/// Part of an image around one box that was missed, or drafted where nothing is.
struct BoxPicture {
  std::string image;  // key
  bool missed = false;
  std::string category;
  double score = 0;           // of the false box; of a miss the best score near it, 0: none
  int width = 0, height = 0;  // of the frame that the boxes are in; the JPEG may be smaller
  std::string jpeg;           // "": the image could not be read again
  std::vector<PictureBox> boxes;
};

/// report.html: one self-contained page (inline CSS and SVG, pictures as data URIs, a
/// content-security-policy that forbids everything else), readable on a phone and in print, light
/// and dark. All figures come from `metrics`, the very content of metrics.json, so that page and
/// file cannot disagree. Everything from outside is escaped. `worst` is shown for classify and
/// multilabel, `worst_boxes` for detect.
std::string report_html(const Json& metrics, const std::vector<ReportPicture>& worst,
                        const std::vector<BoxPicture>& worst_boxes = {});

}  // namespace preannotate
