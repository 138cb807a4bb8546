#pragma once

#include <string>

#include "head_choice.h"
#include "preannotate/core/json.h"
#include "preannotate/model/features.h"

namespace preannotate {

/// Whether a larger input would help, on a stratified part of the seed (at most 150 images, so that
/// the question costs less than the training): the same head, plain views and folds at both sides,
/// compared image by image. Adds both to `tried` ("feature_choice") and returns a sentence when the
/// out-of-fold log-loss is lower by more than 1.64 standard errors of the paired differences, else
/// "". Does nothing without folds.
std::string try_larger_side(const Backbone& backbone, int side, const LabelledFeatures& features,
                            const Seed& seed, const Division& division, bool maps,
                            const FeatureOptions& extraction, bool cache, Json& tried);

}  // namespace preannotate
