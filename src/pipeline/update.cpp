#include "preannotate/pipeline/update.h"

#include <nlohmann/json.hpp>

#include "classifier_training.h"
#include "current_run.h"
#include "detector_data.h"
#include "detector_training.h"
#include "gold_set.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "run_list.h"
#include "training_options.h"
#include "training_set.h"
#include "verdict.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

void check_share(const char* name, double value) {
  if (value >= 0 && value <= 1) return;
  throw UserError(kUsageError, name, " ", value, ": expected a share from 0 to 1, e.g. 0.05");
}

/// A run must not take its own place while it is compared.
void check_output(const fs::path& output, const fs::path& champion) {
  std::error_code ignored;
  if (fs::is_symlink(output, ignored)) {
    throw UserError(kOutputExists, output, " is a link; name a folder for the new run");
  }
  if (fs::equivalent(output, champion, ignored)) {
    throw UserError(kUsageError, "--output ", output,
                    " is the run to go on from; name another folder, both are kept");
  }
}

/// Text in a run's lineage, "" where there is none.
std::string text_at(const Json& lineage, const char* place) {
  if (!lineage.is_object()) return "";
  const Json::json_pointer pointer(place);
  const bool text = lineage.contains(pointer) && lineage.at(pointer).is_string();
  return text ? lineage.at(pointer).get<std::string>() : "";
}

Json trust_json(const std::vector<ReviewerTrust>& reviewers) {
  Json all = Json::array();
  for (const auto& one : reviewers) {
    all.push_back({{"reviewer", one.reviewer},
                   {"accepted", one.accepted},
                   {"edited", one.edited},
                   {"planted_wrong", one.planted_wrong},
                   {"beta", one.beta},
                   {"measured_by", one.measured_by},
                   {"draft_error", one.draft_error},
                   {"weight", one.weight}});
  }
  return all;
}

class Update {
 public:
  explicit Update(const UpdateOptions& options)
      : options_(options),
        champion_(load_run(options.model)),
        link_(current_link(options.current, options.model, options.output)) {
    check_output(options.output, champion_.folder);
  }

  UpdateResult run() {
    read();
    if (const auto known = learned_already()) return nothing_new(*known);
    need_gold();
    return train();
  }

 private:
  void read();
  std::optional<Seed> read_seed_of_run();
  std::optional<RunEntry> learned_already() const;
  UpdateResult nothing_new(const RunEntry& known);
  void need_gold() const;
  UpdateResult train();
  TrainOptions training() const;
  Json lineage(const Verdict& verdict) const;
  Json limits() const;
  void make_current(UpdateResult& result);

  const UpdateOptions& options_;
  const Run champion_;
  CurrentLink link_;
  fs::path data_;  // of the seed; "": none
  ReviewedImages reviewed_;
  std::optional<GoldSet> gold_;
  TrainingSet set_;
};

std::optional<Seed> Update::read_seed_of_run() {
  data_ = options_.data;
  if (data_.empty()) {
    const Json& data = champion_.manifest.data;
    const std::string noted = data.contains("path") && data["path"].is_string()
                                  ? data["path"].get<std::string>()
                                  : std::string();
    data_ = path_from_utf8(noted);
    std::error_code ignored;
    if (noted.empty() || !fs::exists(data_, ignored)) {
      data_.clear();
      log_warning(noted.empty() ? "the run notes no seed: it learns from the answers alone"
                                : "the seed is not at " + printable(noted) +
                                      " any more: it learns from the answers alone (--data SEED)");
      return std::nullopt;
    }
  }
  const std::string& task = champion_.manifest.task;
  Seed seed = read_seed(data_, options_.format, task);
  if (task == "detect") read_missing_sizes(seed.dataset, data_);
  return seed;
}

void Update::read() {
  check_share("--max-class-drop", options_.max_class_drop);
  check_share("--max-forgetting", options_.max_forgetting);
  check_share("--max-wrong-answers", options_.max_wrong_answers);
  const RunManifest& run = champion_.manifest;
  reviewed_ = read_reviewed(options_.reviewed, run.classes, run.task);
  const auto seed = read_seed_of_run();
  if (!options_.gold.empty()) gold_ = read_gold(options_.gold, options_.gold_format, run.task);
  set_ = training_set(seed ? &*seed : nullptr, reviewed_, champion_,
                      gold_ ? gold_->content : std::unordered_set<std::string>{});
  if (gold_) gold_labels(*gold_, set_.seed.dataset.categories);
  const Json& counts = set_.counts;
  const auto& kinds = counts.at("by_kind");
  log_info("learns from " + human_count(counts.at("images").get<size_t>()) +
           " images: " + std::to_string(kinds.at("seed").get<long>()) + " of the seed, " +
           std::to_string(kinds.at("blind").get<long>()) + " answered blind, " +
           std::to_string(kinds.at("edited").get<long>()) + " edited, " +
           std::to_string(kinds.at("accepted").get<long>()) + " accepted, " +
           std::to_string(kinds.at("rejected").get<long>()) + " rejected");
  if (!gold_) return;
  log_info("gold set: " + std::to_string(gold_->sha256.size()) + " images, " +
           std::to_string(counts.at("of_gold_left_out").get<long>()) +
           " of them kept out of the training");
}

