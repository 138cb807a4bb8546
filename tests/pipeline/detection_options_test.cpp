#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "boxed_session.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using namespace testing_support;

using DetectionOptions = BoxedSession;

size_t count_labels(const std::vector<LedgerEntry>& entries) {
  size_t count = 0;
  for (const auto& entry : entries) count += entry.sample.labels.size();
  return count;
}

/// "image category x1 y1 x2 y2 score" of every box, shown or not.
std::set<std::string> all_boxes(const std::vector<LedgerEntry>& entries) {
  std::set<std::string> all;
  for (const auto& entry : entries) {
    for (const auto* labels : {&entry.sample.labels, &entry.candidates}) {
      for (const auto& label : *labels) {
        all.insert(
            entry.sample.image + " " + testing::PrintToString(label.category) + " " +
            testing::PrintToString(label.box->x1) + " " + testing::PrintToString(label.box->y1) +
            " " + testing::PrintToString(label.box->x2) + " " +
            testing::PrintToString(label.box->y2) + " " + testing::PrintToString(*label.score));
      }
    }
  }
  return all;
}

TEST_F(DetectionOptions, TheThresholdMovesBoxesAndKeepsTheirIds) {
  const BoxedWorld world = make_boxed_world(folder_ / "world", 8, 6);
  train(quick_options(world));
  auto options = predict_options(world, "low");
  options.conf = 0.0;
  predict(options);
  const auto low = ledger("low");
  std::map<std::string, double> score_of;
  std::vector<double> scores;
  for (const auto& entry : low) {
    EXPECT_TRUE(entry.candidates.empty());
    for (const auto& label : entry.sample.labels) {
      score_of[label.id] = *label.score;
      scores.push_back(*label.score);
    }
  }
  ASSERT_GT(scores.size(), 10u);
  std::sort(scores.begin(), scores.end());
  const double middle = scores[scores.size() / 2] + 5e-5;
  options = predict_options(world, "high");
  options.conf = middle;
  predict(options);
  const auto high = ledger("high");
  EXPECT_EQ(all_boxes(low), all_boxes(high));
  size_t shown = 0;
  for (const auto& entry : high) {
    for (const auto& label : entry.sample.labels) {
      ++shown;
      ASSERT_TRUE(score_of.contains(label.id));
      EXPECT_EQ(score_of[label.id], *label.score);
      EXPECT_GE(*label.score, middle - 1e-4);
    }
    for (const auto& label : entry.candidates) EXPECT_LE(*label.score, middle + 1e-4);
    EXPECT_EQ(entry.status, entry.sample.labels.empty() ? "empty" : "done");
  }
  EXPECT_GT(shown, 0u);
  EXPECT_LT(shown, scores.size());
  const Json summary = read_json(folder_ / "high" / "summary.json");
  EXPECT_EQ(summary.at("conf").at("blue"), middle);
}

TEST_F(DetectionOptions, ConfOfTrainIsTheRunsForEveryClass) {
  const BoxedWorld world = make_boxed_world(folder_ / "world", 6, 2);
  auto options = quick_options(world);
  options.conf = 0.625;
  train(options);
  EXPECT_EQ(predict(predict_options(world)).summary.at("conf"),
            (Json{{"blue", 0.625}, {"red", 0.625}}));
}

TEST_F(DetectionOptions, FewerBoxesAreTheBest) {
  const BoxedWorld world = make_boxed_world(folder_ / "world", 8, 6);
  train(quick_options(world));
  auto options = predict_options(world, "all");
  options.conf = 0.0;
  predict(options);
  options.output = folder_ / "one";
  options.max_det = 1;
  predict(options);
  const auto all = ledger("all"), one = ledger("one");
  ASSERT_EQ(all.size(), one.size());
  EXPECT_GT(count_labels(all), count_labels(one));
  for (size_t i = 0; i < one.size(); ++i) {
    ASSERT_EQ(one[i].sample.labels.size(), std::min<size_t>(1, all[i].sample.labels.size()));
    if (one[i].sample.labels.empty()) continue;
    EXPECT_EQ(one[i].sample.labels[0].id, all[i].sample.labels[0].id);
  }
}

