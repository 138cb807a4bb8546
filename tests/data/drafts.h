#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "preannotate/data/dataset.h"
#include "support/test_folder.h"

namespace preannotate::testing_support {

/// A sample of 640 x 480 with image-level labels {category, score}.
inline Sample draft(std::string image, std::vector<std::pair<int, double>> labels) {
  Sample sample{std::move(image), 640, 480, {}, labels.empty() ? "empty" : "review", 0.25};
  for (const auto& [category, score] : labels) {
    sample.labels.push_back(
        {category, score, {}, "d3f9a1c2e7b" + std::to_string(sample.labels.size())});
  }
  return sample;
}

/// Drafts over two categories with unusual names, and files in image_root to stand for the images.
inline Dataset unusual_drafts(const std::filesystem::path& image_root) {
  Dataset dataset;
  dataset.image_root = image_root;
  dataset.categories = {"<script>\"it's\" & more", "caf\u00e9, fran\u00e7ais"};
  dataset.model_version = "0123456789ab";
  dataset.samples = {
      draft("-dash.jpg", {{0, 0.5}}),         draft("a b, \"c\".jpg", {{1, 0.93}}),
      draft("one/same.jpg", {{0, 0.75}}),     draft("two/100% #1?.jpg", {{1, 1.0}}),
      draft("two/same.jpg", {{1, 0.123457}}), draft("\u00e9/\u65e5\u672c.png", {{0, 0.0}}),
  };
  for (const Sample& sample : dataset.samples) {
    write_text(image_root / sample.image, "bytes of " + sample.image);
  }
  return dataset;
}

/// Drafts with boxes: sub-folders, an empty image, a crowd, a class without a place, boxes by
/// people.
inline Dataset boxed_drafts() {
  Dataset dataset;
  dataset.categories = {"red cell", "<b>\"it's\" & more"};
  dataset.model_version = "0123456789ab";
  const auto boxed = [](int category, std::optional<double> score, Box box, std::string id) {
    return Label{category, score, box, std::move(id)};
  };
  dataset.samples = {draft("a b.jpg", {}), draft("empty.png", {}),
                     draft("one/same.jpg", {{1, 0.5}}), draft("two/same.jpg", {})};
  dataset.samples[0].labels = {
      boxed(1, 0.93, {0, 0, 640, 480}, "d3f9a1c2e7b0"),
      boxed(0, 0.123457, {10.125f, 20.5f, 40.25f, 60.75f}, "d3f9a1c2e7b1")};
  dataset.samples[3].labels = {boxed(0, {}, {600, 400, 639.5f, 479.5f}, ""),
                               boxed(0, {}, {5, 5, 100, 200}, "")};
  dataset.samples[3].labels[1].crowd = true;
  return dataset;
}

/// Those with outlines: a polygon, and one of two parts that few formats hold.
inline Dataset outlined_drafts() {
  auto dataset = boxed_drafts();
  dataset.samples[0].labels[1].segmentation = "[[10.125,20.5,40.25,20.5,40.25,60.75]]";
  dataset.samples[3].labels[0].segmentation =
      "[[600.0,400.0,610.0,400.0,610.0,479.5],[620.0,410.0,639.5,410.0,639.5,470.0]]";
  return dataset;
}

}  // namespace preannotate::testing_support
