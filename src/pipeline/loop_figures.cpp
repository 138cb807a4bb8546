#include "loop_figures.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <utility>

namespace preannotate {
namespace {

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

template <class Value>
std::vector<double> of_each(const std::vector<LoopOutcome>& runs, const Value& value) {
  std::vector<double> values;
  for (const auto& run : runs) values.push_back(value(run));
  return values;
}

/// A count of each run as a share of its images.
template <class Count>
Json share(const std::vector<LoopOutcome>& runs, const Count& count) {
  return spread(of_each(runs, [&](const LoopOutcome& run) {
    return static_cast<double>(count(run)) / static_cast<double>(run.images);
  }));
}

Json actions_json(const std::vector<LoopOutcome>& runs) {
  const auto each = [&](long ClassActions::*count) {
    return mean(of_each(runs, [&](const LoopOutcome& run) {
      return static_cast<double>(run.actions.*count) / static_cast<double>(run.images);
    }));
  };
  return {{"class_choose", each(&ClassActions::chosen)},
          {"class_verify", each(&ClassActions::verified)},
          {"class_fix", each(&ClassActions::fixed)},
          {"class_grid", each(&ClassActions::looked)},
          {"class_click", each(&ClassActions::clicked)},
          {"load", each(&ClassActions::pages)}};
}

/// Round by round, over the runs that have so many.
Json curve_of(const std::vector<LoopOutcome>& runs, const ClassCost& cost, int classes) {
  Json curve = Json::array();
  for (size_t round = 0;; ++round) {
    std::vector<double> labelled, error, seconds;
    for (const auto& run : runs) {
      // The last model of all has nothing left to draft.
      if (round >= run.rounds.size() || run.rounds[round].labelled >= run.images) continue;
      labelled.push_back(static_cast<double>(run.rounds[round].labelled));
      error.push_back(run.rounds[round].draft_error);
      seconds.push_back(run.rounds[round].actions.seconds(cost, classes) /
                        static_cast<double>(run.images));
    }
    if (labelled.empty()) return curve;
    curve.push_back({{"runs", labelled.size()},
                     {"labelled", mean(labelled)},
                     {"draft_error", mean(error)},
                     {"seconds_per_image", mean(seconds)}});
  }
}

constexpr std::pair<const char*, long CorrectionEffort::*> kEffortCounts[] = {
    {"objects", &CorrectionEffort::objects}, {"shown", &CorrectionEffort::shown},
    {"right", &CorrectionEffort::right},     {"badly_placed", &CorrectionEffort::badly_placed},
    {"swapped", &CorrectionEffort::swapped}, {"false_boxes", &CorrectionEffort::false_boxes},
    {"missed", &CorrectionEffort::missed},
};

CorrectionEffort sum_of(const std::vector<BoxRound>& rounds) {
  CorrectionEffort sum;
  for (const auto& round : rounds) {
    sum.images += round.effort.images;
    sum.seconds += round.effort.seconds;
    sum.seconds_manual += round.effort.seconds_manual;
    for (const auto& [name, count] : kEffortCounts) sum.*count += round.effort.*count;
  }
  return sum;
}

/// Of the batches that a model drafted.
Json box_curve(const std::vector<std::vector<BoxRound>>& runs) {
  Json curve = Json::array();
  for (size_t i = 1;; ++i) {
    std::vector<double> labelled, images, map50, seconds, saved;
    for (const auto& run : runs) {
      if (i >= run.size()) continue;
      const auto& effort = run[i].effort;
      labelled.push_back(static_cast<double>(run[i].labelled));
      images.push_back(static_cast<double>(effort.images));
      map50.push_back(run[i].map50);
      seconds.push_back(effort.seconds / static_cast<double>(effort.images));
      saved.push_back(effort.seconds_manual > 0 ? 1 - effort.seconds / effort.seconds_manual : 0);
    }
    if (labelled.empty()) return curve;
    curve.push_back({{"runs", labelled.size()},
                     {"labelled", mean(labelled)},
                     {"images", mean(images)},
                     {"map50", mean(map50)},
                     {"seconds_per_image", mean(seconds)},
                     {"saved_share", mean(saved)}});
  }
}

}  // namespace

Json spread(const std::vector<double>& values) {
  if (values.empty()) return nullptr;
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return {{"value", mean(values)}, {"low", *least}, {"high", *most}};
}

Json box_loop_figures(const std::vector<std::vector<BoxRound>>& runs) {
  std::vector<double> seconds, manual, saved;
  std::map<std::string, std::vector<double>> counts;
  for (const auto& run : runs) {
    const CorrectionEffort all = sum_of(run);
    const auto images = static_cast<double>(all.images);
    seconds.push_back(all.seconds / images);
    manual.push_back(all.seconds_manual / images);
    saved.push_back(all.seconds_manual > 0 ? 1 - all.seconds / all.seconds_manual : 0);
    for (const auto& [name, count] : kEffortCounts) {
      counts[name].push_back(static_cast<double>(all.*count) / images);
    }
  }
  Json loop{{"seconds_per_image", spread(seconds)},
            {"manual_seconds_per_image", spread(manual)},
            {"saved_share", spread(saved)}};
  for (const auto& [name, count] : kEffortCounts) loop["counts"][name] = mean(counts[name]);
  return {{"loop", loop}, {"curve", box_curve(runs)}};
}

Json class_loop_figures(const std::vector<LoopOutcome>& runs, double max_error,
                        const ClassCost& cost, int classes) {
  long certified = 0, broken = 0;
  for (const auto& run : runs) {
    certified += run.certified;
    broken += run.certified && run.residual > max_error * (1 + 1e-12);
  }
  const auto seconds = [&](const ClassActions& actions, const LoopOutcome& run) {
    return actions.seconds(cost, classes) / static_cast<double>(run.images);
  };
  Json each = Json::array();
  for (const auto& run : runs) {
    each.push_back({{"seconds_per_image", seconds(run.actions, run)},
                    {"residual_error", run.residual},
                    {"bound", run.bound},
                    {"certified", run.certified},
                    {"models", run.rounds.size()},
                    {"sample", run.sample},
                    {"caught", run.caught},
                    {"planted", run.planted},
                    {"planted_passed", run.planted_passed}});
  }
  using Run = const LoopOutcome&;
  Json loop{
      {"seconds_per_image", spread(of_each(runs, [&](Run r) { return seconds(r.actions, r); }))},
      {"answers_per_image", share(runs, [](Run r) { return r.actions.one_by_one(); })},
      {"seen_share", share(runs, [](Run r) { return r.seen; })},
      {"in_pages_share", share(runs, [](Run r) { return r.in_pages; })},
      {"unseen_share", share(runs, [](Run r) { return r.unseen; })},
      {"residual_error", spread(of_each(runs, [](Run r) { return r.residual; }))},
      {"certified", certified},
      {"broken", broken},
      {"actions", actions_json(runs)},
      {"sample", mean(of_each(runs, [](Run r) { return static_cast<double>(r.sample); }))},
      {"planted", mean(of_each(runs, [](Run r) { return static_cast<double>(r.planted); }))},
      {"planted_passed",
       mean(of_each(runs, [](Run r) { return static_cast<double>(r.planted_passed); }))}};
  return {{"loop", loop},
          {"manual", {{"seconds_per_image", cost.choose(classes)}}},
          {"drafts_only",
           {{"seconds_per_image",
             spread(of_each(runs, [&](Run r) { return seconds(r.drafts_only, r); }))}}},
          {"curve", curve_of(runs, cost, classes)},
          {"runs", each}};
}

}  // namespace preannotate
