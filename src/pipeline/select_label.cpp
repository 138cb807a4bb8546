#include "preannotate/pipeline/select_label.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "first_batch.h"
#include "preannotate/core/files.h"
#include "preannotate/core/json.h"
#include "preannotate/core/random.h"
#include "preannotate/core/text.h"
#include "preannotate/data/answer_log.h"
#include "preannotate/data/drafts.h"
#include "preannotate/model/device.h"
#include "preannotate/review/selection_output.h"
#include "selection_features.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

constexpr const char* kPurpose = "label";
constexpr std::size_t kFewest = 4000;  // images that are looked at where there are as many
constexpr std::size_t kContentDigits = 16;

std::size_t most_looked_at(std::size_t budget) {
  return std::max(kFewest, 4 * budget);
}

/// At most `count` of `items`, in random order.
std::vector<std::size_t> drawn(std::vector<std::size_t> items, std::size_t count, Random& random) {
  random.shuffle(items);
  items.resize(std::min(items.size(), count));
  return items;
}

void check(const SelectLabelOptions& options, bool drafts) {
  const auto refuse = [&](bool given, const char* option, const char* why) {
    if (given)
      throw UserError(kUsageError, option, why, options.images,
                      drafts ? " holds drafts" : " holds no drafts (no drafts.jsonl)");
  };
  refuse(drafts && !options.output.empty(), "--output", " is for images without a model: ");
  refuse(drafts && !options.backbone.empty(), "--backbone", " is for images without a model: ");
  refuse(drafts && !options.classes.empty(), "--classes", " is for images without a model: ");
  refuse(!drafts && !options.model.empty(), "--model", " is the run that made drafts: ");
  refuse(!drafts && !options.name.empty(), "--name", " is of a selection of drafts: ");
  refuse(!drafts && options.output.empty(), "--output FOLDER", " is missing: ");
}

LookOptions look_options(const SelectLabelOptions& options) {
  return {options.workers, options.batch, options.decode};
}

/// The first image of each content: a copy would be answered twice.
class Contents {
 public:
  bool is_new(const std::string& sha256) {
    return sha256.empty() || seen_.insert(sha256.substr(0, kContentDigits)).second;
  }

 private:
  std::set<std::string> seen_;
};

class DraftBatch {
 public:
  explicit DraftBatch(const SelectLabelOptions& options)
      : options_(options),
        drafts_(read_draft_set(options.images)),
        run_(load_run_of_drafts()),
        random_(0) {
    selection_.seed = options.seed ? *options.seed : unknown_seed();
    random_ = Random(selection_.seed);
    selection_.name = options.name.empty() ? kPurpose : options.name;
    selection_.purpose = kPurpose;
    selection_.model_version = drafts_.model_version;
    selection_.drafts_sha256 = digest_of(drafts_);
  }

  SelectLabelResult run();

 private:
  Run load_run_of_drafts() const;
  void find_candidates();
  std::vector<std::size_t> unsure_ones(std::vector<std::size_t> items);
  void choose();
  std::vector<std::size_t> chosen_of(const std::vector<std::size_t>& items, const FeatureRows& rows,
                                     const FeatureRows& labelled, std::size_t budget);
  void put_in_order(const std::vector<std::size_t>& chosen, const std::vector<std::size_t>& blind);
  SelectionImage image_of(std::size_t item) const;
  const std::string& key_of(std::size_t item) const { return drafts_.drafted(item).sample.image; }

  const SelectLabelOptions& options_;
  DraftSet drafts_;
  Run run_;
  Random random_;
  Selection selection_;
  std::vector<std::size_t> left_, answered_;  // positions in the drafts' pool
  std::map<std::string, Answer> answers_;
  Problems problems_;
};

