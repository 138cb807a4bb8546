#include "pipeline/box_pictures.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "preannotate/image/decode.h"
#include "support/images.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

using namespace testing_support;

const std::vector<double> kConf{0.5};

Dataset in_folder(const std::filesystem::path& folder) {
  Dataset dataset;
  dataset.image_root = folder;
  dataset.categories = {"cat"};
  return dataset;
}

TEST(BoxPictures, ShowTheBoxWithItsSurroundings) {
  const auto folder = test_folder();
  write_text(folder / "large.png", png_bytes(corner_picture(1000, 800)));
  JudgedBoxes judged;
  judged.images = {"large.png"};
  judged.boxes = {{{{{900, 700, 920, 720}, 0}, {{300, 300, 340, 340}, 0}},
                   {{{300, 300, 340, 340}, 0, 0.9}, {{905, 700, 990, 790}, 0, 0.4}}}};
  const auto pictures = box_pictures(judged, kConf, in_folder(folder));
  ASSERT_EQ(pictures.size(), 1u);
  EXPECT_TRUE(pictures[0].missed);
  EXPECT_EQ(pictures[0].category, "cat");
  EXPECT_EQ(pictures[0].score, 0);  // the weak draft barely touches it
  EXPECT_EQ(pictures[0].width, 320);
  EXPECT_EQ(pictures[0].height, 320);
  ASSERT_EQ(pictures[0].boxes.size(), 1u);  // the other object is elsewhere, the weak draft hidden
  EXPECT_EQ(pictures[0].boxes[0].box, (Box{220, 220, 240, 240}));
  EXPECT_TRUE(pictures[0].boxes[0].subject);
  const auto shown = decode_image(pictures[0].jpeg).picture;
  EXPECT_EQ(shown.width, 320);
  const auto* last = shown.rgb.data() + shown.rgb.size() - 3;  // the white corner of the picture
  EXPECT_GT(std::min({last[0], last[1], last[2]}), 240);
}

TEST(BoxPictures, OfLargeBoxesAreScaledToTheirMostPixels) {
  const auto folder = test_folder();
  write_text(folder / "a.png", png_bytes(corner_picture(1200, 600)));
  JudgedBoxes judged;
  judged.images = {"a.png"};
  judged.boxes = {{{}, {{{100, 50, 700, 550}, 0, 0.8}}}};
  const auto pictures = box_pictures(judged, kConf, in_folder(folder));
  ASSERT_EQ(pictures.size(), 1u);
  EXPECT_FALSE(pictures[0].missed);
  EXPECT_EQ(pictures[0].score, 0.8);
  EXPECT_EQ(pictures[0].width, 1200);
  EXPECT_EQ(pictures[0].height, 600);
  EXPECT_EQ(pictures[0].boxes.at(0).box, (Box{100, 50, 700, 550}));
  const auto shown = decode_image(pictures[0].jpeg).picture;
  EXPECT_EQ(shown.width, 320);
  EXPECT_EQ(shown.height, 160);
}

TEST(BoxPictures, OfAFileThatIsGoneHaveNoPicture) {
  const auto folder = test_folder();
  JudgedBoxes judged;
  judged.images = {"gone.png"};
  judged.boxes = {{{{{0, 0, 20, 20}, 0}}, {}}};
  const auto pictures = box_pictures(judged, kConf, in_folder(folder));
  ASSERT_EQ(pictures.size(), 1u);
  EXPECT_EQ(pictures[0].jpeg, "");
  EXPECT_EQ(pictures[0].image, "gone.png");
}

}  // namespace
}  // namespace preannotate
