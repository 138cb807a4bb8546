#include "preannotate/serve/review_session.h"

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

#include "answer_request.h"
#include "item_json.h"
#include "preannotate/core/error.h"
#include "preannotate/core/text.h"
#include "session_state.h"

namespace preannotate {

namespace {

constexpr std::int64_t kMostItems = 500;
constexpr double kLongest_s = 86'400;

ReviewQueue::Time now() {
  return std::chrono::steady_clock::now();
}

std::string reviewer_of(const Json& request) {
  return checked_name(string_field(request, "reviewer", "request"), kBadInput);
}

size_t count_of(const Json& request) {
  const auto count = int_field(request, "count", "request");
  if (count < 1 || count > kMostItems)
    throw UserError(kBadInput, "field 'count' is ", count, ", expected 1 to ", kMostItems);
  return static_cast<size_t>(count);
}

/// Items of the page; those that this session does not have hold nothing.
std::set<size_t> held_by_page(const Json& request) {
  std::set<size_t> items;
  if (!request.contains("except")) return items;
  for (const double item : numbers_field(request, "except", "request")) {
    if (item >= 0 && item < 1e9) items.insert(static_cast<size_t>(item));
  }
  return items;
}

/// The class whose grid is asked for.
std::optional<int> group_of(const Json& request, const SessionState& state) {
  const auto mode = string_field(request, "mode", "request");
  if (mode != "single" && mode != "grid")
    throw UserError(kBadInput, "field 'mode' is '", mode, "', expected single or grid");
  if (!request.contains("category") || request["category"].is_null()) {
    if (mode == "grid") throw UserError(kBadInput, "a grid needs field 'category'");
    return {};
  }
  const auto category = int_field(request, "category", "request");
  if (category < 0 || category >= static_cast<std::int64_t>(state.categories.size()))
    throw UserError(kBadInput, "field 'category' is ", category, ", expected one of the ",
                    state.categories.size(), ", which count from 0");
  return static_cast<int>(category);
}

double seconds_of(const Json& answer) {
  if (!answer.contains("seconds")) return 0;
  const double seconds = number_field(answer, "seconds", "answer");
  if (!(seconds >= 0)) throw UserError(kBadInput, "field 'seconds' is below 0");
  return std::min(seconds, kLongest_s);
}

Json groups_json(const SessionState& state, const std::string& reviewer) {
  Json list = Json::array();
  for (const auto& [group, left] : state.queue.groups_left(reviewer))
    list.push_back({{"category", group}, {"left", left}});
  return list;
}

bool same_said(const Answer& a, const Answer& b) {
  return a.reviewer == b.reviewer && a.action == b.action && a.labels == b.labels;
}

/// Takes what one request answers, item by item.
class Taking {
 public:
  Taking(SessionState& state, std::string reviewer)
      : state_(state), reviewer_(std::move(reviewer)) {}

  void take(const Json& json) {
    Json named = json.is_object() && json.contains("item") ? json["item"] : Json();
    try {
      const size_t item = item_of(json);
      const Answer answer = answer_of(json, item);
      const Answer* before = state_.last(item);
      if (before && same_said(*before, answer)) return;  // the page asked again
      check_free(item, answer);
      if (!items_.insert(item).second)
        throw UserError(kBadInput, "the item stands twice in the request");
      given_.emplace_back(item, answer);
    } catch (const UserError& error) {
      refused_.push_back({{"item", std::move(named)}, {"why", error.what()}});
    }
  }

  Json done() {
    if (!given_.empty()) state_.record(given_);
    return std::move(refused_);
  }

 private:
  size_t item_of(const Json& json) const {
    const auto item = int_field(json, "item", "answer");
    if (item < 0 || static_cast<size_t>(item) >= state_.asked.size())
      throw UserError(kBadInput, "item ", item, " is not one of the ", state_.asked.size(),
                      " of this session");
    return static_cast<size_t>(item);
  }

  Answer answer_of(const Json& json, size_t item) const {
    Answer answer = state_.about(item, reviewer_);
    answer.action = string_field(json, "action", "answer");
    answer.seconds = seconds_of(json);
    if (answer.action == "skipped") return answer;
    if (answer.action != "labels")
      throw UserError(kBadInput, "field 'action' is '", answer.action,
                      "', expected labels or skipped");
    const Sample& sample = state_.entry(item).sample;
    answer.labels = answered_labels(json, {state_.drafts.task, state_.categories.size(),
                                           sample.width, sample.height, answer.drafts});
    return answer;
  }

  /// People correct themselves, but not each other: that would go unseen.
  void check_free(size_t item, const Answer& answer) const {
    if (!state_.queue.decided(item)) return;
    const std::string& decider = state_.queue.decider(item);
    if (decider == reviewer_ && answer.action == "labels") return;
    throw UserError(kBadInput, decider.empty() ? "somebody" : decider,
                    " has answered this image already");
  }

