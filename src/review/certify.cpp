#include "preannotate/review/certify.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "blind_sample.h"
#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/json.h"
#include "preannotate/core/text.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

// A class with fewer answers shares its threshold with the others that have few.
constexpr size_t kLeastAnswers = 30;

void check(const CertifyOptions& options) {
  if (!(options.max_error > 0 && options.max_error < 1))
    throw UserError(kUsageError, "--max-error ", options.max_error,
                    ": expected a share above 0 and below 1, e.g. 0.01");
  if (!(options.confidence > 0 && options.confidence < 1))
    throw UserError(kUsageError, "--confidence ", options.confidence,
                    ": expected a share above 0 and below 1, e.g. 0.95");
}

/// Images that share a threshold.
struct Group {
  std::vector<std::string> classes;  // empty: all
  std::vector<size_t> items;         // of the pool
};

class Certification {
 public:
  explicit Certification(const CertifyOptions& options)
      : options_(options),
        drafts_(read_draft_set(options.drafts)),
        selection_(blind_selection(drafts_, options.selection, "certify")) {
    if (options.per_class && drafts_.task != "classify")
      throw UserError(kUsageError, "--per-class is for drafts of one class an image; these are ",
                      drafts_.task);
    check_same_drafts(selection_, digest_of(drafts_));
  }

  CertifyResult run() {
    read();
    const bool enough = decide(/*only_size=*/true);
    if (enough) {
      take_look();
      decide(/*only_size=*/false);
      move();
      record();
    }
    return std::move(result_);
  }

 private:
  void read();
  void take_look();
  bool decide(bool only_size);
  std::vector<Group> groups() const;
  double max_error() const;
  void move();
  void record();
  Json asked() const;
  Json certificate_json() const;

  const CertifyOptions& options_;
  DraftSet drafts_;
  Selection selection_;
  std::vector<std::string> images_;              // answered
  std::vector<char> settled_, sampled_, wrong_;  // [pool]
  Answers answers_;
  std::vector<double> threshold_;  // [pool] of the image's group
  std::string answers_sha256_;
  CertifyResult result_;
};

void Certification::read() {
  answers_ =
      sample_answers(options_.answers, options_.format, drafts_, selection_, options_.add_classes);
  images_ = answered_first(selection_, answers_);
  answers_sha256_ = digest_of(answers_, images_);
  settled_.assign(drafts_.pool.size(), 0);
  for (const auto& image : selection_.settled) {
    if (const auto at = drafts_.at.find(image); at != drafts_.at.end()) settled_[at->second] = 1;
  }
  result_.settled = static_cast<size_t>(std::ranges::count(settled_, 1));
  sampled_.assign(drafts_.pool.size(), 0);
  wrong_.assign(drafts_.pool.size(), 0);
  for (const auto& image : images_) {
    const size_t item = drafts_.at.at(image);
    sampled_[item] = 1;
    wrong_[item] = !needs_no_edit(drafts_.drafted(item).sample.labels, answers_.labels.at(image),
                                  drafts_.task, options_.iou);
  }
  result_.pool = drafts_.pool.size();
  result_.sampled = images_.size();
  result_.asked = selection_.images.size();
  if (images_.size() < selection_.images.size()) {
    result_.warnings.push_back(
        "the answers go without a gap up to the " + human_count(images_.size()) + "th of " +
        human_count(selection_.images.size()) +
        " images of the sample; only those count, as the others might be the easy ones");
  }
  if (!answers_.foreign.empty()) {
    result_.warnings.push_back(human_count(answers_.foreign.size()) +
                               " answers are for images that the drafts do not have, first " +
                               answers_.foreign.front());
  }
}

Json Certification::asked() const {
  Json json = {{"max_error", options_.max_error},
               {"confidence", options_.confidence},
               {"per_class", options_.per_class}};
  if (drafts_.task == "detect") json["iou"] = options_.iou;
  return json;
}

/// One test a sample, or as many as were planned; the same question again is no new test.
void Certification::take_look() {
  if (selection_.looks == 0) selection_.looks = std::max(1, options_.looks);
  if (options_.looks > 0 && options_.looks != selection_.looks) {
    throw UserError(kUsageError, "--looks ", options_.looks, ": this sample was first used with ",
                    selection_.looks, "; the number cannot be changed once an answer is seen");
  }
  result_.looks = selection_.looks;
  for (size_t i = 0; i < selection_.used.size(); ++i) {
    const Look& look = selection_.used[i];
    if (look.answers_sha256 != answers_sha256_ || look.asked != json_text(asked())) continue;
    result_.look = static_cast<int>(i) + 1;
    result_.repeated = true;
    return;
  }
  if (selection_.used.size() >= static_cast<size_t>(selection_.looks)) {
    throw UserError(kUsageError, "the sample '", selection_.name, "' has been used for the ",
                    selection_.looks == 1 ? "one test" : "tests", " it was planned for (--looks ",
                    selection_.looks, "): testing it until it pleases would break the promise; ",
                    "draw another: preannotate select ", drafts_.folder,
                    " --for certify --name certify-2 --budget N");
  }
  result_.look = static_cast<int>(selection_.used.size()) + 1;
}

