#include "preannotate/review/select.h"

#include <algorithm>
#include <cmath>

#include "finished_labels.h"
#include "honeypots.h"
#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/random.h"
#include "preannotate/core/text.h"
#include "preannotate/data/answer_log.h"
#include "preannotate/review/draft_set.h"
#include "preannotate/review/selection.h"
#include "preannotate/review/selection_output.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

void check(const SelectOptions& options) {
  static const std::vector<std::string> kPurposes{"label", "certify", "audit", "review"};
  if (std::find(kPurposes.begin(), kPurposes.end(), options.purpose) == kPurposes.end()) {
    const auto nearest = nearest_name(options.purpose, kPurposes);
    throw UserError(kUsageError, "--for ", options.purpose,
                    ": expected label, certify, audit or review",
                    nearest.empty() ? "" : "; did you mean '" + nearest + "'?");
  }
  if (options.honeypots > 0 && options.purpose != "review")
    throw UserError(kUsageError, "--honeypots is for --for review: a blind sample shows no draft");
  if (options.honeypots > 0 && options.gold.empty())
    throw UserError(kUsageError,
                    "--honeypots needs --gold LABELLED: labels, known to be right, of "
                    "some of the images, e.g. the answers that certify used");
  if (!options.labels.empty() && options.purpose != "audit")
    throw UserError(kUsageError, "--labels is for --for audit");
}

class Choice {
 public:
  explicit Choice(const SelectOptions& options)
      : options_(options), drafts_(read_draft_set(options.drafts)) {
    selection_.name = options.name.empty() ? options.purpose : options.name;
    selection_.purpose = options.purpose;
    selection_.model_version = drafts_.model_version;
    selection_.seed = options.seed.value_or(0);
    if (!options.seed) selection_.seed = unknown_seed();
    selection_.pool = drafts_.pool.size();
    answered_ = standing_answers(read_answer_log(drafts_.folder, drafts_.categories));
    if (drafts_.pool.empty())
      throw UserError(kBadInput, options.drafts, ": no image of the drafts could be looked at");
  }

  SelectResult run() {
    const fs::path folder = selection_folder(options_.drafts, selection_.name);
    if (options_.force) check_replaceable(options_.drafts, selection_.name, drafts_.categories);
    OutputFolder output(folder, options_.force, selection_entries());
    selection_.drafts_sha256 = digest_of(drafts_);
    options_.purpose == "review" ? choose_unsure() : choose_at_random();
    result_.folder = folder;
    result_.images = selection_.images.size();
    result_.pool = selection_.pool;
    result_.files = write_selection_output(output.path(), drafts_, selection_, options_.formats);
    output.commit();
    return result_;
  }

 private:
  void choose_at_random();
  void choose_unsure();
  void plant(Random& random);

  const SelectOptions& options_;
  DraftSet drafts_;
  Selection selection_;
  std::map<std::string, Answer> answered_;
  SelectResult result_;
};

void Choice::choose_at_random() {
  if (options_.purpose == "audit") {
    const Answers finished = finished_labels(options_.labels, options_.format, drafts_);
    selection_.labels_sha256 = finished_digest(finished, drafts_);
  }
  std::vector<size_t> order;
  for (size_t item = 0; item < drafts_.pool.size(); ++item) {
    const auto& image = drafts_.drafted(item).sample.image;
    const bool settled = options_.purpose == "certify" && answered_.contains(image);
    if (settled) {
      selection_.settled.push_back(image);
    } else {
      order.push_back(item);
    }
  }
  if (order.empty()) {
    throw UserError(kUsageError, options_.drafts,
                    ": people have answered every image; there is no draft left to certify");
  }
  selection_.pool = order.size();
  Random random(selection_.seed);
  random.shuffle(order);
  order.resize(std::min(order.size(), options_.budget));
  for (const size_t item : order) selection_.images.push_back(drafts_.drafted(item).sample.image);
}

void Choice::choose_unsure() {
  Random random(selection_.seed);
  if (options_.honeypots > 0) plant(random);
  std::vector<const Sample*> unsure;
  for (size_t item = 0; item < drafts_.pool.size(); ++item) {
    const Sample& sample = drafts_.drafted(item).sample;
    const bool planted = std::any_of(selection_.honeypots.begin(), selection_.honeypots.end(),
                                     [&](const Honeypot& h) { return h.image == sample.image; });
    if (sample.bucket == "review" && !planted && !answered_.contains(sample.image))
      unsure.push_back(&sample);
  }
  std::stable_sort(unsure.begin(), unsure.end(), [](const Sample* a, const Sample* b) {
    return a->uncertainty > b->uncertainty;
  });
  const size_t room = options_.budget - std::min(options_.budget, selection_.honeypots.size());
  unsure.resize(std::min(unsure.size(), room));
  for (const Sample* sample : unsure) selection_.images.push_back(sample->image);
  for (const Honeypot& honeypot : selection_.honeypots) selection_.images.push_back(honeypot.image);
  random.shuffle(selection_.images);
}

void Choice::plant(Random& random) {
  const Answers gold = read_answers(options_.gold, options_.format, drafts_, /*add_classes=*/true);
  const auto wrong = static_cast<size_t>(
      std::max(1.0, std::round(options_.honeypots * static_cast<double>(options_.budget))));
  const size_t right = (wrong + 1) / 2;
  selection_.honeypots = plant_honeypots(drafts_, gold, wrong, right, options_.iou, random);
  for (const Honeypot& honeypot : selection_.honeypots)
    ++(honeypot.right ? result_.planted_right : result_.planted_wrong);
  if (result_.planted_wrong < wrong) {
    throw UserError(kBadInput, options_.gold, ": ", wrong, " wrong and ", right,
                    " right drafts are to be planted, and only ", gold.labels.size(),
                    " images of the drafts have a label here; expected at least ", wrong + right);
  }
}

}  // namespace

SelectResult select_images(const SelectOptions& options) {
  check(options);
  return Choice(options).run();
}

}  // namespace preannotate