TEST_F(DetectionOptions, BoxesOfOtherClassesSuppressOnlyWhenAsked) {
  const BoxedWorld world = make_boxed_world(folder_ / "world", 8, 6);
  train(quick_options(world));
  auto options = predict_options(world, "per_class");
  options.conf = 0.0;
  options.iou = 0.3;
  predict(options);
  options.output = folder_ / "agnostic";
  options.agnostic_nms = true;
  predict(options);
  // Boxes at the border were clipped after their overlap was looked at.
  const auto inside = [](const Box& box) {
    return box.x1 > 0 && box.y1 > 0 && box.x2 < 95.9f && box.y2 < 63.9f;
  };
  const auto overlapping = [&](const std::vector<LedgerEntry>& entries, bool across) {
    size_t count = 0;
    for (const auto& entry : entries) {
      const auto& labels = entry.sample.labels;
      for (size_t i = 0; i < labels.size(); ++i) {
        for (size_t j = 0; j < i; ++j) {
          count += (labels[i].category != labels[j].category) == across && inside(*labels[i].box) &&
                   inside(*labels[j].box) && iou(*labels[i].box, *labels[j].box) > 0.31f;
        }
      }
    }
    return count;
  };
  EXPECT_EQ(overlapping(ledger("per_class"), false), 0u);
  EXPECT_GT(overlapping(ledger("per_class"), true), 0u);
  EXPECT_EQ(overlapping(ledger("agnostic"), true), 0u);
}

TEST_F(DetectionOptions, MirroredViewsMoveScoresAndKeepTheBoxes) {
  const BoxedWorld world = make_boxed_world(folder_ / "world", 24, 12);
  train(train_options(world));
  predict(predict_options(world));
  auto options = predict_options(world, "averaged");
  options.tta = true;
  predict(options);
  EXPECT_NE(all_boxes(ledger()), all_boxes(ledger("averaged")));
  EXPECT_GT(map50(judged("", folder_ / "averaged", world.truth)), 0.7);
}

TEST_F(DetectionOptions, WorkersChangeNothing) {
  const BoxedWorld world = make_boxed_world(folder_ / "world", 9, 6);
  auto options = quick_options(world);
  options.folds = std::nullopt;
  options.augment = "light";
  options.workers = 1;
  train(options);
  auto draft = predict_options(world, "one");
  draft.workers = 1;
  predict(draft);
  const std::string head = read_text(folder_ / "run" / "head.pt");
  options.workers = 2;
  options.force = true;
  train(options);
  EXPECT_TRUE(read_text(folder_ / "run" / "head.pt") == head) << "the heads differ";

  draft.output = folder_ / "one_again";
  predict(draft);
  draft.output = folder_ / "two";
  draft.workers = 2;
  predict(draft);
  auto one = content_of(folder_ / "one_again"), two = content_of(folder_ / "two");
  one.erase("summary.json");  // it holds times
  two.erase("summary.json");
  EXPECT_EQ(one, two);
}

TEST_F(DetectionOptions, TilesFindWhatTheirBordersCutOnce) {
  BoxedWorld world = make_boxed_world(folder_ / "world", 1, 1);
  Random random(3);
  std::vector<BoxedPicture> seed, wide;
  for (int i = 0; i < 24; ++i) {
    seed.push_back(random_boxed("t" + std::to_string(i) + ".png", 1 + i % 3, random));
  }
  // Tiles of 96 px of a picture 170 px wide: [0, 96) and [74, 170); the objects lie across.
  for (int i = 0; i < 6; ++i) {
    const float x = 80.0f + static_cast<float>(2 * i), y = 4.0f + static_cast<float>(5 * i);
    BoxedPicture picture{"w" + std::to_string(i) + ".png", 170, 64};
    picture.objects = {{{x, y, x + 24, y + 24}, i % 2}, {{10, 20, 34, 44}, (i + 1) % 2}};
    wide.push_back(picture);
  }
  world.seed = write_boxed_seed(folder_ / "tiles", seed);
  world.truth = write_boxed_seed(folder_ / "wide", wide);
  world.unlabelled = folder_ / "wide";
  auto options = train_options(world);
  options.tile = 96;
  options.steps = 240;
  const auto trained = train(options);
  EXPECT_EQ(trained.metrics.at("head").at("frame"), (Json{96, 96}));
  EXPECT_EQ(trained.metrics.at("head").at("tile_scale"), 1.0);
  auto draft = predict_options(world);
  draft.conf = 0.3;
  draft.iou = 0.3;  // what one tile found twice is not the matter here
  predict(draft);
  size_t found = 0, twice = 0;
  const auto entries = ledger();
  ASSERT_EQ(entries.size(), 6u);
  for (size_t i = 0; i < entries.size(); ++i) {
    for (const auto& object : wide[i].objects) {
      const auto& labels = entries[i].sample.labels;
      const auto on_it = std::count_if(labels.begin(), labels.end(), [&](const Label& label) {
        return label.category == object.category && iou(*label.box, object.box) > 0.2f;
      });
      found += on_it > 0;
      twice += on_it > 1;
    }
  }
  EXPECT_GE(found, 10u);
  EXPECT_EQ(twice, 0u);
}

