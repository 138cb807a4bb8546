#include "issue_scores.h"

#include <algorithm>
#include <set>

#include "clean_rounds.h"
#include "drafting.h"
#include "head_choice.h"
#include "plain_view.h"
#include "preannotate/core/files.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "preannotate/model/device.h"
#include "preannotate/model/run_folder.h"
#include "stream_size.h"
#include "training_options.h"

namespace preannotate {

namespace {

constexpr int kFolds = 5;

LabelledFeatures extract(const Backbone& backbone, const TrainOptions& options, const Seed& seed,
                         Problems& problems) {
  auto features = extract_cached(backbone, seed.dataset,
                                 plain_view(backbone, resize_named(options.resize), options.workers,
                                            options.batch, options.decode),
                                 options.cache, problems);
  log_info("features: " + std::to_string(features.samples.size()) + " images in " +
           human_seconds(features.seconds));
  return features;
}

/// A classifier needs two classes to confuse.
void check_classes(const Seed& seed, const LabelledFeatures& features,
                   const std::filesystem::path& path) {
  std::set<std::vector<int>> kinds;
  for (const size_t sample : features.samples) kinds.insert(seed.labels[sample]);
  if (features.samples.empty()) {
    throw UserError(kBadInput, path, ": none of the ", seed.dataset.samples.size(),
                    " images can be read");
  }
  if (kinds.size() < 2) {
    throw UserError(kBadInput, path, " has readable images of one class only",
                    "; labels are judged against each other, which needs at least two");
  }
}

std::vector<std::vector<float>> embeddings(const LabelledFeatures& features) {
  const auto plain =
      features.features.select(1, 0).slice(1, 0, features.layout.embedding).contiguous();  // [N, D]
  std::vector<std::vector<float>> rows(features.samples.size());
  const float* row = plain.const_data_ptr<float>();
  for (auto& values : rows) {
    values.assign(row, row + plain.size(1));
    row += plain.size(1);
  }
  return rows;
}

std::string rounds_words(int rounds) {
  if (rounds == 0) return "";
  return " and " + std::to_string(rounds) + (rounds == 1 ? " more division" : " more divisions") +
         " without the labels at odds with it";
}

}  // namespace

LabelScores out_of_fold_scores(const IssuesOptions& options, const Seed& seed, Problems& problems) {
  const TrainOptions& train = options.train;
  const Backbone backbone(backbone_options(train));
  log_info("backbone: " + backbone.info().name + " at " + std::to_string(backbone.side()) +
           " px on " + device_description(backbone.device()));
  const auto features = extract(backbone, train, seed, problems);
  check_classes(seed, features, train.data);
  const int folds = train.folds.value_or(kFolds);
  const Division division = divide(features, seed, 0, folds, train.seed);
  if (division.method.empty()) {
    throw UserError(kBadInput, train.data, ": ", division.no_estimate_reason,
                    ", so no label can be judged by the others; give a trained run with --model");
  }
  Json tried = Json::array();
  const int threads = stream_size(train.workers, train.batch).workers;
  const FittedHead head = choose_head(features, seed, division, backbone.layout(), train.features,
                                      backbone.side(), threads, tried);
  const Link link = seed.task == "classify" ? Link::kSoftmax : Link::kSigmoid;
  LabelScores found;
  found.samples = features.samples;
  found.sha256 = features.sha256;
  found.features = embeddings(features);
  found.scores = probabilities(head.judged, link, head.temperature);
  const int rounds = seed.task == "classify" ? options.rounds : 0;
  if (rounds > 0) {
    found.clean = true;
    found.first = found.scores;
    found.scores =
        clean_rounds(features, seed, head, found.first, {rounds, folds, train.seed, threads});
  }
  found.judged_by = division.method + rounds_words(rounds);
  return found;
}

LabelScores scores_by_run(const IssuesOptions& options, const Run& run, const Seed& seed,
                          Problems& problems) {
  const TrainOptions& train = options.train;
  const Backbone backbone = load_backbone(run, device_named(train.device));
  std::vector<std::string> paths;
  for (const auto& sample : seed.dataset.samples) {
    paths.push_back(image_file(seed.dataset, sample).string());
  }
  LabelScores found;
  found.clean = true;
  found.judged_by = "run " + run.manifest.model_version;
  const auto embedding = static_cast<long>(backbone.layout().embedding);
  Progress progress("images", paths.size());
  FeatureStream stream(
      backbone, std::move(paths),
      plain_view(backbone, run.manifest.resize, train.workers, train.batch, train.decode));
  for (size_t i = 0; auto item = stream.next(); ++i) {
    progress.advance();
    if (!item->image.reason.empty()) {
      problems.add({seed.dataset.samples[i].image, item->image.reason, item->image.detail});
      continue;
    }
    found.samples.push_back(i);
    found.sha256.push_back(item->image.sha256);
    found.scores.push_back(scores_of(item->features, 1, run));
    found.features.emplace_back(item->features.begin(), item->features.begin() + embedding);
  }
  return found;
}

}  // namespace preannotate
