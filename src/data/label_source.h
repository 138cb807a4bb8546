#pragma once

#include "preannotate/data/dataset.h"

namespace preannotate {

/// True for a sample whose labels a model drafted; those of bucket answered are people's.
inline bool is_drafted(const Dataset& dataset, const Sample& sample) {
  return !dataset.model_version.empty() && sample.bucket != "answered";
}

/// In CVAT's words.
inline const char* label_source(const Dataset& dataset, const Sample& sample) {
  return is_drafted(dataset, sample) ? "auto" : "manual";
}

}  // namespace preannotate