std::vector<Group> Certification::groups() const {
  Group all;
  for (size_t item = 0; item < drafts_.pool.size(); ++item) {
    if (!settled_[item]) all.items.push_back(item);
  }
  if (!options_.per_class) return {all};
  std::vector<Group> groups(drafts_.categories.size());
  std::vector<size_t> answers(groups.size(), 0);
  for (const size_t item : all.items) {
    const auto category = static_cast<size_t>(drafts_.drafted(item).sample.labels.at(0).category);
    groups[category].items.push_back(item);
    answers[category] += static_cast<size_t>(sampled_[item]);
  }
  std::vector<Group> kept;
  Group few;
  for (size_t c = 0; c < groups.size(); ++c) {
    if (groups[c].items.empty()) continue;
    Group& group = answers[c] < kLeastAnswers ? few : kept.emplace_back();
    group.classes.push_back(drafts_.categories[c]);
    group.items.insert(group.items.end(), groups[c].items.begin(), groups[c].items.end());
  }
  if (!few.items.empty()) kept.push_back(std::move(few));
  return kept;
}

/// As many errors as the whole set may have are all left to the drafts that nobody had answered; of
/// a class alone it is not known which of the answered ones belong to it.
double Certification::max_error() const {
  if (options_.per_class) return options_.max_error;
  const auto pool = static_cast<double>(drafts_.pool.size());
  return std::min(1.0, options_.max_error * pool / (pool - static_cast<double>(result_.settled)));
}

/// only_size: whether the sample could certify anything at all, were none of it wrong; what it says
/// is not looked at.
bool Certification::decide(bool only_size) {
  const auto groups = this->groups();
  const int looks = std::max({1, selection_.looks, options_.looks});
  const double delta = (1 - options_.confidence) / looks / static_cast<double>(groups.size());
  const double infinity = std::numeric_limits<double>::infinity();
  threshold_.assign(drafts_.pool.size(), infinity);
  result_.groups.clear();
  bool enough = false;
  long more = 0, bad = 0;
  for (const Group& group : groups) {
    std::vector<double> scores;
    std::map<size_t, size_t> place;  // of an item in the group
    for (const size_t item : group.items) {
      place[item] = scores.size();
      scores.push_back(confidence_of(drafts_.drafted(item), drafts_.task));
    }
    std::vector<SampledDraft> sample;  // in the order of the draw
    for (const auto& image : images_) {
      const size_t item = drafts_.at.at(image);
      const auto found = place.find(item);
      if (found != place.end()) sample.push_back({found->second, !only_size && wrong_[item]});
    }
    const auto certificate = certify_scores(scores, sample, max_error(), delta);
    result_.groups.push_back({group.classes, certificate});
    enough = enough || certificate.allowed_wrong >= 0;
    if (certificate.allowed_wrong < 0)
      more = more == 0 ? certificate.more_answers : std::min(more, certificate.more_answers);
    if (certificate.given)
      bad += std::lround(certificate.bound * static_cast<double>(certificate.total));
    for (size_t i = 0; i < group.items.size() && certificate.given; ++i)
      threshold_[group.items[i]] = certificate.threshold;
  }
  result_.more_answers = enough ? 0 : more;
  result_.error_bound = static_cast<double>(bad) / static_cast<double>(drafts_.pool.size());
  return enough;
}

void Certification::move() {
  for (size_t item = 0; item < drafts_.pool.size(); ++item) {
    LedgerEntry& entry = drafts_.entries[drafts_.pool[item]];
    const bool accept = confidence_of(entry, drafts_.task) >= threshold_[item];
    result_.wrong += static_cast<size_t>(wrong_[item]);
    if (sampled_[item] || settled_[item]) {
      entry.sample.bucket = "answered";
    } else {
      entry.sample.bucket = !accept ? "review" : entry.sample.labels.empty() ? "empty" : "accept";
      ++(accept ? result_.accepted : result_.to_review);
    }
  }
}

Json Certification::certificate_json() const {
  Json groups = Json::array();
  for (const auto& [classes, c] : result_.groups) {
    groups.push_back({{"classes", classes.empty() ? Json() : Json(classes)},
                      {"given", c.given},
                      {"threshold", c.given ? Json(c.threshold) : Json()},
                      {"images", c.total},
                      {"answers", c.sampled},
                      {"tested", c.tested},
                      {"wrong_in_sample", c.wrong_in_sample},
                      {"allowed_wrong", c.allowed_wrong},
                      {"accepted", c.accepted},
                      {"error_bound", c.given ? Json(c.bound) : Json()}});
  }
  return {{"format_version", 1},
          {"kind", "certificate"},
          {"tool_version", PREANNOTATE_VERSION},
          {"model_version", drafts_.model_version},
          {"drafts_sha256", selection_.drafts_sha256},
          {"selection", selection_.name},
          {"asked", asked()},
          {"look", result_.look},
          {"looks", result_.looks},
          {"given", result_.given()},
          {"images", result_.pool},
          {"answers", result_.sampled},
          {"settled", result_.settled},
          {"wrong_in_sample", result_.wrong},
          {"accepted", result_.accepted},
          {"to_review", result_.to_review},
          {"error_bound", result_.error_bound},
          {"groups", groups}};
}

/// The look first: a test that was made counts, whatever happens to its result.
void Certification::record() {
  if (!result_.repeated)
    selection_.used.push_back(
        {answers_sha256_, images_.size(), json_text(asked()), result_.given()});
  write_selection(selection_folder(drafts_.folder, selection_.name), selection_,
                  drafts_.categories);
  log_answers(drafts_, selection_, answers_);
  write_buckets(drafts_);
  write_file(drafts_.folder / "certificate.json", json_text(certificate_json(), 1) + "\n");
}

}  // namespace

CertifyResult certify(const CertifyOptions& options) {
  check(options);
  return Certification(options).run();
}

}  // namespace preannotate