TEST_F(DetectionOptions, FewImagesAreJudgedInThreeFolds) {
  const BoxedWorld world = make_boxed_world(folder_ / "world", 12, 2);
  auto options = quick_options(world);
  options.folds = std::nullopt;
  const auto result = train(options);
  EXPECT_EQ(result.metrics.at("validation").at("method"), "3-fold out-of-fold");
  EXPECT_EQ(result.metrics.at("validation").at("items"), 12);
}

TEST_F(DetectionOptions, FoldsAndAHeldOutShareAreAsAsked) {
  const BoxedWorld world = make_boxed_world(folder_ / "world", 12, 2);
  auto options = quick_options(world);
  options.folds = 4;
  EXPECT_EQ(train(options).metrics.at("validation").at("method"), "4-fold out-of-fold");
  options.folds = std::nullopt;
  options.val = 0.25;
  options.force = true;
  const Json held_out = train(options).metrics.at("validation");
  EXPECT_EQ(held_out.at("method"), "hold-out 25 %");
  EXPECT_EQ(held_out.at("items"), 3);
}

TEST_F(DetectionOptions, WithoutFoldsThereIsNoQualityEstimate) {
  const BoxedWorld world = make_boxed_world(folder_ / "world", 6, 2);
  const auto result = train(quick_options(world));
  EXPECT_TRUE(result.metrics.at("validation").is_null());
  EXPECT_THAT(result.metrics.at("validation_reason").dump(), HasSubstr("--folds 0"));
  EXPECT_THAT(read_text(folder_ / "run" / "report.html"), HasSubstr("No quality estimate"));
  EXPECT_EQ(predict(predict_options(world)).exit_code, kDone);
}

TEST_F(DetectionOptions, AHoldOutWhereItHasEnoughObjectsAndFoldsElsewhere) {
  const auto method = [&](int images) {
    const auto world = make_boxed_world(folder_ / std::to_string(images), images, 1);
    auto options = quick_options(world);
    options.folds = std::nullopt;
    options.steps = 8;
    options.force = true;
    const Json metrics = train(options).metrics;
    EXPECT_GE(metrics.at("data").at("objects"), images);
    return metrics.at("validation").at("method").get<std::string>();
  };
  EXPECT_EQ(method(200), "hold-out 20 %");
  EXPECT_EQ(method(30), "3-fold out-of-fold");
}

TEST_F(DetectionOptions, ProgressTellsTheLossAndTheAp) {
  const BoxedWorld world = make_boxed_world(folder_ / "world", 9, 2);
  auto options = quick_options(world);
  options.folds = std::nullopt;
  testing::internal::CaptureStderr();
  train(options);
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              testing::ContainsRegex("steps: 100 of 100 .100 %., .*loss [0-9.]+, AP50 [0-9.]+"));
}

/// The sentence with which `work` refuses its options.
template <class Work>
std::string refusal(const Work& work) {
  try {
    work();
  } catch (const UserError& error) {
    EXPECT_EQ(error.exit_code(), kUsageError) << error.what();
    return error.what();
  }
  return "nothing was refused";
}

TEST_F(DetectionOptions, AnOptionOfAnotherTaskIsRefused) {
  const BoxedWorld world = make_boxed_world(folder_ / "world", 6, 2);
  auto options = quick_options(world);
  options.resize = "squash";
  EXPECT_THAT(refusal([&] { train(options); }),
              HasSubstr("--resize means nothing to --task detect"));
  options = quick_options(world);
  options.features = "embedding";
  EXPECT_THAT(refusal([&] { train(options); }), HasSubstr("--features"));
  options = quick_options(world);
  options.task = "multilabel";
  EXPECT_THAT(refusal([&] { train(options); }),
              HasSubstr("--steps means nothing to --task multilabel; it is for detect"));

  options.steps = 0;
  options.imgsz = 32;
  train(options);
  auto drafts = predict_options(world);
  drafts.max_det = 3;
  EXPECT_THAT(refusal([&] { predict(drafts); }), HasSubstr("--max-det is for detectors"));
}

}  // namespace
}  // namespace preannotate
