#pragma once

#include <filesystem>

#include "head_choice.h"

namespace preannotate {

/// Writes what the head was fitted on, for comparison with other solvers (NumPy's NPY 1.0):
/// features.npy [N, D] float32 of the plain views, targets.npy [N] int64 (multilabel: [N, C]
/// float32), folds.npy [N] int64 (-1: never validated on), out_of_fold.npy [N, C] float32 logits.
void dump_features(const std::filesystem::path& folder, const LabelledFeatures& features,
                   const Seed& seed, const Division& division, const FittedHead& head);

}  // namespace preannotate
