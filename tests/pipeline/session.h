#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "preannotate/core/json.h"
#include "preannotate/data/ledger.h"
#include "preannotate/pipeline/predict.h"
#include "preannotate/pipeline/train.h"
#include "refusal.h"
#include "support/test_folder.h"
#include "synthetic.h"

namespace preannotate::testing_support {

/// A whole session on a small synthetic world, in this process.
class SessionTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = test_folder();
    setenv("PREANNOTATE_CACHE", (folder_ / "cache").c_str(), 1);
  }

  TrainOptions train_options(const World& world) const {
    TrainOptions options;
    options.data = world.seed;
    options.output = folder_ / "run";
    options.backbone = world.backbone;
    options.trust_backbone = true;
    options.folds = 4;
    return options;
  }

  PredictOptions predict_options(const World& world) const {
    PredictOptions options;
    options.model = folder_ / "run";
    options.output = folder_ / "drafts";
    options.sources = {world.unlabelled};
    return options;
  }

  std::vector<LedgerEntry> ledger() const {
    const Json run = read_json(folder_ / "drafts" / "run.json");
    LedgerReader reader(folder_ / "drafts" / "drafts.jsonl",
                        strings_field(run, "categories", "run.json"));
    std::vector<LedgerEntry> entries;
    while (auto entry = reader.next()) entries.push_back(std::move(*entry));
    return entries;
  }

  std::filesystem::path folder_;
};

}  // namespace preannotate::testing_support
