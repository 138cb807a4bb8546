#include "preannotate/pipeline/figures.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "preannotate/core/text.h"
#include "preannotate/metrics/accuracy.h"
#include "preannotate/metrics/average_precision.h"
#include "preannotate/metrics/calibration_error.h"

namespace preannotate {

namespace {

Json as_json(const Interval& interval) {
  return {{"value", interval.value}, {"low", interval.low}, {"high", interval.high}};
}

Json as_json(const ClassFigures& figures, const std::string& name) {
  return {{"name", name},
          {"support", figures.support},
          {"predicted", figures.predicted},
          {"precision", figures.has_precision ? Json(figures.precision) : Json()},
          {"recall", figures.has_recall ? Json(figures.recall) : Json()},
          {"f1", figures.f1}};
}

Json as_json(const std::vector<ReliabilityBin>& bins) {
  Json list = Json::array();
  for (const auto& bin : bins) {
    list.push_back({{"low", bin.low},
                    {"high", bin.high},
                    {"items", bin.items},
                    {"confidence", bin.confidence},
                    {"accuracy", bin.accuracy}});
  }
  return list;
}

/// Confidence of each decision that was made, and whether it was right.
struct Confidences {
  std::vector<double> confidence;
  std::vector<int> right;
};

void add_calibration(Json& json, const Confidences& c, std::uint64_t seed) {
  if (c.confidence.empty()) return;
  json["ece"] = as_json(expected_calibration_error(c.confidence, c.right, seed));
  const Interval calibrated = ece_if_calibrated(c.confidence, seed);
  json["ece_if_calibrated"] = {{"mean", calibrated.value}, {"high", calibrated.high}};
  json["reliability"] = as_json(reliability(c.confidence, c.right));
}

Json classify_figures(const Judged& judged, const std::vector<std::string>& classes,
                      std::uint64_t seed) {
  std::vector<int> truth, predicted;
  std::vector<std::vector<double>> scored;
  std::vector<int> scored_truth;
  Confidences confidences;
  for (size_t i = 0; i < judged.labels.size(); ++i) {
    truth.push_back(judged.labels[i].at(0));
    predicted.push_back(top_class(judged.scores[i]));
    if (predicted[i] < 0) continue;
    scored.push_back(judged.scores[i]);
    scored_truth.push_back(truth[i]);
    confidences.confidence.push_back(judged.scores[i][static_cast<size_t>(predicted[i])]);
    confidences.right.push_back(predicted[i] == truth[i]);
  }
  const auto figures = accuracy_of(truth, predicted, static_cast<int>(classes.size()));
  Json json{{"items", figures.items},
            {"accuracy", as_json(figures.accuracy)},
            {"macro_f1", figures.macro_f1},
            {"per_class", Json::array()},
            {"confusion", figures.confusion}};
  if (!scored.empty()) {
    json["log_loss"] = log_loss(scored, scored_truth);
    const Interval brier = brier_interval(scored, scored_truth, seed);
    json["brier"] = brier.value;
    json["brier_interval"] = as_json(brier);
  }
  add_calibration(json, confidences, seed);
  for (size_t c = 0; c < classes.size(); ++c) {
    json["per_class"].push_back(as_json(figures.classes[c], classes[c]));
  }
  return json;
}

Json multilabel_json(const Judged& judged, const std::vector<std::string>& classes,
                     std::uint64_t seed) {
  const auto truth = label_matrix(judged.labels, classes.size());
  auto scores = judged.scores;
  std::vector<std::vector<int>> predicted(scores.size(), std::vector<int>(classes.size(), 0));
  Confidences confidences;
  for (size_t i = 0; i < scores.size(); ++i) {
    scores[i].resize(classes.size(), 0.0);
    for (size_t c = 0; c < classes.size(); ++c) {
      predicted[i][c] = scores[i][c] >= kLabelThreshold;
      if (judged.scores[i].empty()) continue;
      confidences.confidence.push_back(std::max(scores[i][c], 1 - scores[i][c]));
      confidences.right.push_back(predicted[i][c] == truth[i][c]);
    }
  }
  const auto figures = multilabel_figures(truth, predicted, static_cast<int>(classes.size()));
  const auto precision = mean_average_precision(truth, scores);
  Json json{{"items", figures.items},       {"exact_match", as_json(figures.exact_match)},
            {"map", precision.map},         {"micro_f1", figures.micro_f1},
            {"macro_f1", figures.macro_f1}, {"log_loss", binary_log_loss(scores, truth)},
            {"per_class", Json::array()}};
  add_calibration(json, confidences, seed);
  for (size_t c = 0; c < classes.size(); ++c) {
    Json entry = as_json(figures.classes[c], classes[c]);
    const double ap = precision.per_class[c];
    entry["average_precision"] = ap < 0 ? Json() : Json(ap);
    json["per_class"].push_back(entry);
  }
  return json;
}

std::string share(const Json& interval) {
  char text[96];
  std::snprintf(text, sizeof text, "%.3f (95 %% interval %.3f-%.3f)",
                interval.at("value").get<double>(), interval.at("low").get<double>(),
                interval.at("high").get<double>());
  return text;
}

std::string three_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", value);
  return text;
}

std::string names_of(const std::vector<int>& labels, const std::vector<std::string>& classes) {
  if (labels.empty()) return "(none)";
  std::vector<std::string> names;
  for (const int label : labels) names.push_back(classes[static_cast<size_t>(label)]);
  return join_names(names);
}

/// The label that the head got most confidently wrong; score 0 when every label is right.
Mistake multilabel_mistake(const Judged& judged, size_t i,
                           const std::vector<std::string>& classes) {
  Mistake mistake{i, names_of(judged.labels[i], classes), "", 0};
  std::vector<int> drafted;
  for (size_t c = 0; c < judged.scores[i].size(); ++c) {
    const bool is =
        std::binary_search(judged.labels[i].begin(), judged.labels[i].end(), static_cast<int>(c));
    const double score = judged.scores[i][c];
    if (score >= kLabelThreshold) drafted.push_back(static_cast<int>(c));
    if ((score >= kLabelThreshold) != is) {
      mistake.score = std::max(mistake.score, std::max(score, 1 - score));
    }
  }
  mistake.predicted = names_of(drafted, classes);
  return mistake;
}

}  // namespace

