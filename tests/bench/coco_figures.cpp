// Reads detection cases, one JSON object a line, and prints their COCO figures the same way.
// scripts/bench/coco_equality.py writes the cases and compares.
//
//   {"classes": 2, "images": [{"truth": [[x1, y1, x2, y2, category, crowd, area]],
//                              "drafts": [[x1, y1, x2, y2, category, score]]}]}

#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "preannotate/core/json.h"
#include "preannotate/metrics/detection.h"

namespace preannotate {
namespace {

Box box_of(const Json& row) {
  return {row[0].get<float>(), row[1].get<float>(), row[2].get<float>(), row[3].get<float>()};
}

std::vector<DetectionImage> images_of(const Json& test_case) {
  std::vector<DetectionImage> images;
  for (const auto& entry : test_case["images"]) {
    auto& image = images.emplace_back();
    for (const auto& row : entry["truth"]) {
      image.truth.push_back(
          {box_of(row), row[4].get<int>(), row[5].get<int>() != 0, row[6].get<double>()});
    }
    for (const auto& row : entry["drafts"]) {
      image.drafts.push_back({box_of(row), row[4].get<int>(), row[5].get<double>()});
    }
  }
  return images;
}

Json as_json(const CocoFigures& figures, double seconds) {
  const auto& f = figures;
  return {{"stats",
           {f.ap, f.ap50, f.ap75, f.ap_small, f.ap_medium, f.ap_large, f.ar1, f.ar10, f.ar100,
            f.ar_small, f.ar_medium, f.ar_large}},
          {"class_ap", f.class_ap},
          {"class_ap50", f.class_ap50},
          {"class_ar100", f.class_ar100},
          {"seconds", seconds}};
}

}  // namespace
}  // namespace preannotate

int main() {
  using namespace preannotate;
  using Clock = std::chrono::steady_clock;
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto test_case = Json::parse(line);
    const auto images = images_of(test_case);
    const auto start = Clock::now();
    const auto figures = coco_figures(images, test_case["classes"].get<int>());
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    std::cout << as_json(figures, seconds).dump() << '\n';
  }
}