Run DraftBatch::load_run_of_drafts() const {
  const fs::path file = options_.images / "run.json";
  const Json provenance = read_json(file);
  fs::path folder = options_.model;
  if (folder.empty() && provenance.contains("model"))
    folder = path_from_utf8(string_field(provenance, "model", file.string()));
  const std::string way_out = "; say where it is with --model RUN";
  std::error_code ignored;
  if (folder.empty() || (options_.model.empty() && !fs::exists(folder / "run.json", ignored))) {
    throw UserError(
        kUsageError, options_.images, ": the run that made these drafts ",
        folder.empty() ? "is not noted in run.json" : "is no longer at " + folder.string(),
        way_out);
  }
  Run run = load_run(folder);
  if (run.manifest.model_version != drafts_.model_version) {
    throw UserError(kUsageError, options_.images, ": these drafts are of model ",
                    drafts_.model_version, ", ", folder, " is model ", run.manifest.model_version,
                    options_.model.empty() ? way_out : "; expected the run that made them");
  }
  return run;
}

void DraftBatch::find_candidates() {
  answers_ = standing_answers(read_answer_log(drafts_.folder, drafts_.categories));
  Contents known;
  if (run_.manifest.reference) {
    for (const auto& content : run_.manifest.reference->contents) known.is_new(content);
  }
  for (std::size_t item = 0; item < drafts_.pool.size(); ++item) {
    if (!answers_.contains(key_of(item))) continue;
    answered_.push_back(item);
    known.is_new(drafts_.drafted(item).sha256);
  }
  for (std::size_t item = 0; item < drafts_.pool.size(); ++item) {
    if (answers_.contains(key_of(item))) continue;
    if (known.is_new(drafts_.drafted(item).sha256)) left_.push_back(item);
  }
  selection_.pool = left_.size();
  if (left_.empty())
    throw UserError(kBadInput, options_.images, ": all of its ", drafts_.pool.size(),
                    " images have a label already; there is nothing to choose from");
}

/// Of many those to look at, drawn in proportion to their uncertainty (Efraimidis & Spirakis 2006:
/// the largest of u^(1/w)), so that what is chosen from them is as from all.
std::vector<std::size_t> DraftBatch::unsure_ones(std::vector<std::size_t> items) {
  const std::size_t most = most_looked_at(options_.budget);
  if (items.size() <= most) return items;
  std::vector<std::pair<double, std::size_t>> keys;
  for (const std::size_t item : items) {
    const double weight = std::max(drafts_.drafted(item).sample.uncertainty, 1e-9);
    keys.emplace_back(std::log(1 - random_.uniform()) / weight, item);
  }
  std::sort(keys.rbegin(), keys.rend());
  items.clear();
  for (std::size_t i = 0; i < most; ++i) items.push_back(keys[i].second);
  return items;
}

SelectionImage DraftBatch::image_of(std::size_t item) const {
  return {key_of(item), source_of(drafts_, key_of(item)).string()};
}

/// Labels of each class, the seed's and people's.
std::vector<std::size_t> class_counts(const RunManifest& run,
                                      const std::map<std::string, Answer>& answers) {
  std::vector<std::size_t> counts(run.classes.size(), 0);
  if (run.data.contains("per_class")) {
    for (std::size_t c = 0; c < counts.size(); ++c)
      counts[c] = run.data["per_class"].value(run.classes[c], std::size_t{0});
  }
  for (const auto& [image, answer] : answers) {
    for (const Label& label : answer.labels) {
      if (static_cast<std::size_t>(label.category) < counts.size())
        ++counts[static_cast<std::size_t>(label.category)];
    }
  }
  return counts;
}

/// The readable ones of those at positions [begin, begin + items.size()) of the list.
std::vector<std::size_t> readable(const SelectionFeatures& found, std::size_t begin,
                                  const std::vector<std::size_t>& items) {
  std::vector<std::size_t> kept;
  for (const std::size_t position : found.images) {
    if (position >= begin && position < begin + items.size())
      kept.push_back(items[position - begin]);
  }
  return kept;
}

