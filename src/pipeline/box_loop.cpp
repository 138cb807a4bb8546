#include "box_loop.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numeric>

#include "box_drafting.h"
#include "detector_data.h"
#include "detector_training.h"
#include "labelled_features.h"
#include "plain_view.h"
#include "preannotate/core/error.h"
#include "preannotate/core/log.h"
#include "preannotate/core/random.h"
#include "preannotate/model/device.h"
#include "preannotate/model/run_folder.h"
#include "preannotate/pipeline/batch_choice.h"
#include "stream_size.h"
#include "training_options.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

/// A folder of its own below the system's temporary one, gone at the end.
class WorkFolder {
 public:
  WorkFolder() {
    std::string name = (fs::temp_directory_path() / "preannotate-simulate-XXXXXX").string();
    if (!mkdtemp(name.data())) {
      throw UserError(kCannotWrite, fs::temp_directory_path(), ": no folder can be made there");
    }
    path_ = name;
  }
  ~WorkFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

Seed part_of(const Seed& seed, const std::vector<size_t>& samples) {
  std::vector<size_t> order = samples;
  std::sort(order.begin(), order.end());
  Seed part = seed;
  part.dataset.samples.clear();
  part.dataset.problems.clear();
  part.labels.clear();
  for (const size_t sample : order) {
    part.dataset.samples.push_back(seed.dataset.samples[sample]);
    part.labels.push_back(seed.labels[sample]);
  }
  return part;
}

/// The images that can be read, in the order in which people see them: the first spread by k-means
/// of whole-image features, the others at random.
std::vector<size_t> order_of(const Seed& seed, const BoxLoopOptions& options, Problems& problems) {
  const Backbone backbone(square_backbone(options.training));
  const TrainOptions& training = options.training;
  const auto features = extract_features(
      backbone, seed.dataset,
      plain_view(backbone, Resize::kSquash, training.workers, training.batch, training.decode),
      problems);
  problems.log_summary(seed.dataset.samples.size());
  if (features.samples.empty()) {
    throw UserError(kBadInput, "none of the ", seed.dataset.samples.size(),
                    " labelled images can be read");
  }
  Random random(options.seed);
  const size_t first = std::min(options.first, features.samples.size());
  const auto embedding =
      features.features.select(1, 0).slice(1, 0, features.layout.embedding).contiguous();
  const FeatureRows rows{
      {embedding.const_data_ptr<float>(), static_cast<size_t>(embedding.numel())},
      static_cast<size_t>(embedding.size(1))};
  std::vector<size_t> order;
  std::vector<bool> taken(features.samples.size(), false);
  for (const size_t row : cold_start(rows, first, random.next())) {
    taken[row] = true;
    order.push_back(features.samples[row]);
  }
  std::vector<size_t> others;
  for (size_t row = 0; row < taken.size(); ++row) {
    if (!taken[row]) others.push_back(features.samples[row]);
  }
  random.shuffle(others);
  order.insert(order.end(), others.begin(), others.end());
  return order;
}

std::vector<DetectionImage> truth_of(const Seed& seed, const std::vector<size_t>& samples) {
  std::vector<DetectionImage> images;
  for (const size_t sample : samples) {
    images.push_back({truth_boxes(seed.dataset.samples[sample]), {}});
  }
  return images;
}

/// Trains on `labelled`; the drafts of `batch`, and from which score they are shown.
std::pair<std::vector<DetectionImage>, std::vector<double>> drafted(
    const Seed& seed, const std::vector<size_t>& labelled, const std::vector<size_t>& batch,
    const BoxLoopOptions& options) {
  const WorkFolder folder;
  TrainOptions training = options.training;
  training.output = folder.path() / "run";
  train_detector_run(training, part_of(seed, labelled));
  const Run run = load_run(training.output);
  const Backbone backbone = load_backbone(run, device_named(training.device));
  BoxOptions boxes = box_options(*run.manifest.detector, std::nullopt);
  const auto size = stream_size(training.workers, training.batch);
  boxes.workers = size.workers;
  boxes.batch = size.batch;
  boxes.decode = training.decode;
  std::vector<std::string> paths;
  for (const size_t sample : batch) {
    paths.push_back(image_file(seed.dataset, seed.dataset.samples[sample]).string());
  }
  auto images = truth_of(seed, batch);
  Progress progress("images", paths.size());
  FrameStream stream(backbone, std::move(paths), box_stream(run, backbone, boxes));
  for (size_t i = 0; auto item = stream.next(); ++i) {
    progress.advance();
    images[i].drafts = std::move(item->boxes);
  }
  return {std::move(images), boxes.conf};
}

void log_round(const BoxRound& round) {
  char text[160];
  std::snprintf(text, sizeof text,
                "%ld images drafted by a model of %ld: AP50 %.3f, %.1f s an image, by hand %.1f",
                round.effort.images, round.labelled, round.map50,
                round.effort.seconds / static_cast<double>(round.effort.images),
                round.effort.seconds_manual / static_cast<double>(round.effort.images));
  log_info(text);
}

}  // namespace

std::vector<BoxRound> replay_box_loop(const Seed& seed, const BoxLoopOptions& options,
                                      Problems& problems) {
  auto order = order_of(seed, options, problems);
  if (options.budget > 0) order.resize(std::min(order.size(), options.budget));
  const auto classes = static_cast<int>(seed.dataset.categories.size());
  const std::vector<double> nothing_shown(seed.dataset.categories.size(), 2);
  size_t done = std::min(options.first, order.size());
  std::vector<size_t> labelled(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(done));
  BoxRound by_hand;
  by_hand.effort = correction_effort(truth_of(seed, labelled), nothing_shown, options.cost);
  std::vector<BoxRound> rounds{by_hand};
  const double growth =
      std::pow(static_cast<double>(order.size()) / static_cast<double>(done), 1.0 / options.rounds);
  for (int i = 1; i <= options.rounds && done < order.size(); ++i) {
    const double wanted = static_cast<double>(options.first) * std::pow(growth, i);
    const size_t end = i == options.rounds
                           ? order.size()
                           : std::clamp(static_cast<size_t>(wanted), done + 1, order.size());
    const std::vector<size_t> batch(order.begin() + static_cast<std::ptrdiff_t>(done),
                                    order.begin() + static_cast<std::ptrdiff_t>(end));
    const auto [images, conf] = drafted(seed, labelled, batch, options);
    BoxRound round;
    round.labelled = static_cast<long>(labelled.size());
    round.map50 = coco_figures(images, classes).ap50;
    round.effort = correction_effort(images, conf, options.cost);
    log_round(round);
    rounds.push_back(round);
    labelled.insert(labelled.end(), batch.begin(), batch.end());
    done = end;
  }
  return rounds;
}

}  // namespace preannotate
