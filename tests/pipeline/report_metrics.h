#pragma once

#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "preannotate/pipeline/report.h"

/// Made-up figures for the tests of the report.
namespace preannotate::testing_support {

inline Json per_class(const std::vector<std::string>& classes) {
  Json list = Json::array();
  for (size_t c = 0; c < classes.size(); ++c) {
    const double recall = 0.5 + 0.5 * static_cast<double>(c) / static_cast<double>(classes.size());
    list.push_back({{"name", classes[c]},
                    {"support", 10},
                    {"predicted", 10},
                    {"precision", recall},
                    {"recall", recall},
                    {"f1", recall}});
  }
  return list;
}

inline Json confusion(size_t classes) {
  Json matrix = Json::array();
  for (size_t t = 0; t < classes; ++t) {
    matrix.push_back(std::vector<int>(classes, 0));
    matrix[t][t] = 8;
    matrix[t][(t + 1) % classes] = 2;
  }
  return matrix;
}

inline Json validation_of(const std::vector<std::string>& classes) {
  return {{"method", "5-fold out-of-fold"},
          {"items", 300},
          {"accuracy", {{"value", 0.803}, {"low", 0.754}, {"high", 0.845}}},
          {"macro_f1", 0.7912},
          {"log_loss", 0.6123},
          {"brier", 0.2871},
          {"brier_interval", {{"value", 0.2871}, {"low", 0.236}, {"high", 0.344}}},
          {"ece", {{"value", 0.034}, {"low", 0.021}, {"high", 0.078}}},
          {"ece_if_calibrated", {{"mean", 0.031}, {"high", 0.052}}},
          {"ece_before_calibration", 0.051},
          {"temperature", 1.13},
          {"per_class", per_class(classes)},
          {"confusion", confusion(classes.size())},
          {"reliability",
           {{{"low", 0.4}, {"high", 0.6}, {"items", 120}, {"confidence", 0.5}, {"accuracy", 0.52}},
            {{"low", 0.6}, {"high", 0.8}, {"items", 0}, {"confidence", 0}, {"accuracy", 0}},
            {{"low", 0.8}, {"high", 1}, {"items", 180}, {"confidence", 0.9}, {"accuracy", 0.88}}}}};
}

inline Json thresholds_of(const std::vector<std::string>& classes) {
  Json json{{"target_precision", 0.95},
            {"per_class", Json::object()},
            {"precision", {{"value", 0.9634}, {"low", 0.915}, {"high", 0.988}}},
            {"coverage", 0.58},
            {"drafts", "images"},
            {"items", 250},
            {"accepted", 145},
            {"right", 140},
            {"reachable", 0.981},
            {"needed", 59},
            {"classes", Json::array()},
            {"unseen_share", 0.58},
            {"minutes_per_1000", {{"by_hand", 50.1}, {"review_all", 34.2}, {"review_rest", 14.9}}}};
  for (size_t c = 0; c < classes.size(); ++c) {
    const Json score = c == 0 ? Json() : Json(0.8765);
    json["per_class"][classes[c]] = score;
    json["classes"].push_back({{"name", classes[c]},
                               {"score", score},
                               {"items", 125},
                               {"accepted", c == 0 ? 0 : 90},
                               {"right", c == 0 ? 0 : 88}});
  }
  return json;
}

/// Every part that train writes.
inline Json whole(const std::vector<std::string>& classes = {"cat", "dog"}) {
  Json counts = Json::object();
  for (const auto& name : classes) counts[name] = 30;
  const auto point = [](double lambda, double loss) {
    return Json{
        {"lambda", lambda}, {"log_loss", loss}, {"accuracy", 0.8}, {"log_loss_error", 0.02}};
  };
  return {
      {"format_version", 1},
      {"tool_version", "0.1.0"},
      {"task", "classify"},
      {"classes", classes},
      {"data",
       {{"path", "photos/seed"},
        {"images", 300},
        {"per_class", counts},
        {"left_out",
         {{{"image", "cat/7.jpg"}, {"reason", "truncated"}, {"detail", "cat/7.jpg ends early"}}}}}},
      {"backbone",
       {{"name", "efficientnet_lite0"}, {"sha256", "ab12cd"}, {"input_size", {224, 224}}}},
      {"head",
       {{"features", "embedding+maps"},
        {"dimension", 1712},
        {"lambda", 0.01},
        {"balanced", true},
        {"augment", "light"},
        {"views", 4},
        {"path", {point(0.001, 0.7), point(0.01, 0.61), point(0.1, 0.8)}}}},
      {"feature_choice",
       {{{"features", "embedding"},
         {"imgsz", 224},
         {"log_loss", 0.634},
         {"accuracy", 0.79},
         {"chosen", false}},
        {{"features", "embedding+maps"},
         {"imgsz", 224},
         {"log_loss", 0.612},
         {"accuracy", 0.8},
         {"chosen", true}}}},
      {"validation", validation_of(classes)},
      {"thresholds", thresholds_of(classes)},
      {"fine_tune",
       {{"stages", {"blocks.6", "head"}},
        {"kept", true},
        {"log_loss_before", 0.612},
        {"log_loss_after", 0.574},
        {"weights_moved", {{{"stage", "blocks.6"}, {"relative_change", 0.0123}}}},
        {"epochs", 10}}},
      {"advice", {"Try --imgsz 320."}},
      {"time", {{"total_s", 13}, {"features_s", 11}, {"head_s", 0.6}, {"images_per_s", 27}}}};
}

inline std::vector<ReportPicture> one_picture() {
  return {{"cat/3.jpg", "cat", "dog", 0.97, "\xFF\xD8\xFF"}};
}

inline std::vector<std::string> numbered_classes(int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.push_back("species-" + std::to_string(i) + ".");
  return names;
}

/// Every opening tag that is not closed in order, "" when the page is well formed.
inline std::string unbalanced_tag(const std::string& page) {
  const std::set<std::string> alone{"meta", "img", "line", "rect/", "circle/"};
  std::vector<std::string> open;
  const std::regex tag("<(/?)([a-zA-Z0-9]+)[^>]*?(/?)>");
  for (std::sregex_iterator i(page.begin(), page.end(), tag), end; i != end; ++i) {
    const std::string name = (*i)[2];
    if ((*i)[3] == "/" || alone.contains(name)) continue;
    if ((*i)[1] != "/") {
      open.push_back(name);
    } else if (open.empty() || open.back() != name) {
      return name;
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : open.back();
}

}  // namespace preannotate::testing_support