void DraftBatch::choose() {
  const std::size_t budget = std::min(options_.budget, left_.size());
  const auto share =
      static_cast<std::ptrdiff_t>(std::llround(options_.blind * static_cast<double>(budget)));
  random_.shuffle(left_);
  const std::vector<std::size_t> blind(left_.begin(), left_.begin() + share);
  const auto open = unsure_ones({left_.begin() + share, left_.end()});
  const auto answered = drawn(answered_, kFewest, random_);

  std::vector<SelectionImage> images;
  for (const auto* part : {&open, &blind, &answered}) {
    for (const std::size_t item : *part) images.push_back(image_of(item));
  }
  const Backbone backbone = load_backbone(run_, device_named(options_.device));
  const SelectionFeatures found =
      look_at(backbone, run_, images, look_options(options_), problems_);
  const auto seen = readable(found, 0, open), seen_blind = readable(found, open.size(), blind);
  if (seen.empty() && seen_blind.empty())
    throw UserError(kBadInput, options_.images, ": none of the ", images.size(),
                    " images can be read; they are expected where run.json says, below ",
                    join_names(drafts_.sources));

  SelectionFeatures labelled = reference_features(run_, found.columns);
  const FeatureRows others = found.rows_of(open.size(), images.size());
  labelled.values.insert(labelled.values.end(), others.values.begin(), others.values.end());
  labelled.columns = found.columns;
  const FeatureRows rows = found.rows_of(0, open.size());
  put_in_order(chosen_of(seen, rows, labelled.rows(), budget - blind.size()), seen_blind);
}

std::vector<std::size_t> DraftBatch::chosen_of(const std::vector<std::size_t>& items,
                                               const FeatureRows& rows, const FeatureRows& labelled,
                                               std::size_t budget) {
  std::vector<double> uncertainty;
  std::vector<int> predicted;
  for (const std::size_t item : items) {
    const Sample& sample = drafts_.drafted(item).sample;
    const bool one_class = drafts_.task == "classify" && !sample.labels.empty();
    uncertainty.push_back(sample.uncertainty);
    predicted.push_back(one_class ? sample.labels[0].category : -1);
  }
  const auto counts = class_counts(run_.manifest, answers_);
  const Batch batch =
      choose_batch({rows, uncertainty, predicted, labelled, counts}, {budget, 0, random_.next()});
  std::vector<std::size_t> chosen;
  for (const std::size_t row : batch.chosen) chosen.push_back(items[row]);
  return chosen;
}

/// The blind ones evenly among the others, so that the first part of it is a batch too.
void DraftBatch::put_in_order(const std::vector<std::size_t>& chosen,
                              const std::vector<std::size_t>& blind) {
  const std::size_t all = chosen.size() + blind.size();
  for (std::size_t i = 0, b = 0; i < all; ++i) {
    const bool is_blind = b * all < i * blind.size() || i - b == chosen.size();
    selection_.images.push_back(key_of(is_blind ? blind[b++] : chosen[i - b]));
    if (is_blind) selection_.blind.push_back(selection_.images.back());
  }
}

SelectLabelResult DraftBatch::run() {
  const fs::path folder = selection_folder(options_.images, selection_.name);
  if (options_.force) check_replaceable(options_.images, selection_.name, drafts_.categories);
  OutputFolder output(folder, options_.force, selection_entries());
  find_candidates();
  choose();
  SelectLabelResult result;
  result.files = write_selection_output(output.path(), drafts_, selection_, options_.formats);
  output.commit();
  problems_.log_summary(selection_.pool);
  result.folder = folder;
  result.images = selection_.images.size();
  result.blind = selection_.blind.size();
  result.pool = selection_.pool;
  result.exit_code = options_.allow_skipped ? kDone : problems_.exit_code();
  return result;
}

}  // namespace

SelectLabelResult select_label(const SelectLabelOptions& options) {
  const bool drafts = is_drafts_folder(options.images);
  check(options, drafts);
  return drafts ? DraftBatch(options).run() : first_batch(options);
}

}  // namespace preannotate
