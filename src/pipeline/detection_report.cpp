#include "detection_report.h"

#include <nlohmann/json.hpp>

#include "box_pictures.h"
#include "train_report.h"

namespace preannotate {

namespace {

constexpr size_t kPictures = 12;  // of misses, and of false boxes

}  // namespace

void write_detection_report(const std::filesystem::path& folder, const Json& metrics,
                            const JudgedBoxes& judged, const std::vector<double>& conf,
                            const Dataset& dataset) {
  const bool any = !judged.boxes.empty();
  write_report(folder, metrics, {},
               any ? box_pictures(judged, conf, dataset, kPictures) : std::vector<BoxPicture>{});
}

Json detection_headline(const Json& validation) {
  if (validation.is_null()) return nullptr;
  Json figures;
  for (const char* key : {"method", "items", "objects", "map", "map50", "map75", "d_ece"}) {
    if (validation.contains(key)) figures[key] = validation[key];
  }
  return figures;
}

}  // namespace preannotate
