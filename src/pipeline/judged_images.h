#pragma once

#include <vector>

#include "head_choice.h"
#include "preannotate/pipeline/figures.h"

namespace preannotate {

/// What the head says of the images that judge it, as probabilities at `temperature`; those in no
/// fold are left out.
Judged judged_images(const FittedHead& head, const LabelledFeatures& features, const Seed& seed,
                     double temperature);

/// Log-loss of each judged image; of several labels an image the mean over the classes. Their mean
/// is the "log_loss" of validation_figures().
std::vector<double> image_losses(const Judged& judged, const std::string& task);

}  // namespace preannotate
