#pragma once

#include <string>
#include <vector>

#include "preannotate/core/json.h"
#include "strange_image.h"

namespace preannotate {

/// One of the strangest images as the page shows it.
struct StrangePicture {
  StrangeImage image;
  std::string jpeg;  // thumbnail bytes; "": it could not be read again
};

/// DRAFTS/report.html from the content of summary.json, but for its times: whether the folder is
/// like the seed, how sure the drafts are, the class mix, and the strangest images.
std::string drafts_report(const Json& summary, const std::vector<StrangePicture>& strangest);

}  // namespace preannotate
