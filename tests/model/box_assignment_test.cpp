#include "model/box_assignment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace preannotate {
namespace {

/// Cells of a 64 x 64 frame on strides 8 and 16: rows of 8, then rows of 4.
std::vector<Cell> grid() {
  std::vector<Cell> cells;
  for (const int stride : {8, 16}) {
    for (int y = 0; y < 64 / stride; ++y) {
      for (int x = 0; x < 64 / stride; ++x) {
        cells.push_back({(x + 0.5f) * stride, (y + 0.5f) * stride, static_cast<float>(stride)});
      }
    }
  }
  return cells;
}

/// A scene of two classes whose predictions a test sets cell by cell.
struct Scene {
  std::vector<Cell> cells = grid();
  ViewTruth truth;
  std::vector<float> scores = std::vector<float>(2 * cells.size(), 0.1f);
  std::vector<Box> predicted = std::vector<Box>(cells.size());

  void object(const Box& box, int category) {
    truth.boxes.push_back(box);
    truth.categories.push_back(category);
  }
  void predict(size_t cell, const Box& box, int category, float score) {
    predicted[cell] = box;
    scores[2 * cell + static_cast<size_t>(category)] = score;
  }
  Assignment assigned(const AssignmentOptions& options = {}) const {
    return assign_boxes(cells, truth, scores.data(), 2, predicted.data(), options);
  }
};

/// Cells that learn `box`, rising.
std::vector<std::int64_t> cells_of(const Assignment& assignment, int box) {
  std::vector<std::int64_t> cells;
  for (size_t i = 0; i < assignment.cells.size(); ++i) {
    if (assignment.boxes[i] == box) cells.push_back(assignment.cells[i]);
  }
  return cells;
}

float quality_at(const Assignment& assignment, std::int64_t cell) {
  const auto found = std::find(assignment.cells.begin(), assignment.cells.end(), cell);
  if (found == assignment.cells.end()) return 0;
  return assignment.quality[static_cast<size_t>(found - assignment.cells.begin())];
}

TEST(BoxAssignment, WithoutObjectsNoCellLearns) {
  EXPECT_TRUE(Scene().assigned().cells.empty());
}

TEST(BoxAssignment, OnlyCellsWithTheirCentreInsideLearnABox) {
  for (const double prior : {0.0, 0.5, 1.0}) {
    Scene scene;
    scene.object({17, 9, 46, 30}, 1);
    const auto assignment = scene.assigned({.cells_per_box = 1000, .prior = prior});
    // Stride 8: x 20, 28, 36, 44 and y 12, 20, 28. Stride 16: x 24, 40 and y 24.
    EXPECT_EQ(assignment.cells,
              (std::vector<std::int64_t>{10, 11, 12, 13, 18, 19, 20, 21, 26, 27, 28, 29, 69, 70}));
  }
}

TEST(BoxAssignment, ABoxThatHoldsNoCentreGetsTheNearestCellsOfTheFinestLevel) {
  for (const double prior : {0.0, 1.0}) {
    Scene scene;
    scene.object({13, 13, 15, 15}, 0);
    const auto assignment = scene.assigned({.prior = prior});
    EXPECT_EQ(cells_of(assignment, 0), (std::vector<std::int64_t>{9, 10, 17, 18})) << prior;
    for (const float quality : assignment.quality) EXPECT_GT(quality, 0);
  }
}

TEST(BoxAssignment, ATinyBoxInTheCornerOfTheFrameIsLearnedToo) {
  Scene scene;
  scene.object({63, 63, 64, 64}, 0);
  scene.object({0, 0, 1, 1}, 0);
  const auto assignment = scene.assigned({.prior = 1});
  EXPECT_EQ(cells_of(assignment, 0), (std::vector<std::int64_t>{63}));
  EXPECT_EQ(cells_of(assignment, 1), (std::vector<std::int64_t>{0}));
}

TEST(BoxAssignment, ACellThatTwoBoxesWantLearnsTheOneItFitsBetter) {
  const Box left{8, 8, 32, 24}, right{16, 8, 40, 24};
  const size_t shared = 11;  // centre (28, 12), in both
  for (const bool swapped : {false, true}) {
    for (const Box& seen : {left, right}) {
      Scene scene;
      scene.object(swapped ? right : left, 0);
      scene.object(swapped ? left : right, 0);
      scene.predict(shared, seen, 0, 0.5f);
      const auto assignment = scene.assigned();
      const auto position = std::find(assignment.cells.begin(), assignment.cells.end(), shared) -
                            assignment.cells.begin();
      ASSERT_LT(static_cast<size_t>(position), assignment.cells.size());
      const auto owner = static_cast<size_t>(assignment.boxes[static_cast<size_t>(position)]);
      EXPECT_EQ(scene.truth.boxes[owner], seen);
    }
  }
}

TEST(BoxAssignment, NoCellIsGivenTwiceInACrowdedFrame) {
  Scene scene;
  for (int i = 0; i < 12; ++i) {
    const auto at = static_cast<float>(3 * i);
    scene.object({at, at, at + 25, at + 20}, i % 2);
  }
  for (const double prior : {0.0, 1.0}) {
    const auto assignment = scene.assigned({.prior = prior});
    ASSERT_FALSE(assignment.cells.empty());
    EXPECT_TRUE(std::is_sorted(assignment.cells.begin(), assignment.cells.end()));
    EXPECT_EQ(std::adjacent_find(assignment.cells.begin(), assignment.cells.end()),
              assignment.cells.end());
    ASSERT_EQ(assignment.boxes.size(), assignment.cells.size());
    for (const float quality : assignment.quality) {
      EXPECT_GT(quality, 0);
      EXPECT_LE(quality, 1);
    }
  }
}

TEST(BoxAssignment, TheBestCellsOfABoxAreKept) {
  Scene scene;
  const Box box{0, 0, 64, 64};
  scene.object(box, 1);
  for (const size_t cell : {5u, 40u, 79u}) scene.predict(cell, box, 1, 0.9f);
  const auto assignment = scene.assigned({.cells_per_box = 3});
  EXPECT_EQ(assignment.cells, (std::vector<std::int64_t>{5, 40, 79}));
  EXPECT_EQ(scene.assigned().cells.size(), 10u);
}

TEST(BoxAssignment, ThePriorLikesTheCentreOnTheLevelThatFits) {
  Scene small, large;
  const Box of_32{4, 4, 36, 36}, of_64{0, 0, 64, 64};  // at home on stride 8 and 16
  small.object(of_32, 0);
  large.object(of_64, 0);
  // Predictions that only mislead.
  small.predict(0, of_32, 0, 1);
  large.predict(0, of_64, 0, 1);
  const auto of_small = small.assigned({.cells_per_box = 1, .prior = 1});
  EXPECT_EQ(of_small.cells, (std::vector<std::int64_t>{18}));  // (20, 20) on stride 8
  const auto of_large = large.assigned({.cells_per_box = 4, .prior = 1});
  EXPECT_EQ(of_large.cells, (std::vector<std::int64_t>{69, 70, 73, 74}));
  EXPECT_FLOAT_EQ(of_small.quality[0], 1);
}

TEST(BoxAssignment, WithoutThePriorPredictionsDecide) {
  Scene scene;
  const Box box{4, 4, 36, 36};
  scene.object(box, 0);
  scene.predict(9, {4, 4, 36, 20}, 0, 0.9f);   // IoU 0.5
  scene.predict(27, {4, 4, 36, 28}, 0, 0.9f);  // IoU 0.75, far from the centre
  const auto assignment = scene.assigned({.cells_per_box = 1, .prior = 0});
  EXPECT_EQ(assignment.cells, (std::vector<std::int64_t>{27}));
  EXPECT_FLOAT_EQ(assignment.quality[0], 0.75f);
}

TEST(BoxAssignment, OnlyTheScoreOfTheBoxsOwnClassCounts) {
  Scene scene;
  const Box box{4, 4, 36, 36};
  scene.object(box, 1);
  scene.predict(9, box, 0, 1.0f);
  scene.predict(27, box, 1, 0.5f);
  const auto assignment = scene.assigned({.cells_per_box = 2});
  EXPECT_GT(quality_at(assignment, 27), quality_at(assignment, 9));
  EXPECT_FLOAT_EQ(quality_at(assignment, 27), 1);
}

TEST(BoxAssignment, AnObjectThatNothingOverlapsIsLearnedAllTheSame) {
  Scene scene;
  scene.object({4, 4, 36, 36}, 0);
  const auto assignment = scene.assigned();
  ASSERT_EQ(assignment.cells.size(), 10u);
  for (const float quality : assignment.quality) EXPECT_GT(quality, 0);
}

TEST(BoxAssignment, PredictionsThatAreNoNumbersDoNoHarm) {
  Scene scene;
  scene.object({4, 4, 60, 60}, 0);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::fill(scene.scores.begin(), scene.scores.end(), nan);
  std::fill(scene.predicted.begin(), scene.predicted.end(), Box{nan, nan, nan, nan});
  for (const auto cell : scene.assigned().cells) EXPECT_LT(cell, 80);
}

}  // namespace
}  // namespace preannotate
