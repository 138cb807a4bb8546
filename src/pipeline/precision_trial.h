#pragma once

#include <string>
#include <vector>

#include "head_choice.h"
#include "labelled_features.h"
#include "preannotate/core/json.h"
#include "preannotate/engine/precision.h"
#include "preannotate/model/backbone.h"
#include "preannotate/model/features.h"

namespace preannotate {

/// A precision other than fp32, held against it on images that the judge did not learn from.
struct PrecisionTrial {
  Precision precision = Precision::kFp32;
  std::string instructions;  // of the processor
  std::string figure;  // "agreement" (share of images with the same labels), "map50_difference"
  double value = 0;
  size_t images = 0;
  bool passed = false;
};

/// The least agreement of labels, and the most that AP50 may differ by either way.
constexpr double kLeastAgreement = 0.99, kMostDifference = 0.005;

/// Each usable precision on up to 300 judged images: with a hold-out by the head itself, else by
/// heads fitted without the image's fold. Empty where nothing judges, or the backbone is not
/// compiled.
std::vector<PrecisionTrial> try_precisions(const Backbone& backbone, const FittedHead& head,
                                           const LabelledFeatures& features, const Seed& seed,
                                           const Division& division,
                                           const FeatureOptions& extraction);

/// metrics.json's "precision", a line for each.
Json trials_json(const std::vector<PrecisionTrial>& trials);
/// fp32 and those that passed, as RunManifest::precisions.
std::vector<Precision> passed(const std::vector<PrecisionTrial>& trials);
void log_trials(const std::vector<PrecisionTrial>& trials);

}  // namespace preannotate
