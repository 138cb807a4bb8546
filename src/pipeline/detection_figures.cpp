#include "preannotate/pipeline/detection_figures.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "ap50_interval.h"
#include "preannotate/core/text.h"
#include "preannotate/metrics/calibration_error.h"
#include "shown_boxes.h"

namespace preannotate {
namespace {

constexpr double kIou = 0.5;
constexpr int kReliabilityBins = 10;
constexpr size_t kCurvePoints = 101;

Json or_null(double figure) {
  return figure < 0 ? Json() : Json(figure);
}

Json share_or_null(long part, long whole) {
  return whole > 0 ? Json(static_cast<double>(part) / static_cast<double>(whole)) : Json();
}

void add_average_precision(Json& json, const CocoFigures& coco) {
  const std::vector<std::pair<const char*, double>> figures{{"map", coco.ap},
                                                            {"map50", coco.ap50},
                                                            {"map75", coco.ap75},
                                                            {"map_small", coco.ap_small},
                                                            {"map_medium", coco.ap_medium},
                                                            {"map_large", coco.ap_large},
                                                            {"ar1", coco.ar1},
                                                            {"ar10", coco.ar10},
                                                            {"ar100", coco.ar100},
                                                            {"ar_small", coco.ar_small},
                                                            {"ar_medium", coco.ar_medium},
                                                            {"ar_large", coco.ar_large}};
  for (const auto& [name, figure] : figures) json[name] = or_null(figure);
}

Json reliability_json(const std::vector<DetectionImage>& images) {
  std::vector<double> score;
  std::vector<int> right;
  for (const auto& match : match_boxes(images, kIou)) {
    if (match.ignored) continue;
    score.push_back(
        images[static_cast<size_t>(match.image)].drafts[static_cast<size_t>(match.draft)].score);
    right.push_back(match.truth >= 0);
  }
  Json list = Json::array();
  for (const auto& bin : reliability(score, right, kReliabilityBins)) {
    list.push_back({{"low", bin.low},
                    {"high", bin.high},
                    {"items", bin.items},
                    {"confidence", bin.confidence},
                    {"accuracy", bin.accuracy}});
  }
  return list;
}

void add_calibration(Json& json, const JudgedBoxes& judged, int classes) {
  const auto& before = judged.uncalibrated;
  json["d_ece"] = or_null(detection_calibration_error(judged.boxes, kIou, kReliabilityBins));
  json["la_ece"] = or_null(localisation_calibration_error(judged.boxes, classes));
  json["d_ece_before_calibration"] =
      or_null(detection_calibration_error(before, kIou, kReliabilityBins));
  json["la_ece_before_calibration"] = or_null(localisation_calibration_error(before, classes));
  json["reliability"] = reliability_json(judged.boxes);
}

/// How the shown drafts of one category fare at IoU 0.5.
struct Found {
  long shown = 0, right = 0;
};

std::vector<Found> found_by_category(const std::vector<DetectionImage>& images,
                                     const std::vector<double>& conf) {
  const auto shown = shown_boxes(images, conf);
  std::vector<Found> found(conf.size());
  for (const auto& match : match_boxes(shown, kIou)) {
    if (match.ignored) continue;
    const auto& drafts = shown[static_cast<size_t>(match.image)].drafts;
    auto& category = found[static_cast<size_t>(drafts[static_cast<size_t>(match.draft)].category)];
    ++category.shown;
    category.right += match.truth >= 0;
  }
  return found;
}

void add_counts(Json& json, const CorrectionEffort& effort) {
  json["right"] = effort.right;
  json["badly_placed"] = effort.badly_placed;
  json["swapped"] = effort.swapped;
  json["false_boxes"] = effort.false_boxes;
  json["missed"] = effort.missed;
}

Json class_figures(const std::vector<DetectionImage>& images,
                   const std::vector<std::string>& classes, const std::vector<double>& conf,
                   const CocoFigures& coco) {
  const auto efforts = correction_effort_by_category(images, conf);
  const auto found = found_by_category(images, conf);
  Json list = Json::array();
  for (size_t c = 0; c < classes.size(); ++c) {
    Json entry{{"name", classes[c]},
               {"objects", efforts[c].objects},
               {"map", or_null(coco.class_ap[c])},
               {"map50", or_null(coco.class_ap50[c])},
               {"ar100", or_null(coco.class_ar100[c])},
               {"conf", conf[c]},
               {"precision", share_or_null(found[c].right, found[c].shown)},
               {"recall", share_or_null(found[c].right, efforts[c].objects)}};
    add_counts(entry, efforts[c]);
    list.push_back(std::move(entry));
  }
  return list;
}

/// The first entry that reaches each of evenly spaced recalls, and the last.
Json thinned_curve(const PrecisionRecall& curve, const std::string& name) {
  Json json{{"name", name}, {"recall", Json::array()}, {"precision", Json::array()}};
  const size_t size = curve.recall.size();
  const auto keep = [&](size_t i) {
    json["recall"].push_back(curve.recall[i]);
    json["precision"].push_back(curve.precision[i]);
  };
  if (size <= kCurvePoints) {
    for (size_t i = 0; i < size; ++i) keep(i);
    return json;
  }
  size_t at = 0;
  constexpr size_t kSteps = kCurvePoints - 2;
  for (size_t step = 0; step <= kSteps; ++step) {
    const double wanted = curve.recall.back() * static_cast<double>(step) / kSteps;
    size_t next = at;
    while (next + 1 < size && curve.recall[next] < wanted) ++next;
    if (step == 0 || next > at) keep(next);
    at = next;
  }
  if (at + 1 < size) keep(size - 1);
  return json;
}

Json curves_json(const std::vector<DetectionImage>& images,
                 const std::vector<std::string>& classes) {
  Json list = Json::array();
  for (size_t c = 0; c < classes.size(); ++c) {
    const auto curve = precision_recall(images, static_cast<int>(c), kIou);
    if (!curve.recall.empty()) list.push_back(thinned_curve(curve, classes[c]));
  }
  return list;
}

Json an_image(double seconds, long images) {
  return images > 0 ? Json(seconds / static_cast<double>(images)) : Json();
}

Json effort_json(const std::vector<DetectionImage>& images, const std::vector<double>& conf,
                 const BoxCost& cost) {
  const auto effort = correction_effort(images, conf, cost);
  Json json{{"cost",
             {{"draw", cost.draw},
              {"verify", cost.verify},
              {"adjust", cost.adjust},
              {"remove", cost.remove},
              {"reclass", cost.reclass},
              {"scan", cost.scan},
              {"load", cost.load}}},
            {"seconds_per_image", an_image(effort.seconds, effort.images)},
            {"manual_seconds_per_image", an_image(effort.seconds_manual, effort.images)},
            {"saved_share",
             effort.seconds_manual > 0 ? Json(1 - effort.seconds / effort.seconds_manual) : Json()},
            {"shown", effort.shown}};
  add_counts(json, effort);
  json["curve"] = Json::array();
  for (const auto& point : effort_curve(images, static_cast<int>(conf.size()), cost)) {
    Json entry{{"conf", point.threshold},
               {"seconds_per_image", an_image(point.effort.seconds, point.effort.images)},
               {"shown", point.effort.shown}};
    add_counts(entry, point.effort);
    json["curve"].push_back(std::move(entry));
  }
  return json;
}

std::string digits(double value, int count) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", count, value);
  return text;
}

/// "name 0.540", with ", " before it; "" when the figure is not there.
std::string figure_words(const Json& validation, const char* key, const char* name, int count) {
  if (!validation.contains(key) || !validation.at(key).is_number()) return "";
  return std::string(", ") + name + " " + digits(validation.at(key).get<double>(), count);
}

std::string saved_words(const Json& validation) {
  const Json share = validation.value("effort", Json::object()).value("saved_share", Json());
  if (!share.is_number()) return "";
  const double percent = std::round(100 * share.get<double>());
  return percent >= 0 ? ", " + digits(percent, 0) + " % of the time saved"
                      : ", " + digits(-percent, 0) + " % more time than drawing everything";
}

std::string counted(const Json& count, const std::string& noun) {
  const long n = count.get<long>();
  return ", " + std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

}  // namespace

Json detection_figures(const JudgedBoxes& judged, const std::vector<std::string>& classes,
                       const std::vector<double>& conf, const BoxCost& cost,
                       const std::string& method, std::uint64_t seed) {
  const int count = static_cast<int>(classes.size());
  const auto coco = coco_figures(judged.boxes, count);
  long objects = 0;
  for (const auto& image : judged.boxes) {
    for (const auto& truth : image.truth) objects += !truth.crowd;
  }
  Json json{{"method", method}, {"items", judged.boxes.size()}, {"objects", objects}};
  add_average_precision(json, coco);
  json["map50_interval"] = Json();
  if (coco.ap50 >= 0) {
    const auto interval = ap50_interval(judged.boxes, count, coco.ap50, seed);
    json["map50_interval"] = {
        {"value", interval.value}, {"low", interval.low}, {"high", interval.high}};
  }
  add_calibration(json, judged, count);
  json["per_class"] = class_figures(judged.boxes, classes, conf, coco);
  json["curves"] = curves_json(judged.boxes, classes);
  json["effort"] = effort_json(judged.boxes, conf, cost);
  return json;
}

std::string detection_line(const Json& validation) {
  std::string line = figure_words(validation, "map50", "AP50", 3);
  const Json interval = validation.value("map50_interval", Json());
  if (!line.empty() && interval.is_object()) {
    line += " (95 % interval " + digits(interval.at("low").get<double>(), 2) + "-" +
            digits(interval.at("high").get<double>(), 2) + ")";
  }
  line += figure_words(validation, "map", "AP", 2) + figure_words(validation, "d_ece", "D-ECE", 2) +
          saved_words(validation) + counted(validation.at("items"), "image") +
          counted(validation.at("objects"), "object");
  return line.substr(2);
}

}  // namespace preannotate
