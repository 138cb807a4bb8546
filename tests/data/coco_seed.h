#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "preannotate/core/error.h"
#include "preannotate/core/json.h"
#include "preannotate/data/format.h"
#include "support/test_folder.h"

namespace preannotate::testing_support {

/// Two images, two categories and a box in each image; every test changes what it is about.
class CocoSeed : public testing::Test {
 protected:
  void SetUp() override {
    json_ = parse_json(R"({
      "images": [{"id": 1, "file_name": "b.jpg", "width": 640, "height": 480},
                 {"id": 2, "file_name": "a.jpg", "width": 100, "height": 200}],
      "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
      "annotations": [
        {"id": 1, "image_id": 1, "category_id": 2, "bbox": [10, 20, 30, 40]},
        {"id": 2, "image_id": 2, "category_id": 1, "bbox": [1, 2, 3.5, 4.25]}]})",
                       "base");
    write_text(folder_ / "a.jpg", "");
    write_text(folder_ / "b.jpg", "");
  }
  Json& image(size_t i) { return json_["images"][i]; }
  Json& annotation(size_t i) { return json_["annotations"][i]; }
  Dataset read() const { return read_text_of(json_.dump()); }
  Dataset read_text_of(const std::string& text) const {
    write_text(folder_ / "seed.json", text);
    return read_dataset(folder_ / "seed.json", "");
  }
  std::string error() const { return error_of(json_.dump()); }
  std::string error_of(const std::string& text) const {
    try {
      read_text_of(text);
    } catch (const UserError& error) {
      EXPECT_EQ(error.exit_code(), kBadInput) << error.what();
      EXPECT_THAT(error.what(), testing::HasSubstr("seed.json"));
      return error.what();
    }
    return "no error";
  }
  static std::vector<std::string> reasons(const Dataset& dataset) {
    std::vector<std::string> reasons;
    for (const Problem& problem : dataset.problems) reasons.push_back(problem.reason);
    return reasons;
  }
  /// The labels of b.jpg, the image of annotation 0.
  static const std::vector<Label>& labels_of_b(const Dataset& dataset) {
    return dataset.samples.at(1).labels;
  }

  std::filesystem::path folder_ = test_folder();
  Json json_;
};

}  // namespace preannotate::testing_support
