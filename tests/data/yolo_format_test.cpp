#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "data/drafts.h"
#include "preannotate/core/error.h"
#include "preannotate/core/json.h"
#include "preannotate/data/fit.h"
#include "preannotate/data/format.h"
#include "support/images.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using namespace testing_support;

/// A tree of one image of 200 x 100; every test changes what it is about.
class Yolo : public testing::Test {
 protected:
  void SetUp() override {
    write_text(folder_ / "data.yaml", "path: .\ntrain: images/train\nnames:\n  0: cat\n  1: dog\n");
    write_text(folder_ / "images/train/sub/a.png", png_bytes(corner_picture(200, 100)));
    write_labels("1 0.5 0.5 0.2 0.4\n");
  }
  void write_labels(const std::string& text) {
    write_text(folder_ / "labels/train/sub/a.txt", text);
  }
  Dataset read() { return format_named("yolo").read(folder_); }
  std::string error() {
    try {
      read();
    } catch (const UserError& error) {
      EXPECT_EQ(error.exit_code(), kBadInput);
      return error.what();
    }
    return "no error";
  }
  std::string error_of(const std::string& labels) {
    write_labels(labels);
    return error();
  }
  fs::path folder_ = test_folder();
};

TEST_F(Yolo, FractionsBecomePixelsOfTheImage) {
  const auto dataset = read();
  EXPECT_THAT(dataset.categories, ElementsAre("cat", "dog"));
  ASSERT_EQ(dataset.samples.size(), 1u);
  EXPECT_EQ(dataset.samples[0].image, "sub/a.png");
  EXPECT_EQ(dataset.image_root, folder_ / "images/train");
  ASSERT_EQ(dataset.samples[0].labels.size(), 1u);
  EXPECT_EQ(dataset.samples[0].labels[0].category, 1);
  EXPECT_EQ(dataset.samples[0].labels[0].box, (Box{80, 30, 120, 70}));
}

// Rows 15, 16: 8 orientations in 4 containers, boxes within 0.5 px of the upright image.
TEST_F(Yolo, FractionsAreOfTheUprightImage) {
  constexpr std::string_view kContainers[] = {"jpeg", "png", "webp", "tiff"};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const bool sideways = orientation >= 5;
    const auto stored = sideways ? corner_picture(100, 200) : corner_picture(200, 100);
    const std::string files[] = {jpeg_bytes(stored), png_bytes(stored), webp_bytes(stored),
                                 tiff_bytes(stored)};
    for (size_t i = 0; i < std::size(files); ++i) {
      write_text(folder_ / "images/train/sub/a.png", with_orientation(files[i], orientation));
      SCOPED_TRACE(std::string(kContainers[i]) + ", orientation " + std::to_string(orientation));
      const auto dataset = read();
      ASSERT_EQ(dataset.samples.size(), 1u);
      const Box box = *dataset.samples[0].labels.at(0).box;
      EXPECT_NEAR(box.x1, 80, 0.5);
      EXPECT_NEAR(box.y1, 30, 0.5);
      EXPECT_NEAR(box.x2, 120, 0.5);
      EXPECT_NEAR(box.y2, 70, 0.5);
    }
  }
}

TEST_F(Yolo, NoFileOrAnEmptyOneMeansNothingInTheImage) {
  write_labels("");
  EXPECT_THAT(read().samples.at(0).labels, IsEmpty());
  fs::remove(folder_ / "labels/train/sub/a.txt");
  EXPECT_THAT(read().samples.at(0).labels, IsEmpty());
}

TEST_F(Yolo, AConfidenceOrAPolygonIsRead) {
  write_labels("1 0.5 0.5 0.2 0.4 0.25\r\n\r\n0 0.1 0.1 0.5 0.1 0.5 0.9\r\n");
  const auto labels = read().samples.at(0).labels;
  ASSERT_EQ(labels.size(), 2u);
  EXPECT_EQ(labels[0].score, 0.25);
  EXPECT_EQ(labels[1].box, (Box{20, 10, 100, 90}));
  EXPECT_EQ(labels[1].segmentation, "[[20.0,10.0,100.0,10.0,100.0,90.0]]");
}

TEST_F(Yolo, FaultsNameFileAndLine) {
  EXPECT_THAT(error_of("0 0.5 0.5 0.1 0.1\n2 0.5 0.5 0.1 0.1\n"),
              HasSubstr("labels/train/sub/a.txt:2: class 2 is not among the 2"));
  EXPECT_THAT(error_of("0 0,5 0.5 0.1 0.1\n"), HasSubstr("decimal point"));
  EXPECT_THAT(error_of("0,0.5,0.5,0.1,0.1\n"), HasSubstr("has 1 columns, expected 5"));
  EXPECT_THAT(error_of("0 0.5 0.5 0.1\n"), HasSubstr("has 4 columns"));
  EXPECT_THAT(error_of("0 0.5 0.5 0.1 nan\n"), HasSubstr("'nan' is no number"));
  EXPECT_THAT(error_of("0.5 0.5 0.5 0.1 0.1\n"), HasSubstr("class 0.5"));
  EXPECT_THAT(error_of("0 0.5 0.5 0.1 0.1 7\n"),
              HasSubstr("the 6th column, a confidence, is 7, expected 0 to 1"));
}

