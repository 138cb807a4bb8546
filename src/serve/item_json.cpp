#include "item_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "answer_request.h"

namespace preannotate {

namespace {

constexpr size_t kGuesses = 9;

/// Of a planted draft as if it were the model's own: its class has the score that it is shown with,
/// and the class that was best in truth gets what that one had.
std::vector<double> shown_scores(const SessionState& state, size_t item) {
  std::vector<double> scores = state.entry(item).scores;
  if (!state.asked[item].planted || scores.empty()) return scores;
  if (state.drafts.task == "classify") {
    const auto best = std::max_element(scores.begin(), scores.end());
    for (const Label& label : state.shown(item))
      std::iter_swap(best, scores.begin() + label.category);
    return scores;
  }
  for (const Label& label : state.shown(item))
    scores[static_cast<size_t>(label.category)] = label.score.value_or(1);
  return scores;
}

/// [[category, score], ...], the most probable first.
Json guesses(const SessionState& state, size_t item) {
  const auto scores = shown_scores(state, item);
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const size_t shown = std::min(kGuesses, order.size());
  std::partial_sort(
      order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown), order.end(),
      [&](size_t a, size_t b) { return scores[a] != scores[b] ? scores[a] > scores[b] : a < b; });
  Json list = Json::array();
  for (size_t i = 0; i < shown; ++i) list.push_back({order[i], scores[order[i]]});
  return list;
}

}  // namespace

Json item_json(const SessionState& state, size_t item) {
  const Sample& sample = state.entry(item).sample;
  const bool blind = state.asked[item].blind;
  Json json = {{"item", item},
               {"image", sample.image},
               {"width", sample.width},
               {"height", sample.height},
               {"blind", blind},
               {"drafts", Json::array()},
               {"guesses", blind ? Json::array() : guesses(state, item)}};
  for (const Label& label : state.shown(item)) json["drafts"].push_back(page_label(label));
  return json;
}

}  // namespace preannotate
