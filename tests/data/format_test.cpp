#include "preannotate/data/format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "data/drafts.h"
#include "preannotate/core/error.h"
#include "preannotate/core/json.h"
#include "preannotate/data/fit.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using namespace testing_support;

std::map<std::string, std::string> contents(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const auto name = entry.path().lexically_relative(folder).string();
    files[name] = entry.is_regular_file() ? read_text(entry.path()) : "";
  }
  return files;
}

/// What the contract promises of every format there is.
class FormatTest : public testing::TestWithParam<const DatasetFormat*> {
 protected:
  void SetUp() override {
    root_ = test_folder();
    out_ = root_ / "out";
    fs::create_directories(out_);
    dataset_ = unusual_drafts(root_ / "images");
    if (!format_.holds.classes) give_boxes(dataset_);
  }
  /// For a format of boxes alone.
  static void give_boxes(Dataset& dataset) {
    for (Sample& sample : dataset.samples) {
      for (Label& label : sample.labels) label.box = Box{10, 20, 30, 60};
    }
  }
  /// The key that the image has when it is read back.
  std::string key_of(const Sample& sample) const {
    auto key = sample.image;
    if (format_.holds.boxes || format_.holds.scores) return key;
    // Class folders; Ultralytics has no folders below them.
    if (format_.name == "yolo_classify") std::replace(key.begin(), key.end(), '/', '_');
    return dataset_.categories[static_cast<size_t>(sample.labels[0].category)] + "/" + key;
  }
  const DatasetFormat& format_ = *GetParam();
  fs::path root_, out_;
  Dataset dataset_;
};

/// And of every one that holds boxes.
class BoxFormatTest : public FormatTest {};

std::vector<const DatasetFormat*> all_formats() {
  return {dataset_formats().begin(), dataset_formats().end()};
}

std::vector<const DatasetFormat*> box_formats() {
  auto formats = all_formats();
  std::erase_if(formats, [](const auto* format) { return !format->holds.boxes; });
  return formats;
}

void expect_near(const std::optional<Box>& found, const std::optional<Box>& expected) {
  ASSERT_EQ(found.has_value(), expected.has_value());
  if (!found) return;
  constexpr float kPixels = 0.01f;
  EXPECT_NEAR(found->x1, expected->x1, kPixels);
  EXPECT_NEAR(found->y1, expected->y1, kPixels);
  EXPECT_NEAR(found->x2, expected->x2, kPixels);
  EXPECT_NEAR(found->y2, expected->y2, kPixels);
}

TEST_P(FormatTest, IsFoundByItsName) {
  EXPECT_EQ(&format_named(format_.name), &format_);
  EXPECT_FALSE(format_.summary.empty());
  ASSERT_TRUE(format_.recognises && format_.read_from && format_.write);
  EXPECT_TRUE(format_.holds.boxes || format_.holds.classes);
}

TEST_P(FormatTest, IsTheOnlyOneToRecogniseWhatItWrote) {
  format_.write(dataset_, out_);
  EXPECT_EQ(&format_of(out_), &format_);
}

TEST_P(FormatTest, ReadsBackWhatItWrote) {
  format_.write(dataset_, out_);
  const auto after = format_.read(out_);
  EXPECT_EQ(after.categories, dataset_.categories);
  ASSERT_EQ(after.samples.size(), dataset_.samples.size());
  EXPECT_TRUE(std::is_sorted(after.samples.begin(), after.samples.end(),
                             [](const auto& a, const auto& b) { return a.image < b.image; }));
  std::map<std::string, Sample> found;
  for (const Sample& sample : after.samples) found[sample.image] = sample;
  for (const Sample& before : dataset_.samples) {
    const auto key = key_of(before);
    ASSERT_TRUE(found.contains(key)) << key;
    ASSERT_EQ(found[key].labels.size(), 1u);
    const Label& label = found[key].labels[0];
    EXPECT_EQ(label.category, before.labels[0].category);
    EXPECT_EQ(label.score, format_.holds.scores ? before.labels[0].score : std::nullopt);
    EXPECT_EQ(found[key].bucket, format_.holds.buckets ? before.bucket : "");
  }
}