std::vector<std::vector<int>> label_matrix(const std::vector<std::vector<int>>& labels,
                                           size_t classes) {
  std::vector<std::vector<int>> matrix(labels.size(), std::vector<int>(classes, 0));
  for (size_t i = 0; i < labels.size(); ++i) {
    for (const int category : labels[i]) matrix[i][static_cast<size_t>(category)] = 1;
  }
  return matrix;
}

int top_class(const std::vector<double>& scores) {
  if (scores.empty()) return -1;
  return static_cast<int>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

Json validation_figures(const Judged& judged, const std::string& task,
                        const std::vector<std::string>& classes, const std::string& method,
                        std::uint64_t seed) {
  Json json = task == "classify" ? classify_figures(judged, classes, seed)
                                 : multilabel_json(judged, classes, seed);
  Json figures{{"method", method}};
  figures.update(json);
  return figures;
}

std::string figures_line(const Json& validation) {
  std::string line;
  if (validation.contains("accuracy")) {
    line = "accuracy " + share(validation.at("accuracy"));
  } else {
    line = "mAP " + three_digits(validation.at("map").get<double>()) + ", all labels right " +
           share(validation.at("exact_match"));
  }
  line += ", macro F1 " + three_digits(validation.at("macro_f1").get<double>());
  if (validation.contains("ece")) {
    line += ", ECE " + three_digits(validation.at("ece").at("value").get<double>());
  }
  return line + ", " + std::to_string(validation.at("items").get<long>()) + " images";
}

std::vector<Mistake> worst_mistakes(const Judged& judged, const std::string& task,
                                    const std::vector<std::string>& classes, size_t limit) {
  std::vector<Mistake> mistakes;
  for (size_t i = 0; i < judged.scores.size(); ++i) {
    if (judged.scores[i].empty()) continue;
    if (task != "classify") {
      auto mistake = multilabel_mistake(judged, i, classes);
      if (mistake.score > 0) mistakes.push_back(std::move(mistake));
      continue;
    }
    const int predicted = top_class(judged.scores[i]);
    if (predicted == judged.labels[i].at(0)) continue;
    mistakes.push_back({i, names_of(judged.labels[i], classes),
                        classes[static_cast<size_t>(predicted)],
                        judged.scores[i][static_cast<size_t>(predicted)]});
  }
  std::stable_sort(mistakes.begin(), mistakes.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  if (mistakes.size() > limit) mistakes.resize(limit);
  return mistakes;
}

}  // namespace preannotate
