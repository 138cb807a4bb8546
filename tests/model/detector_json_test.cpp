#include "model/detector_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "preannotate/core/error.h"

namespace preannotate {
namespace {

using testing::AllOf;
using testing::HasSubstr;

DetectorSettings settings() {
  DetectorSettings s;
  s.view = {.frame = {96, 64}, .tile_scale = 0.5, .tile_overlap = 0.25};
  s.shape = {.strides = {8, 16, 32}, .map_channels = {0, 12, 16}, .channels = 32, .classes = 3};
  s.score_maps = {{.method = "none", .steps = {}},
                  {.method = "platt", .slope = 1.25, .offset = -0.5, .steps = {}},
                  {.method = "isotonic", .steps = {{0.1, 0.05}, {0.1, 0.2}, {0.7, 0.9}}}};
  s.conf = {0.5, 0.25, 1};
  s.sigma = 0.4;
  s.iou = 0.55;
  s.agnostic = true;
  s.max_det = 120;
  return s;
}

Json run_json() {
  const auto parts = detector_json(settings());
  return {{"preprocessing", parts.preprocessing},
          {"head", parts.head},
          {"calibration", parts.calibration},
          {"thresholds", parts.thresholds},
          {"suppression", parts.suppression}};
}

/// The UserError of reading run.json after `change`.
std::string refusal(const std::function<void(Json&)>& change) {
  Json json = run_json();
  change(json);
  try {
    detector_from_json(json, 3, "a/run.json");
    return "read";
  } catch (const UserError& error) {
    return error.what();
  }
}

TEST(DetectorJson, ReadsBackWhatItWrote) {
  const auto expected = settings();
  const auto s = detector_from_json(parse_json(json_text(run_json()), "run.json"), 3, "run.json");
  EXPECT_EQ(s.view.frame, expected.view.frame);
  EXPECT_EQ(s.view.tile_scale, 0.5);
  EXPECT_EQ(s.view.tile_overlap, 0.25);
  EXPECT_EQ(s.shape, expected.shape);
  ASSERT_EQ(s.score_maps.size(), 3u);
  for (size_t c = 0; c < 3; ++c) {
    EXPECT_EQ(s.score_maps[c].method, expected.score_maps[c].method);
    EXPECT_EQ(s.score_maps[c].slope, expected.score_maps[c].slope);
    EXPECT_EQ(s.score_maps[c].offset, expected.score_maps[c].offset);
    EXPECT_EQ(s.score_maps[c].steps, expected.score_maps[c].steps);
  }
  EXPECT_EQ(s.conf, expected.conf);
  EXPECT_EQ(s.sigma, 0.4);
  EXPECT_EQ(s.iou, 0.55);
  EXPECT_TRUE(s.agnostic);
  EXPECT_EQ(s.max_det, 120);
}

TEST(DetectorJson, EveryMissingFieldIsNamed) {
  const Json whole = run_json();
  for (const auto& [part, fields] : whole.items()) {
    EXPECT_THAT(refusal([&](Json& json) { json.erase(part); }),
                AllOf(HasSubstr("a/run.json"), HasSubstr(part)));
    for (const auto& [name, value] : fields.items()) {
      // For readers of the file; the program needs them not.
      if (name == "exif" || name == "kind" || (part == "calibration" && name == "method")) continue;
      EXPECT_THAT(refusal([&](Json& json) { json[part].erase(name); }),
                  AllOf(HasSubstr("a/run.json"), HasSubstr(name)));
    }
  }
}

TEST(DetectorJson, AFieldOfAnyOtherTypeIsRefused) {
  const Json whole = run_json();
  for (const auto& [part, fields] : whole.items()) {
    for (const auto& [name, value] : fields.items()) {
      if (name == "exif" || name == "kind" || (part == "calibration" && name == "method")) continue;
      for (const Json& other : {Json("text"), Json(nullptr), Json{{"a", 1}}, Json{"text"}}) {
        EXPECT_THAT(refusal([&](Json& json) { json[part][name] = other; }), HasSubstr("a/run.json"))
            << part << "." << name << " = " << json_text(other);
      }
    }
  }
}

TEST(DetectorJson, GeometryThatDoesNotFitIsRefused) {
  const auto refused = [](const char* part, const char* name, const Json& value) {
    EXPECT_THAT(refusal([&](Json& json) { json[part][name] = value; }), HasSubstr("a/run.json"))
        << name << " = " << json_text(value);
  };
  for (const Json& frame : {Json{96}, Json{96, 64, 3}, Json{0, 0}, Json{100, 64}, Json{-96, 64},
                            Json{96.5, 64}, Json{1e300, 64}}) {
    refused("preprocessing", "frame", frame);
  }
  refused("preprocessing", "frame", {8192, 64});
  refused("preprocessing", "frame", {64, 1 << 20});
  refused("preprocessing", "tile_scale", -1);
  refused("preprocessing", "tile_scale", 1e9);
  refused("preprocessing", "tile_overlap", 0.9);
  for (const Json& strides :
       {Json::array(), Json{8, 16}, Json{8, 16, 64}, Json{32, 16, 8}, Json{0, 0, 0}}) {
    refused("head", "strides", strides);
  }
  for (const Json& channels : {Json{0, 12}, Json{0, 12, 0}, Json{0, 12, -16}, Json{0, 12, 1e12}}) {
    refused("head", "map_channels", channels);
  }
  for (const Json& channels : {Json(0), Json(-16), Json(20), Json(std::int64_t{1} << 40)}) {
    refused("head", "channels", channels);
  }
}

TEST(DetectorJson, ListsThatDoNotFitTheClassesAreRefused) {
  EXPECT_THAT(refusal([](Json& json) {
                json["thresholds"]["conf"] = {0.5, 0.5};
              }),
              AllOf(HasSubstr("2 thresholds"), HasSubstr("3 classes")));
  EXPECT_THAT(refusal([](Json& json) { json["calibration"]["maps"].erase(0); }),
              AllOf(HasSubstr("2 calibration maps"), HasSubstr("3 classes")));
}

TEST(DetectorJson, CalibrationThatIsNoneIsRefused) {
  const auto with_map = [](const Json& map) {
    return refusal([&](Json& json) { json["calibration"]["maps"][1] = map; });
  };
  EXPECT_THAT(with_map({{"method", "magic"}}), HasSubstr("'magic'"));
  EXPECT_THAT(with_map({{"method", "platt"}, {"slope", 1}}), HasSubstr("offset"));
  EXPECT_THAT(with_map({{"method", "platt"}, {"slope", -1}, {"offset", 0}}),
              HasSubstr("a/run.json"));
  for (const Json& steps : {Json::array(), Json::array({Json{0.1}}), Json::array({Json{"a", "b"}}),
                            Json::array({Json{0.5, 0.5}, Json{0.1, 0.6}}),
                            Json::array({Json{0.1, 0.6}, Json{0.5, 0.2}}),
                            Json::array({Json{0.1, 0.6}, Json{0.5, 1.5}})}) {
    EXPECT_THAT(with_map({{"method", "isotonic"}, {"steps", steps}}), HasSubstr("a/run.json"))
        << json_text(steps);
  }
}

TEST(DetectorJson, SuppressionAndThresholdsOutOfRangeAreRefused) {
  const auto refused = [](const char* part, const char* name, const Json& value) {
    EXPECT_THAT(refusal([&](Json& json) { json[part][name] = value; }),
                AllOf(HasSubstr("a/run.json"), HasSubstr(name)))
        << json_text(value);
  };
  refused("suppression", "sigma", -0.1);
  refused("suppression", "iou", -0.1);
  refused("suppression", "iou", 1.1);
  refused("suppression", "max_det", 0);
  refused("suppression", "max_det", std::int64_t{1} << 40);
  refused("thresholds", "conf", {0.5, 0.5, -0.1});
  refused("thresholds", "conf", {0.5, 0.5, 3});
}

}  // namespace
}  // namespace preannotate
