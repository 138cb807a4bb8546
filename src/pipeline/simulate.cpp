#include "preannotate/pipeline/simulate.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "box_cost.h"
#include "box_loop.h"
#include "class_loop.h"
#include "detector_data.h"
#include "head_choice.h"
#include "labelled_pair.h"
#include "loop_figures.h"
#include "loop_model.h"
#include "plain_view.h"
#include "preannotate/core/files.h"
#include "preannotate/core/log.h"
#include "preannotate/core/random.h"
#include "preannotate/core/text.h"
#include "preannotate/model/device.h"
#include "preannotate/pipeline/figures.h"
#include "preannotate/pipeline/train.h"
#include "preannotate/review/simulated_reviewer.h"
#include "report_loop.h"
#include "stopwatch.h"
#include "stream_size.h"
#include "train_report.h"
#include "training_options.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

constexpr int kClassRepeats = 5;
constexpr size_t kClassFirst = 40, kBoxFirst = 10;
constexpr int kBoxRounds = 3;

TrainOptions training_options(const SimulateOptions& options) {
  TrainOptions training;
  training.data = options.data;
  training.backbone = options.backbone;
  training.trust_backbone = options.trust_backbone;
  training.seed = options.seed;
  training.workers = options.workers;
  training.batch = options.batch;
  training.device = options.device;
  training.cache = options.cache;
  training.steps = options.steps;
  training.cost = options.cost;
  training.decode = options.decode;
  return training;
}

Json per_class(const Seed& seed) {
  Json counts = Json::object();
  const auto images = images_per_category(seed);
  for (size_t c = 0; c < images.size(); ++c) counts[seed.dataset.categories[c]] = images[c];
  return counts;
}

/// Features of all images as train looks at a seed.
LabelledFeatures features_of(const Seed& seed, const Backbone& backbone,
                             const SimulateOptions& options, Problems& problems) {
  auto features = extract_cached(
      backbone, seed.dataset,
      plain_view(backbone, Resize::kCrop, options.workers, options.batch, options.decode),
      options.cache, problems);
  problems.log_summary(seed.dataset.samples.size());
  return features;
}

/// What the classes are taken for, by a model cross-validated on all images.
std::vector<std::vector<double>> confusions_of(const LabelledFeatures& features, const Seed& seed,
                                               int threads) {
  const size_t classes = seed.dataset.categories.size();
  std::vector<std::vector<double>> confusions(classes, std::vector<double>(classes, 0.0));
  std::vector<int> truth;
  for (const size_t sample : features.samples) truth.push_back(seed.labels[sample].at(0));
  const auto scores = LoopModel(features, threads, 0).train(seed, truth).out_of_fold;
  for (size_t i = 0; i < truth.size(); ++i) {
    if (scores[i].empty()) continue;
    confusions[static_cast<size_t>(truth[i])][static_cast<size_t>(top_class(scores[i]))] += 1;
  }
  return confusions;
}

void check_classes(const Seed& seed, const LabelledFeatures& features, const fs::path& data) {
  if (seed.dataset.categories.size() < 2) {
    throw UserError(kBadInput, data, " has one class only, '", seed.dataset.categories.front(),
                    "'; there is nothing to tell apart");
  }
  if (features.samples.size() < 2) {
    throw UserError(kBadInput, data, ": ", features.samples.size(), " of ",
                    seed.dataset.samples.size(), " labelled images can be read; too few to replay");
  }
}

Json class_cost_json(const ClassCost& cost) {
  return {{"class_choose", cost.choose_base},
          {"class_choose_doubling", cost.choose_doubling},
          {"class_verify", cost.verify},
          {"class_fix", cost.fix},
          {"class_grid", cost.grid},
          {"class_click", cost.click},
          {"load", cost.load}};
}

/// "loop 3 of 20: 0.87 s an image, 0.0 % wrong, certified"
void log_run(int run, int runs, const LoopOutcome& outcome, double seconds_per_image) {
  char text[128];
  std::snprintf(text, sizeof text, "loop %d of %d: %.2f s an image, %.2f %% wrong, %scertified",
                run + 1, runs, seconds_per_image, 100 * outcome.residual,
                outcome.certified ? "" : "not ");
  log_info(text);
}