TEST_F(Yolo, ABoxBeyondTheImageIsClippedAndSaid) {
  write_labels("0 0.0 0.5 0.2 0.4\n0 3 3 0.1 0.1\n0 0.5 0.5 0 0.1\n");
  const auto dataset = read();
  ASSERT_EQ(dataset.samples.at(0).labels.size(), 1u);
  EXPECT_EQ(dataset.samples[0].labels[0].box, (Box{0, 30, 20, 70}));
  std::vector<std::string> reasons;
  for (const auto& problem : dataset.problems) reasons.push_back(problem.reason);
  EXPECT_THAT(reasons, ElementsAre("box_clipped", "box_outside_image", "empty_box"));
}

TEST_F(Yolo, AnImageWithoutReadableHeaderIsLeftOutAlone) {
  write_text(folder_ / "images/train/b.jpg", "text");
  const auto dataset = read();
  EXPECT_EQ(dataset.samples.size(), 1u);
  ASSERT_EQ(dataset.problems.size(), 1u);
  EXPECT_EQ(dataset.problems[0].reason, "image_unreadable");
}

TEST_F(Yolo, ListsSplitsAndNamesAsAListAreRead) {
  write_text(folder_ / "images/val/b.png", png_bytes(corner_picture(20, 10)));
  write_text(folder_ / "val.txt", "./images/val/b.png\r\n");
  write_text(folder_ / "data.yaml",
             "path: ../somewhere/else\ntrain: [images/train]\nval: val.txt\ntest:\nnc: 2\nnames: "
             "['cat', 'dog']\n");
  const auto dataset = read();
  ASSERT_EQ(dataset.samples.size(), 2u);
  EXPECT_EQ(dataset.samples[0].image, "train/sub/a.png");
  EXPECT_EQ(dataset.samples[1].image, "val/b.png");
  EXPECT_EQ(dataset.image_root, folder_ / "images");
}

TEST_F(Yolo, ALabelStudioExportIsRead) {
  fs::remove(folder_ / "data.yaml");
  write_text(folder_ / "classes.txt", "cat\ndog\n");
  write_text(folder_ / "notes.json", "{\"categories\": []}");
  EXPECT_EQ(&format_of(folder_), &format_named("yolo"));
  EXPECT_EQ(read().samples.at(0).labels.at(0).category, 1);
}

TEST_F(Yolo, ABrokenConfigurationNamesItsLine) {
  const auto error_for = [&](const std::string& yaml) {
    write_text(folder_ / "data.yaml", yaml);
    return error();
  };
  EXPECT_THAT(error_for("train: images/train\nnames: {0: cat, 2: dog}\n"),
              AllOf(HasSubstr("data.yaml:2"), HasSubstr("0 to 1, each once")));
  for (const char* number : {"2", "-1", "0.5", "288888888888888888888888888888888", "1e300"}) {
    EXPECT_THAT(
        error_for("train: images/train\nnames: {0: cat, " + std::string(number) + ": dog}\n"),
        HasSubstr("0 to 1, each once"))
        << number;
  }
  EXPECT_THAT(error_for("train: images/train\nnames: [cat, cat]\n"), HasSubstr("is there twice"));
  EXPECT_THAT(error_for("train: [images/train\nnames: [cat]\n"), HasSubstr("not valid YAML"));
  EXPECT_THAT(error_for("train: images/none\nnames: [cat]\n"), HasSubstr("no folder of images"));
  EXPECT_THAT(error_for("train: /etc\nnames: [cat]\n"), HasSubstr("unsafe_path"));
  EXPECT_THAT(error_for("train: images/train\nnames: 3\n"), HasSubstr("neither a list nor a map"));
}

TEST_F(Yolo, WritesFiveColumnsAFileForEmptyImagesAndNoKeysOfItsOwn) {
  const auto out = folder_ / "out";
  fs::create_directories(out);
  const auto drafts = fitted(boxed_drafts(), format_named("yolo")).dataset;
  format_named("yolo").write(drafts, out);
  EXPECT_EQ(read_text(out / "labels/train/empty.txt"), "");
  EXPECT_THAT(read_text(out / "labels/train/a b.txt"),
              AllOf(HasSubstr("1 0.5 0.5 1 1\n"), Not(HasSubstr("0.93"))));
  EXPECT_EQ(read_text(out / "data.yaml"),
            "train: train.txt\nval: val.txt\nnames:\n  0: red cell\n  1: <b>\"it's\" & more\n");
  EXPECT_THAT(read_text(out / "train.txt"), HasSubstr("./images/train/a b.jpg\n"));
  EXPECT_EQ(read_json(out / "confidences.json")["images"]["a b.jpg"]["scores"],
            Json({0.93, 0.123457}));
}

