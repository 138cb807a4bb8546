#pragma once

#include <functional>
#include <string>
#include <vector>

#include "head_choice.h"
#include "labelled_features.h"
#include "preannotate/core/json.h"
#include "preannotate/engine/precision.h"
#include "preannotate/image/placement.h"
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
  double speed = 0;  // of the network, fp32 being 1
};

/// The trials, and what int8 needs to be used.
struct PrecisionTrials {
  std::vector<PrecisionTrial> trials;
  ActivationRanges ranges;  // of the backbone on images of the seed; empty where nothing was tried
};

/// Images that int8 is calibrated on.
constexpr size_t kCalibrationImages = 64;

/// The least agreement of labels, and the most that AP50 may differ by either way.
constexpr double kLeastAgreement = 0.99, kMostDifference = 0.005;

/// Fills in a trial's figure with the backbone in another precision; false where it cannot be.
using TryPrecision = std::function<bool(const Backbone& other, PrecisionTrial& trial)>;
/// A trial of each usable precision, with its speed on pictures of `size`; found.ranges is read.
void try_each(const Backbone& backbone, FrameSize size, const TryPrecision& attempt,
              PrecisionTrials& found);

/// Each usable precision on up to 300 judged images: with a hold-out by the head itself, else by
/// heads fitted without the image's fold. No trial where nothing judges, or the backbone is not
/// compiled. int8 is calibrated on images that are not held out.
PrecisionTrials try_precisions(const Backbone& backbone, const FittedHead& head,
                               const LabelledFeatures& features, const Seed& seed,
                               const Division& division, const FeatureOptions& extraction);

/// metrics.json's "precision", a line for each.
Json trials_json(const std::vector<PrecisionTrial>& trials);
/// As RunManifest::precisions: fp32, then those that passed and are at least 5 % faster than the
/// one before, the fastest last.
std::vector<Precision> passed(const std::vector<PrecisionTrial>& trials);
void log_trials(const std::vector<PrecisionTrial>& trials);

}  // namespace preannotate
