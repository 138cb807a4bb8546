#include "preannotate/review/select.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "finished_labels.h"
#include "honeypots.h"
#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/hash.h"
#include "preannotate/core/random.h"
#include "preannotate/core/text.h"
#include "preannotate/data/fit.h"
#include "preannotate/data/format.h"
#include "preannotate/review/draft_set.h"
#include "preannotate/review/selection.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

constexpr const char* kAnswers = "answers.csv";

std::uint64_t unknown_seed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) | device();
}

std::vector<std::string> own_names() {
  std::vector<std::string> names{"selection.json", "images.txt", kAnswers};
  for (const auto* format : dataset_formats()) names.emplace_back(format->name);
  return names;
}

void check(const SelectOptions& options) {
  static const std::vector<std::string> kPurposes{"certify", "audit", "review"};
  if (std::find(kPurposes.begin(), kPurposes.end(), options.purpose) == kPurposes.end()) {
    const auto nearest = nearest_name(options.purpose, kPurposes);
    throw UserError(kUsageError, "--for ", options.purpose, ": expected certify, audit or review",
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

/// What people have filled in, and samples that a certificate stands on, are not replaced.
void check_replaceable(const fs::path& folder, const fs::path& drafts, const std::string& name,
                       const std::vector<std::string>& categories) {
  std::error_code ignored;
  if (!fs::exists(folder / "selection.json", ignored)) return;
  const Selection before = read_selection(drafts, name, categories);
  const std::string way_out = "; select under another --name";
  if (!before.used.empty())
    throw UserError(kOutputExists, folder, " was used for a certificate", way_out);
  if (before.answers_sha256.empty() || !fs::exists(folder / kAnswers, ignored)) return;
  if (sha256_of_file(folder / kAnswers) == before.answers_sha256) return;
  throw UserError(kOutputExists, folder / kAnswers, " has been filled in", way_out,
                  ", or move it away");
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
    if (drafts_.pool.empty())
      throw UserError(kBadInput, options.drafts, ": no image of the drafts could be looked at");
  }

  SelectResult run() {
    const fs::path folder = selection_folder(options_.drafts, selection_.name);
    if (options_.force)
      check_replaceable(folder, options_.drafts, selection_.name, drafts_.categories);
    OutputFolder output(folder, options_.force, own_names());
    selection_.drafts_sha256 = digest_of(drafts_);
    options_.purpose == "review" ? choose_unsure() : choose_at_random();
    result_.folder = folder;
    result_.images = selection_.images.size();
    result_.pool = selection_.pool;
    write(output.path());
    output.commit();
    return result_;
  }

 private:
  void choose_at_random();
  void choose_unsure();
  void plant(Random& random);
  void write(const fs::path& folder);
  void write_images(const fs::path& folder);
  void write_answers(const fs::path& folder);
  void write_formats(const fs::path& folder);
  Dataset dataset() const;
  Sample shown(const std::string& image) const;

  const SelectOptions& options_;
  DraftSet drafts_;
  Selection selection_;
  SelectResult result_;
};

void Choice::choose_at_random() {
  if (options_.purpose == "audit") {
    const Answers finished = finished_labels(options_.labels, options_.format, drafts_);
    selection_.labels_sha256 = finished_digest(finished, drafts_);
  }
  std::vector<size_t> order(drafts_.pool.size());
  std::iota(order.begin(), order.end(), size_t{0});
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
    if (sample.bucket == "review" && !planted) unsure.push_back(&sample);
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

void Choice::write(const fs::path& folder) {
  write_images(folder);
  if (options_.purpose != "review" && drafts_.task == "classify") write_answers(folder);
  write_formats(folder);
  write_selection(folder, selection_, drafts_.categories);
}

/// In the order to be answered; the path where it is known.
void Choice::write_images(const fs::path& folder) {
  std::string text;
  for (const auto& image : selection_.images) {
    const fs::path source = source_of(drafts_, image);
    text += (source.empty() ? image : utf8_path(source)) + "\n";
  }
  write_file(folder / "images.txt", text, Lasting::kWithFolder);
  result_.files.emplace_back("images.txt");
}

void Choice::write_answers(const fs::path& folder) {
  Dataset blank;
  blank.categories = drafts_.categories;
  for (const auto& image : selection_.images) {
    Sample sample;
    sample.image = image;
    blank.samples.push_back(std::move(sample));
  }
  format_named("csv").write(blank, folder);
  fs::rename(folder / "labels.csv", folder / kAnswers);
  selection_.answers_sha256 = sha256_of_file(folder / kAnswers);
  result_.files.emplace_back(kAnswers);
}

/// What a person sees of an image: nothing of a blind one.
Sample Choice::shown(const std::string& image) const {
  Sample sample = drafts_.drafted(drafts_.at.at(image)).sample;
  if (options_.purpose != "review") {
    sample.labels.clear();
    sample.bucket.clear();
    sample.uncertainty = 0;
    return sample;
  }
  sample.bucket = "review";
  for (const Honeypot& honeypot : selection_.honeypots) {
    if (honeypot.image == image) sample.labels = honeypot.labels;
  }
  return sample;
}

Dataset Choice::dataset() const {
  Dataset dataset;
  dataset.categories = drafts_.categories;
  dataset.model_version = drafts_.model_version;
  dataset.several_classes = drafts_.task == "multilabel";
  for (const auto& image : selection_.images) {
    dataset.samples.push_back(shown(image));
    const fs::path source = source_of(drafts_, image);
    if (!source.empty()) dataset.elsewhere[image] = source;
  }
  std::sort(dataset.samples.begin(), dataset.samples.end(),
            [](const Sample& a, const Sample& b) { return a.image < b.image; });
  return dataset;
}

void Choice::write_formats(const fs::path& folder) {
  for (const auto& name : options_.formats) {
    const DatasetFormat& format = format_named(name);
    const Fitted fit = fitted(dataset(), format);
    if (fit.dataset.samples.size() < selection_.images.size()) {
      throw UserError(kUsageError, "--formats ", name, " cannot hold ",
                      selection_.images.size() - fit.dataset.samples.size(),
                      " of the images as they are to be shown; expected e.g. label_studio or coco");
    }
    make_folder(folder / name);
    format.write(fit.dataset, folder / name);
    result_.files.push_back(name + "/");
  }
}

}  // namespace

SelectResult select_images(const SelectOptions& options) {
  check(options);
  return Choice(options).run();
}

}  // namespace preannotate