TEST_F(Yolo, ConfidencesOfLabelsThatWereEditedSinceAreNotUsed) {
  const auto out = folder_ / "out";
  fs::create_directories(out);
  const auto drafts = fitted(boxed_drafts(), format_named("yolo")).dataset;
  format_named("yolo").write(drafts, out);
  write_text(out / "labels/train/a b.txt", "1 0.5 0.5 1 1\n");
  const auto dataset = format_named("yolo").read(out);
  EXPECT_EQ(dataset.samples.at(0).labels.size(), 1u);
  EXPECT_FALSE(dataset.samples[0].labels[0].score);
  ASSERT_EQ(dataset.problems.size(), 1u);
  EXPECT_EQ(dataset.problems[0].reason, "confidences_stale");
}

TEST_F(Yolo, ASizeOfNothingBesideTheLabelsIsRefused) {
  const auto out = folder_ / "out";
  fs::create_directories(out);
  const auto drafts = fitted(boxed_drafts(), format_named("yolo")).dataset;
  format_named("yolo").write(drafts, out);
  auto beside = read_json(out / "confidences.json");
  beside["images"]["a b.jpg"]["width"] = 0;
  write_text(out / "confidences.json", beside.dump());
  EXPECT_THAT([&] { format_named("yolo").read(out); },
              testing::Throws<UserError>(testing::Property(
                  &UserError::what,
                  HasSubstr("field 'width' is 0, expected a whole number of pixels above 0"))));
}

TEST_F(Yolo, TwoImagesThatWouldShareAFileOfLabelsAreRefused) {
  Dataset dataset{{}, {"cat"}, {draft("a.jpg", {}), draft("a.png", {})}, "", {}};
  EXPECT_THROW(format_named("yolo").write(dataset, folder_ / "labels"), UserError);
}

TEST_F(Yolo, ImagesAreCopiedNeverMoved) {
  Dataset dataset{folder_ / "images/train", {"cat"}, {draft("sub/a.png", {})}, "", {}};
  const auto out = folder_ / "out";
  fs::create_directories(out);
  const auto before = read_text(folder_ / "images/train/sub/a.png");
  format_named("yolo").write(dataset, out);
  EXPECT_EQ(read_text(out / "images/train/sub/a.png"), before);
  EXPECT_EQ(read_text(folder_ / "images/train/sub/a.png"), before);
}

TEST(YoloClassify, ATreeOfSplitsIsOneDatasetAndNoFolderOfClasses) {
  const auto root = test_folder();
  for (const char* image : {"train/cat/a.jpg", "train/dog/b.jpg", "val/dog/c.jpg"})
    write_text(root / image, "");
  EXPECT_EQ(&format_of(root), &format_named("yolo_classify"));
  const auto dataset = read_dataset(root, "");
  EXPECT_THAT(dataset.categories, ElementsAre("cat", "dog"));
  ASSERT_EQ(dataset.samples.size(), 3u);
  EXPECT_EQ(dataset.samples[2].image, "val/dog/c.jpg");
  EXPECT_EQ(dataset.samples[2].labels[0].category, 1);
  // Classes that are called train and val hold their images themselves.
  const auto classes = root / "classes";
  write_text(classes / "train/a.jpg", "");
  write_text(classes / "val/b.jpg", "");
  EXPECT_EQ(&format_of(classes), &format_named("folder"));
}

// Row 42: two images that would have one name where folders below a class are flattened.
TEST(YoloClassify, NamesThatCollideAreRefusedWithBoth) {
  const auto root = test_folder();
  Dataset dataset{root / "images",
                  {"cat"},
                  {draft("a/b.jpg", {{0, 1.0}}), draft("a_b.jpg", {{0, 1.0}})},
                  "",
                  {}};
  for (const Sample& sample : dataset.samples) write_text(dataset.image_root / sample.image, "x");
  try {
    format_named("yolo_classify").write(dataset, root / "out");
    FAIL() << "one was lost";
  } catch (const UserError& error) {
    EXPECT_EQ(error.exit_code(), kOutputExists);
    EXPECT_THAT(error.what(), AllOf(HasSubstr("'a/b.jpg'"), HasSubstr("'a_b.jpg'")));
  }
}

}  // namespace
}  // namespace preannotate
