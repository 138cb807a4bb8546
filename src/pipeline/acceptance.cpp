#include "acceptance.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "preannotate/quality/class_cost.h"

namespace preannotate {
namespace {

/// Labels that differ between what is drafted of an image and its truth.
int wrong_labels(const std::vector<double>& scores, const std::vector<int>& labels) {
  int wrong = 0;
  for (size_t c = 0; c < scores.size(); ++c) {
    const bool is = std::binary_search(labels.begin(), labels.end(), static_cast<int>(c));
    wrong += (scores[c] >= kLabelThreshold) != is;
  }
  return wrong;
}

JudgedDraft draft_of(const Judged& judged, size_t i, bool one_class) {
  const auto& scores = judged.scores[i];
  JudgedDraft draft;
  draft.image = static_cast<int>(i);
  if (one_class) {
    draft.category = top_class(scores);
    draft.score = scores[static_cast<size_t>(draft.category)];
    draft.right = draft.category == judged.labels[i].at(0);
    return draft;
  }
  draft.score = 1;
  for (const double score : scores) {
    draft.score = std::min(draft.score, std::max(score, 1 - score));
  }
  draft.right = wrong_labels(scores, judged.labels[i]) == 0;
  return draft;
}

/// The images of which there are drafts.
std::vector<JudgedDraft> drafts_of(const Judged& judged, bool one_class) {
  std::vector<JudgedDraft> drafts;
  for (size_t i = 0; i < judged.scores.size(); ++i) {
    if (!judged.scores[i].empty()) drafts.push_back(draft_of(judged, i, one_class));
  }
  return drafts;
}

Json class_json(const std::string& name, const std::optional<double>& score,
                const ClassFigures& counts) {
  return {{"name", name},
          {"score", score ? Json(*score) : Json()},
          {"items", counts.support},
          {"accepted", counts.predicted},
          {"right", counts.hits}};
}

/// ln 0.05 / ln target: so many right ones in a row are rarer than 1 in 20 below the target.
long needed_for(double target) {
  return static_cast<long>(std::ceil(std::log(0.05) / std::log(target)));
}

std::string digits(double value, int count) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", count, value);
  return text;
}

}  // namespace

Acceptance class_acceptance(const Judged& judged, const std::string& task, size_t classes,
                            double precision, std::uint64_t seed) {
  const bool one_class = task == "classify";
  const auto drafts = drafts_of(judged, one_class);
  auto acceptance =
      accept_for_precision(drafts, one_class ? static_cast<int>(classes) : 1, precision, seed);
  if (one_class) return acceptance;
  acceptance.scores.resize(classes, acceptance.scores.at(0));
  acceptance.categories.clear();
  return acceptance;
}

ReviewTime class_review_time(const Judged& judged, const std::string& task, size_t classes,
                             const Acceptance& acceptance) {
  const ClassCost cost;
  const bool one_class = task == "classify";
  ReviewTime time;
  size_t next = 0;
  for (size_t i = 0; i < judged.scores.size(); ++i) {
    if (judged.scores[i].empty()) continue;
    const int wrong = one_class ? !draft_of(judged, i, true).right
                                : wrong_labels(judged.scores[i], judged.labels[i]);
    const double review = cost.verify + wrong * cost.fix;
    const bool unseen = acceptance.taken[next++];
    ++time.images;
    time.unseen += unseen;
    time.by_hand += cost.choose(static_cast<int>(classes)) *
                    static_cast<double>(std::max<size_t>(1, judged.labels[i].size()));
    time.review_all += review;
    time.review_rest += unseen ? 0 : review;
  }
  return time;
}

Json acceptance_json(const Acceptance& acceptance, double target,
                     const std::vector<std::string>& classes, const std::string& drafts,
                     const ReviewTime& time) {
  const auto share = [](auto part, auto whole) {
    return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0.0;
  };
  const auto minutes = [&](double seconds) { return share(seconds, time.images) * 1000 / 60; };
  Json json{{"target_precision", target}, {"per_class", Json::object()}, {"precision", nullptr}};
  for (size_t c = 0; c < classes.size(); ++c) {
    json["per_class"][classes[c]] = acceptance.scores[c] ? Json(*acceptance.scores[c]) : Json();
  }
  if (const auto& precision = acceptance.precision) {
    json["precision"] = {
        {"value", precision->value}, {"low", precision->low}, {"high", precision->high}};
  }
  json["coverage"] = share(acceptance.accepted, acceptance.items);
  json["drafts"] = drafts;
  json["items"] = acceptance.items;
  json["accepted"] = acceptance.accepted;
  json["right"] = acceptance.right;
  json["reachable"] = acceptance.reachable;
  json["needed"] = needed_for(target);
  json["classes"] = Json::array();
  for (size_t c = 0; c < acceptance.categories.size(); ++c) {
    json["classes"].push_back(
        class_json(classes[c], acceptance.scores[c], acceptance.categories[c]));
  }
  json["unseen_share"] = share(time.unseen, time.images);
  json["minutes_per_1000"] = {{"by_hand", minutes(time.by_hand)},
                              {"review_all", minutes(time.review_all)},
                              {"review_rest", minutes(time.review_rest)}};
  return json;
}

Json promise_of(const Json& thresholds) {
  Json promise;
  for (const char* key : {"target_precision", "precision", "coverage"}) {
    promise[key] = thresholds.at(key);
  }
  return promise;
}

std::string acceptance_line(const Json& thresholds) {
  char target[32];
  std::snprintf(target, sizeof target, "%g", thresholds.at("target_precision").get<double>());
  const std::string drafts = thresholds.at("drafts").get<std::string>();
  const std::string items = std::to_string(thresholds.at("items").get<long>());
  const Json& precision = thresholds.at("precision");
  if (precision.is_null()) {
    const double reachable = std::floor(1000 * thresholds.at("reachable").get<double>()) / 1000;
    return std::string("precision ") + target + ": no draft is accepted; " + items + " " + drafts +
           " show at most " + digits(reachable, 3) + ". Ask for less, or label more: it takes " +
           std::to_string(thresholds.at("needed").get<long>()) + " accepted ones, all right";
  }
  return std::string("precision ") + target + ": " +
         std::to_string(thresholds.at("accepted").get<long>()) + " of " + items + " " + drafts +
         " are accepted (" + digits(100 * thresholds.at("coverage").get<double>(), 0) + " %), " +
         digits(precision.at("value").get<double>(), 3) + " of them right (95 % interval " +
         digits(precision.at("low").get<double>(), 3) + "-" +
         digits(precision.at("high").get<double>(), 3) + ")";
}

}  // namespace preannotate