TEST_P(FormatTest, CutFilesGiveAUserErrorNeverACrash) {
  format_.write(dataset_, out_);
  for (const auto& [name, text] : contents(out_)) {
    if (fs::is_directory(out_ / name)) continue;
    for (size_t length = 0; length < text.size(); ++length) {
      write_text(out_ / name, text.substr(0, length));
      try {
        format_.read(out_);
      } catch (const UserError&) {
      } catch (const std::exception& error) {
        ADD_FAILURE() << name << " cut at " << length << ": " << error.what();
      }
    }
    write_text(out_ / name, text);
  }
}

TEST_P(BoxFormatTest, ReadsBackEveryBoxScoreCrowdIdOutlineAndEmptyImage) {
  const auto before = fitted(outlined_drafts(), format_).dataset;
  format_.write(before, out_);
  const auto after = format_.read(out_);
  EXPECT_EQ(after.categories, before.categories);
  EXPECT_EQ(after.model_version, before.model_version);
  EXPECT_TRUE(after.problems.empty());
  ASSERT_EQ(after.samples.size(), before.samples.size());
  for (size_t i = 0; i < before.samples.size(); ++i) {
    const Sample &found = after.samples[i], &expected = before.samples[i];
    EXPECT_EQ(found.image, expected.image);
    EXPECT_EQ(found.width, expected.width);
    EXPECT_EQ(found.height, expected.height);
    ASSERT_EQ(found.labels.size(), expected.labels.size()) << expected.image;
    for (size_t k = 0; k < expected.labels.size(); ++k) {
      const Label &label = found.labels[k], &wanted = expected.labels[k];
      EXPECT_EQ(label.category, wanted.category);
      EXPECT_EQ(label.score, wanted.score);
      EXPECT_EQ(label.crowd, wanted.crowd);
      EXPECT_EQ(label.segmentation, wanted.segmentation);
      if (!wanted.id.empty()) {
        EXPECT_EQ(label.id, wanted.id);
      }
      expect_near(label.box, wanted.box);
    }
  }
}

TEST_P(BoxFormatTest, FindsTheImagesBesideIt) {
  const auto before = fitted(boxed_drafts(), format_).dataset;
  format_.write(before, out_);
  const fs::path images = out_ / "images" / (format_.name == "yolo" ? "train" : "");
  for (const Sample& sample : before.samples) write_text(images / sample.image, "pixels");
  const auto after = read_dataset(out_, "");
  EXPECT_TRUE(fs::equivalent(after.image_root, images));
  for (const Sample& sample : after.samples) EXPECT_TRUE(fs::exists(image_file(after, sample)));
}

TEST_P(BoxFormatTest, CutFilesGiveAUserErrorNeverACrash) {
  auto drafts = boxed_drafts();
  drafts.samples = {drafts.samples[0], drafts.samples[3]};
  drafts = fitted(drafts, format_).dataset;
  format_.write(drafts, out_);
  for (const auto& [name, text] : contents(out_)) {
    if (fs::is_directory(out_ / name)) continue;
    for (size_t length = 0; length < text.size(); ++length) {
      write_text(out_ / name, text.substr(0, length));
      try {
        const auto read = format_.read(out_);
        for (const Sample& sample : read.samples) {
          for (const Label& label : sample.labels)
            EXPECT_LT(static_cast<size_t>(label.category), read.categories.size());
        }
      } catch (const UserError&) {
      } catch (const std::exception& error) {
        ADD_FAILURE() << name << " cut at " << length << ": " << error.what();
      }
    }
    write_text(out_ / name, text);
  }
}

