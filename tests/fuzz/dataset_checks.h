#pragma once

#include "preannotate/data/dataset.h"

namespace preannotate::fuzz {

/// What dataset.h and names.h promise of every dataset that a reader gives.
void check_dataset(const Dataset& dataset);

/// The samples of two datasets are the same but for what files round.
void check_same_samples(const Dataset& before, const Dataset& after);

/// Some label has a box that may vanish when its corners are rounded for a file.
bool has_sliver(const Dataset& dataset);

}  // namespace preannotate::fuzz
