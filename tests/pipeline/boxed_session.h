#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "boxed_world.h"
#include "preannotate/core/json.h"
#include "preannotate/data/ledger.h"
#include "preannotate/pipeline/evaluate.h"
#include "preannotate/pipeline/predict.h"
#include "preannotate/pipeline/train.h"
#include "refusal.h"
#include "support/test_folder.h"
#include "synthetic.h"

namespace preannotate::testing_support {

/// Sessions of a detector on a small world of coloured rectangles, in this process.
class BoxedSession : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = test_folder();
    setenv("PREANNOTATE_CACHE", (folder_ / "cache").c_str(), 1);
  }

  /// Long enough to find the rectangles.
  TrainOptions train_options(const BoxedWorld& world) const {
    TrainOptions options;
    options.data = world.seed;
    options.output = folder_ / "run";
    options.backbone = world.backbone;
    options.trust_backbone = true;
    options.imgsz = 96;
    options.steps = 200;
    options.workers = 2;
    return options;
  }

  /// For what needs a run and no quality: boxes are somewhere, with scores of all sizes.
  TrainOptions quick_options(const BoxedWorld& world) const {
    TrainOptions options = train_options(world);
    options.steps = 40;
    options.folds = 0;
    options.augment = "none";
    return options;
  }

  PredictOptions predict_options(const BoxedWorld& world,
                                 const std::string& output = "drafts") const {
    PredictOptions options;
    options.model = folder_ / "run";
    options.output = folder_ / output;
    options.sources = {world.unlabelled};
    options.formats = {"coco"};
    options.workers = 2;
    return options;
  }

  std::vector<LedgerEntry> ledger(const std::string& output = "drafts") const {
    const Json run = read_json(folder_ / output / "run.json");
    LedgerReader reader(folder_ / output / "drafts.jsonl",
                        strings_field(run, "categories", "run.json"));
    std::vector<LedgerEntry> entries;
    while (auto entry = reader.next()) entries.push_back(std::move(*entry));
    return entries;
  }

  /// The metrics of drafts, or of a run, against the truth of the world.
  Json judged(const std::filesystem::path& model, const std::filesystem::path& drafts,
              const std::filesystem::path& data) const {
    EvaluateOptions options;
    options.model = model;
    options.drafts = drafts;
    options.data = data;
    options.workers = 2;
    return evaluate(options).metrics;
  }

  std::filesystem::path folder_;
};

inline double map50(const Json& metrics) {
  return metrics.at("validation").at("map50").get<double>();
}

}  // namespace preannotate::testing_support