  SessionState& state_;
  const std::string reviewer_;
  std::vector<std::pair<size_t, Answer>> given_;
  std::set<size_t> items_;
  Json refused_ = Json::array();
};

}  // namespace

struct ReviewSession::Guarded {
  explicit Guarded(const SessionOptions& options) : state(options) {}
  SessionState state;
  std::mutex turn;
};

ReviewSession::ReviewSession(const SessionOptions& options)
    : guarded_(std::make_unique<Guarded>(options)) {}

ReviewSession::~ReviewSession() = default;

Json ReviewSession::overview() const {
  const std::lock_guard lock(guarded_->turn);
  const SessionState& state = guarded_->state;
  Json reviewers = Json::array();
  for (const auto& [name, pace] : state.paces) reviewers.push_back(name);
  const auto folder = std::filesystem::absolute(state.drafts.folder).lexically_normal();
  const auto name = folder.has_filename() ? folder.filename() : folder.parent_path().filename();
  return {{"task", state.drafts.task},
          {"categories", state.categories},
          {"folder", utf8_path(name)},
          {"selection", state.options.selection},
          {"model_version", state.drafts.model_version},
          {"total", state.queue.size()},
          {"answered", state.queue.decided()},
          {"grid", state.drafts.task == "classify" && !state.queue.groups_left("").empty()},
          {"reviewers", reviewers},
          {"reviewer", state.options.reviewer}};
}

Json ReviewSession::items(const Json& request) {
  const std::lock_guard lock(guarded_->turn);
  SessionState& state = guarded_->state;
  const auto reviewer = reviewer_of(request);
  const auto group = group_of(request, state);
  const auto items =
      state.queue.take(reviewer, count_of(request), group, held_by_page(request), now());
  Json list = Json::array();
  for (const size_t item : items) list.push_back(item_json(state, item));
  return {{"items", list},
          {"groups", groups_json(state, reviewer)},
          {"left", state.queue.left(reviewer)}};
}

Json ReviewSession::answers(const Json& request) {
  const std::lock_guard lock(guarded_->turn);
  SessionState& state = guarded_->state;
  const auto reviewer = reviewer_of(request);
  const Json& list = field(request, "answers", "request");
  if (!list.is_array()) throw UserError(kBadInput, "field 'answers' is no list");
  Taking taking(state, reviewer);
  for (const Json& json : list) taking.take(json);
  const Json refused = taking.done();
  state.queue.renew(reviewer, now());
  return {{"answered", state.queue.decided()},
          {"left", state.queue.left(reviewer)},
          {"refused", refused}};
}

Json ReviewSession::undo(const Json& request) {
  const std::lock_guard lock(guarded_->turn);
  SessionState& state = guarded_->state;
  const auto reviewer = reviewer_of(request);
  const auto item = state.queue.last_of(reviewer);
  if (!item) return {{"item", nullptr}};
  // Of an item that several skipped nothing may be known any more.
  const Answer* said = state.last(*item);
  const std::string action = said ? said->action : "skipped";
  const std::vector<Label> labels = said ? said->labels : std::vector<Label>();
  Answer undone = state.about(*item, reviewer);
  undone.action = "undone";
  state.record({{*item, undone}});
  state.queue.lease(*item, reviewer, now());
  Json json = item_json(state, *item);
  json["action"] = action;
  json["labels"] = Json::array();
  for (const Label& label : labels) json["labels"].push_back(page_label(label));
  return {
      {"item", json}, {"answered", state.queue.decided()}, {"left", state.queue.left(reviewer)}};
}

Json ReviewSession::progress(const std::string& name) const {
  const std::lock_guard lock(guarded_->turn);
  const SessionState& state = guarded_->state;
  const auto reviewer = checked_name(name, kBadInput);
  Json reviewers = Json::array();
  for (const auto& [other, pace] : state.paces)
    reviewers.push_back(
        {{"name", other}, {"answered", pace.answered()}, {"seconds_mean", pace.seconds_mean()}});
  const auto pace = state.paces.find(reviewer);
  const double seconds = pace == state.paces.end() ? 0 : pace->second.seconds_mean();
  const size_t left = state.queue.left(reviewer);
  return {{"answered", state.queue.decided()},
          {"left", left},
          {"total", state.queue.size()},
          {"seconds_mean", seconds},
          {"left_s", seconds * static_cast<double>(left)},
          {"reviewers", reviewers}};
}

size_t ReviewSession::size() const {
  return guarded_->state.asked.size();
}

PictureFile ReviewSession::picture(size_t item) const {
  const LedgerEntry& entry = guarded_->state.entry(item);
  return {source_of(guarded_->state.drafts, entry.sample.image), entry.sample.image, entry.sha256};
}

std::vector<ReviewerPace> ReviewSession::paces() const {
  const std::lock_guard lock(guarded_->turn);
  std::vector<ReviewerPace> paces;
  for (const auto& [name, pace] : guarded_->state.fresh)
    paces.push_back({name, pace.answered(), pace.seconds_mean()});
  return paces;
}

}  // namespace preannotate