TEST_P(FormatTest, NeverTouchesTheImages) {
  const auto before = contents(dataset_.image_root);
  format_.write(dataset_, out_);
  format_.read(out_);
  EXPECT_EQ(contents(dataset_.image_root), before);
  for (const auto& entry : fs::recursive_directory_iterator(out_)) {
    EXPECT_FALSE(entry.is_symlink());
    if (!entry.is_directory()) {
      EXPECT_EQ(fs::hard_link_count(entry.path()), 1u);
    }
  }
}

TEST_P(FormatTest, SameDraftsGiveTheSameBytesAndNoOtherFiles) {
  format_.write(dataset_, out_);
  const auto first = contents(out_);
  EXPECT_FALSE(first.empty());
  for (const auto& [name, text] : first) EXPECT_THAT(name, Not(HasSubstr(".tmp")));
  format_.write(dataset_, out_);
  EXPECT_EQ(contents(out_), first);
}

TEST_P(FormatTest, EveryJsonFileIsStrictJson) {
  format_.write(dataset_, out_);
  for (const auto& [name, text] : contents(out_)) {
    if (!name.ends_with(".json")) continue;
    EXPECT_NO_THROW(parse_json(text, name)) << name;
  }
}

TEST_P(FormatTest, WritesAnEmptyDataset) {
  Dataset none;
  none.categories = {"cat"};
  EXPECT_NO_THROW(format_.write(none, out_));
}

TEST_P(FormatTest, AFolderItCannotWriteToIsAUserError) {
  write_text(root_ / "file", "");
  try {
    format_.write(dataset_, root_ / "file");
    FAIL() << "wrote below a file";
  } catch (const UserError& error) {
    EXPECT_EQ(error.exit_code(), kCannotWrite) << error.what();
  }
}

const auto kNameOf = [](const auto& info) { return std::string(info.param->name); };
INSTANTIATE_TEST_SUITE_P(All, FormatTest, testing::ValuesIn(all_formats()), kNameOf);
INSTANTIATE_TEST_SUITE_P(All, BoxFormatTest, testing::ValuesIn(box_formats()), kNameOf);

std::string error_of(const fs::path& path, std::string_view format, ExitCode code) {
  try {
    read_dataset(path, format);
  } catch (const UserError& error) {
    EXPECT_EQ(error.exit_code(), code);
    return error.what();
  }
  return "no error";
}

TEST(FormatsTest, AnUnknownNameGetsTheNearestAndAllNames) {
  EXPECT_THAT(error_of(test_folder(), "ccoo", kUsageError),
              AllOf(HasSubstr("unknown format 'ccoo'; did you mean 'coco'?"),
                    HasSubstr("folder, csv, coco, voc, label_studio, cvat, datumaro, yolo")));
}

TEST(FormatsTest, AMissingPathIsAUsageError) {
  EXPECT_THAT(error_of(test_folder() / "none", "", kUsageError), HasSubstr("does not exist"));
}

TEST(FormatsTest, AnUnrecognisedFolderIsAUserErrorThatSaysWhatIsExpected) {
  const auto root = test_folder();
  EXPECT_THAT(error_of(root, "", kBadInput), HasSubstr("none of the formats"));
  write_text(root / "a.jpg", "");
  EXPECT_THAT(error_of(root, "", kBadInput), HasSubstr("in no class folders"));
}

TEST(FormatsTest, ImagesWithoutAnyLabelAreRefused) {
  const auto root = test_folder();
  write_text(root / "labels.csv", "path,label\na.jpg,\n");
  EXPECT_THAT(error_of(root, "", kBadInput), HasSubstr("no image has a label"));
}

TEST(FormatsTest, AFolderWithImagesAndACsvIsACsv) {
  const auto root = test_folder();
  write_text(root / "images" / "a.jpg", "");
  write_text(root / "labels.csv", "path,label\nimages/a.jpg,cat\n");
  EXPECT_EQ(read_dataset(root, "").samples.at(0).image, "images/a.jpg");
}

}  // namespace
}  // namespace preannotate