Json Update::limits() const {
  return {{"max_class_drop", options_.max_class_drop},
          {"max_forgetting", options_.max_forgetting},
          {"max_wrong_answers", options_.max_wrong_answers}};
}

/// The champion itself, or a run made from it that was judged by the same.
std::optional<RunEntry> Update::learned_already() const {
  const Json& own = champion_.manifest.lineage;
  const bool same = own.is_object() ? text_at(own, "/learned/sha256") == set_.digest
                                    : set_.answers == 0 && !set_.seed_changed;
  if (same) {
    RunEntry entry;
    entry.folder = champion_.folder;
    entry.model_version = champion_.manifest.model_version;
    return entry;
  }
  if (!gold_) return std::nullopt;
  const fs::path beside = fs::absolute(options_.output).lexically_normal().parent_path();
  for (auto& entry : runs_in(beside)) {
    const Json& lineage = entry.lineage;
    if (text_at(lineage, "/parent") != champion_.manifest.model_version) continue;
    const bool learned = text_at(lineage, "/learned/sha256") == set_.digest;
    const bool judged = text_at(lineage, "/gold/sha256") == gold_->digest &&
                        lineage.value("limits", Json()) == limits();
    if (learned && judged) return entry;
  }
  return std::nullopt;
}

UpdateResult Update::nothing_new(const RunEntry& known) {
  UpdateResult result;
  result.outcome = "nothing new";
  result.run = known.folder;
  result.model_version = known.model_version;
  result.lineage = known.lineage;
  const std::string name = printable(known.folder.string());
  if (known.model_version == champion_.manifest.model_version) {
    result.reason = name + " has learned from exactly these images and answers";
  } else if (known.lineage.value("promoted", false)) {
    result.reason = name + " has learned from exactly these and was promoted";
    make_current(result);  // a kill may have come between
  } else {
    result.reason = name + " has learned from exactly these and was refused: " +
                    text_at(known.lineage, "/reason");
  }
  return result;
}

void Update::need_gold() const {
  if (gold_) return;
  throw UserError(
      kUsageError, "there are ", human_count(set_.answers),
      " answers to learn from, and without --gold LABELLED nothing says whether that helps: label "
      "a few hundred images that no model is trained on (preannotate select --for audit chooses "
      "them) and keep them for this");
}

TrainOptions Update::training() const {
  TrainOptions options = options_of(champion_.manifest);
  options.data = data_;
  options.output = options_.output;
  options.workers = options_.workers;
  options.batch = options_.batch;
  options.device = options_.device;
  options.cache = options_.cache;
  options.force = options_.force;
  options.allow_skipped = options_.allow_skipped;
  options.decode = options_.decode;
  return options;
}

Json Update::lineage(const Verdict& verdict) const {
  const Json& own = champion_.manifest.lineage;
  const int round = own.is_object() ? own.value("round", 0) : 0;
  return {{"parent", champion_.manifest.model_version},
          {"round", round + 1},
          {"promoted", verdict.promoted},
          {"reason", verdict.reason},
          {"learned", set_.counts},
          {"trust", trust_json(reviewed_.reviewers)},
          {"gold", verdict.gold},
          {"forgetting", verdict.forgetting},
          {"answers", verdict.answers},
          {"limits", limits()}};
}

UpdateResult Update::train() {
  for (const auto& problem : set_.left_out) {
    log_warning(printable(problem.input) + " is not learned from: " + printable(problem.detail));
  }
  UpdateResult result;
  const bool boxes = champion_.manifest.detector.has_value();
  const Continuation continuation{
      champion_, set_.known, [&](const Challenger& challenger) {
        const Verdict verdict =
            boxes ? judge_detector(champion_, challenger, *gold_, options_)
                  : judge_classifier(champion_, challenger, *gold_, set_, options_);
        result.outcome = verdict.promoted ? "promoted" : "refused";
        result.reason = verdict.reason;
        result.lineage = lineage(verdict);
        return result.lineage;
      }};
  const TrainOptions options = training();
  const TrainResult trained = boxes ? train_detector_run(options, set_.seed, &continuation)
                                    : train_classifier_run(options, set_.seed, &continuation);
  result.run = options_.output;
  result.model_version = trained.model_version;
  if (result.outcome == "refused") {
    result.exit_code = kCheckFailed;
    return result;
  }
  make_current(result);
  const bool some = !set_.left_out.empty() && !options_.allow_skipped;
  result.exit_code = some ? kSomeSkipped : trained.exit_code;
  return result;
}

void Update::make_current(UpdateResult& result) {
  // Training took its time: whoever chose another run meanwhile is right.
  link_ = current_link(options_.current, options_.model, options_.output);
  result.current_reason = link_.why_not;
  if (link_.link.empty()) return;
  set_current(link_.link, result.run);
  result.current = link_.link;
}

}  // namespace

UpdateResult update(const UpdateOptions& options) {
  return Update(options).run();
}

}  // namespace preannotate
