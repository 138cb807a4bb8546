#include "preannotate/review/selection_output.h"

#include <algorithm>

#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/hash.h"
#include "preannotate/core/text.h"
#include "preannotate/data/fit.h"
#include "preannotate/data/format.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

constexpr const char* kAnswers = "answers.csv";

void write_images(const fs::path& folder, const DraftSet& drafts, const Selection& selection) {
  std::string text;
  for (const auto& image : selection.images) {
    const fs::path source = source_of(drafts, image);
    text += (source.empty() ? image : utf8_path(source)) + "\n";
  }
  write_file(folder / "images.txt", text, Lasting::kWithFolder);
}

void write_answers(const fs::path& folder, const DraftSet& drafts, Selection& selection) {
  Dataset blank;
  blank.categories = drafts.categories;
  for (const auto& image : selection.images) {
    Sample sample;
    sample.image = image;
    blank.samples.push_back(std::move(sample));
  }
  format_named("csv").write(blank, folder);
  fs::rename(folder / "labels.csv", folder / kAnswers);
  selection.answers_sha256 = sha256_of_file(folder / kAnswers);
}

/// What a person sees of an image: nothing of a blind one.
Sample shown(const DraftSet& drafts, const Selection& selection, const std::string& image) {
  Sample sample = drafts.drafted(drafts.at.at(image)).sample;
  if (hides_draft(selection, image)) {
    sample.labels.clear();
    sample.bucket.clear();
    sample.uncertainty = 0;
    return sample;
  }
  sample.bucket = "review";
  for (const Honeypot& honeypot : selection.honeypots) {
    if (honeypot.image == image) sample.labels = honeypot.labels;
  }
  return sample;
}

Dataset shown_dataset(const DraftSet& drafts, const Selection& selection) {
  Dataset dataset;
  dataset.categories = drafts.categories;
  dataset.model_version = drafts.model_version;
  dataset.several_classes = drafts.task == "multilabel";
  for (const auto& image : selection.images) {
    dataset.samples.push_back(shown(drafts, selection, image));
    const fs::path source = source_of(drafts, image);
    if (!source.empty()) dataset.elsewhere[image] = source;
  }
  std::sort(dataset.samples.begin(), dataset.samples.end(),
            [](const Sample& a, const Sample& b) { return a.image < b.image; });
  return dataset;
}

void write_format(const fs::path& folder, const std::string& name, const Dataset& dataset) {
  const DatasetFormat& format = format_named(name);
  const Fitted fit = fitted(dataset, format);
  if (fit.dataset.samples.size() < dataset.samples.size()) {
    throw UserError(kUsageError, "--formats ", name, " cannot hold ",
                    dataset.samples.size() - fit.dataset.samples.size(),
                    " of the images as they are to be shown; expected e.g. label_studio or coco");
  }
  make_folder(folder / name);
  format.write(fit.dataset, folder / name);
}

}  // namespace

std::vector<std::string> selection_entries() {
  std::vector<std::string> names{"selection.json", "images.txt", kAnswers};
  for (const auto* format : dataset_formats()) names.emplace_back(format->name);
  return names;
}

void check_replaceable(const fs::path& drafts, const std::string& name,
                       const std::vector<std::string>& categories) {
  const fs::path folder = selection_folder(drafts, name);
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

std::vector<std::string> write_selection_output(const fs::path& folder, const DraftSet& drafts,
                                                Selection& selection,
                                                const std::vector<std::string>& formats) {
  std::vector<std::string> files{"images.txt"};
  write_images(folder, drafts, selection);
  if (is_blind_sample(selection) && drafts.task == "classify") {
    write_answers(folder, drafts, selection);
    files.emplace_back(kAnswers);
  }
  if (!formats.empty()) {
    const Dataset dataset = shown_dataset(drafts, selection);
    for (const auto& name : formats) {
      write_format(folder, name, dataset);
      files.push_back(name + "/");
    }
  }
  write_selection(folder, selection, drafts.categories);
  return files;
}

}  // namespace preannotate