Json simulate_classes(const SimulateOptions& options, const Seed& seed, Problems& problems) {
  const ClassCost cost = read_person_cost(options.cost).classes;  // before the long work
  const Backbone backbone(backbone_options(training_options(options)));
  const auto features = features_of(seed, backbone, options, problems);
  check_classes(seed, features, options.data);
  ClassLoopOptions loop;
  loop.max_error = options.max_error;
  loop.confidence = options.confidence;
  loop.reviewer = options.reviewer;
  loop.trust_reviewers = options.trust_reviewers;
  loop.first = options.first > 0 ? options.first : kClassFirst;
  loop.budget = options.budget;
  loop.rounds = options.rounds;
  loop.cost = cost;
  loop.threads = stream_size(options.workers, options.batch, backbone.device()).workers;
  const auto classes = static_cast<int>(seed.dataset.categories.size());
  const auto confusions =
      reviewer_named(options.reviewer).wrong_choices > 0
          ? confusions_of(features, seed, loop.threads)
          : std::vector<std::vector<double>>(seed.dataset.categories.size(),
                                             std::vector<double>(seed.dataset.categories.size()));
  const int repeats = options.repeats > 0 ? options.repeats : kClassRepeats;
  Random random(options.seed);
  std::vector<LoopOutcome> runs;
  for (int run = 0; run < repeats; ++run) {
    loop.seed = random.next();
    runs.push_back(replay_class_loop(features, seed, confusions, loop));
    const auto images = static_cast<double>(runs.back().images);
    log_run(run, repeats, runs.back(), runs.back().actions.seconds(cost, classes) / images);
  }
  Json figures{{"repeats", repeats},
               {"confidence", options.confidence},
               {"max_error", options.max_error},
               {"cost", class_cost_json(cost)}};
  figures.update(class_loop_figures(runs, options.max_error, cost, classes));
  return figures;
}

Json box_cost_json(const BoxCost& cost) {
  return {{"draw", cost.draw},     {"verify", cost.verify},   {"adjust", cost.adjust},
          {"remove", cost.remove}, {"reclass", cost.reclass}, {"scan", cost.scan},
          {"load", cost.load}};
}

Json simulate_boxes(const SimulateOptions& options, Seed seed, Problems& problems) {
  if (options.reviewer != "oracle") {
    throw UserError(kUsageError, "--reviewer ", printable(options.reviewer),
                    " is for classes of whole images; of boxes only an oracle is replayed");
  }
  BoxLoopOptions loop;
  loop.training = training_options(options);
  loop.cost = read_box_cost(options.cost);
  loop.first = options.first > 0 ? options.first : kBoxFirst;
  loop.rounds = options.rounds > 0 ? options.rounds : kBoxRounds;
  loop.budget = options.budget;
  read_missing_sizes(seed.dataset, options.data);
  note_reading_problems(seed.dataset, problems);
  const int repeats = std::max(options.repeats, 1);
  Random random(options.seed);
  std::vector<std::vector<BoxRound>> runs;
  for (int run = 0; run < repeats; ++run) {
    Problems again;
    loop.seed = random.next();
    runs.push_back(replay_box_loop(seed, loop, run == 0 ? problems : again));
  }
  Json figures{{"repeats", repeats}, {"cost", box_cost_json(loop.cost)}};
  figures.update(box_loop_figures(runs));
  return figures;
}

Json data_json(const SimulateOptions& options, const Seed& seed, const Problems& problems) {
  return {{"path", utf8_path(options.data)},
          {"pool", options.pool.empty() ? Json() : Json(utf8_path(options.pool))},
          {"images", seed.dataset.samples.size() - problems.all().size()},
          {"per_class", per_class(seed)},
          {"left_out", problems_json(problems)}};
}

}  // namespace

SimulateResult simulate(const SimulateOptions& options) {
  const Stopwatch watch;
  const std::string reviewer = reviewer_named(options.reviewer).name;
  std::unique_ptr<OutputFolder> output;
  if (!options.output.empty()) {
    const std::vector<std::string> names{"simulation.json", "report.html"};
    output = std::make_unique<OutputFolder>(options.output, options.force, names);
  }
  const Seed seed = read_pair(options.data, options.pool, options.format, options.task);
  if (seed.task == "multilabel") {
    throw UserError(kUsageError, options.data,
                    " is labelled with several classes an image; simulate replays loops of one "
                    "class an image or of boxes");
  }
  log_info("data: " + std::to_string(seed.dataset.samples.size()) + " images, " +
           std::to_string(seed.dataset.categories.size()) + " classes, task " + seed.task);
  Problems problems;
  const Json figures = seed.task == "detect" ? simulate_boxes(options, seed, problems)
                                             : simulate_classes(options, seed, problems);
  SimulateResult result;
  result.simulation = {{"format_version", 1},  {"tool_version", PREANNOTATE_VERSION},
                       {"task", seed.task},    {"classes", seed.dataset.categories},
                       {"reviewer", reviewer}, {"data", data_json(options, seed, problems)}};
  result.simulation.update(figures);
  result.simulation["time"] = {{"total_s", watch.seconds()}};
  result.exit_code = problems.empty() || options.allow_skipped ? kDone : problems.exit_code();
  if (output) {
    write_file(output->path() / "simulation.json", json_text(result.simulation, 1) + "\n");
    write_file(output->path() / "report.html", report::loop_page(result.simulation));
    output->commit();
  }
  return result;
}

}  // namespace preannotate
