// What update decides for many sets of answers to the drafts of one run, by its own parts but
// without writing runs or trying precisions, which takes most of its time:
//
//   preannotate_update_bench RUN SEED < DRAWS
//
// A line of DRAWS names a drafts folder with answers, a gold set, and labelled images that neither
// trained nor decided, tabs between them. One JSON object a line: {"promoted", "reason", "gold",
// "rest", "forgetting", "answers", "pulled", "seconds"}.

#include <torch/types.h>

#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "pipeline/stopwatch.h"
#include "pipeline/stream_size.h"
#include "pipeline/training_options.h"
#include "pipeline/training_set.h"
#include "pipeline/verdict.h"
#include "preannotate/core/files.h"
#include "preannotate/core/log.h"
#include "preannotate/model/device.h"

namespace preannotate {
namespace {

struct Decision {
  Verdict verdict;
  Json rest;  // as the verdict's gold, of the other images
  bool pulled = false;
};

/// As train_classifier_run extracts, divides and fits, with the options of the run.
Decision decide(const Run& champion, const Backbone& backbone, const Seed& seed,
                const std::string& drafts, const std::string& gold_path,
                const std::string& rest_path) {
  const auto& manifest = champion.manifest;
  const GoldSet gold = read_gold(gold_path, "", manifest.task);
  const TrainingSet set = training_set(
      &seed, read_reviewed({drafts}, manifest.classes, manifest.task), champion, gold.content);

  const TrainOptions training = options_of(manifest);
  FeatureOptions extraction;
  extraction.views = views_named(training.augment.value_or("none"));
  extraction.resize = manifest.resize;
  extraction.workers = stream_size(0, std::nullopt).workers;
  const FeatureCache cache(cache_folder() / "features", cache_setting(backbone, extraction));
  extraction.cache = &cache;
  Problems problems;
  const auto features = extract_features(backbone, set.seed.dataset, extraction, problems);
  const auto division = divide(features, set.seed, 0, 5, training.seed);
  const EarlierHead earlier{champion.head, manifest.maps, set.known};
  Json tried = Json::array();
  const FittedHead head =
      choose_head(features, set.seed, division, backbone.layout(), training.features,
                  backbone.side(), extraction.workers, tried, &earlier);

  Run run;
  run.manifest = manifest;
  run.manifest.classes = set.seed.dataset.categories;
  run.manifest.maps = head.maps;
  run.manifest.temperature = head.temperature;
  run.head = head.fit.head;
  const Challenger challenger{run, backbone, {}, {&set.seed, &features, &head}};
  const GoldSet rest = read_gold(rest_path, "", manifest.task);
  return {judge_classifier(champion, challenger, gold, set, {}),
          judge_classifier(champion, challenger, rest, set, {}).gold, head.pulled};
}

int run(const std::string& model, const std::string& seed_path) {
  use_one_thread_per_operator();
  set_up_log(Verbosity::kQuiet, false);
  const Run champion = load_run(model);
  const Backbone backbone = load_backbone(champion, device_named("cpu"));
  const Seed seed = read_seed(seed_path, "", champion.manifest.task);
  for (std::string line; std::getline(std::cin, line);) {
    const auto first = line.find('\t'), second = line.find('\t', first + 1);
    const Stopwatch watch;
    const auto [verdict, rest, pulled] =
        decide(champion, backbone, seed, line.substr(0, first),
               line.substr(first + 1, second - first - 1), line.substr(second + 1));
    std::cout << json_text({{"promoted", verdict.promoted},
                            {"reason", verdict.reason},
                            {"gold", verdict.gold},
                            {"rest", rest},
                            {"forgetting", verdict.forgetting},
                            {"answers", verdict.answers},
                            {"pulled", pulled},
                            {"seconds", watch.seconds()}})
              << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace preannotate

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: preannotate_update_bench RUN SEED < DRAWS\n");
    return 2;
  }
  return preannotate::run(argv[1], argv[2]);
}
