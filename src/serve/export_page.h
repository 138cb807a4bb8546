#pragma once

#include <string>
#include <vector>

#include "preannotate/data/answer_log.h"
#include "preannotate/data/dataset.h"

namespace preannotate {

/// One image on the page that `review --export-html` writes.
struct ExportedImage {
  const Sample* sample = nullptr;  // labels: people's where they answered, else the drafts
  const Answer* answer = nullptr;  // the one that stands, or nullptr
  std::string jpeg{};              // "" when it cannot be shown
  std::string fault{};             // then why not
};

struct ExportedPage {
  std::string folder, model_version;
  std::vector<std::string> categories;
  size_t images = 0, answered = 0;  // of the whole folder
  std::vector<ExportedImage> shown{};
};

/// The whole HTML text. Classes and buckets are chosen by style alone; its policy forbids scripts.
std::string exported_html(const ExportedPage& page);

}  // namespace preannotate
