#pragma once

#include "preannotate/pipeline/select_label.h"

namespace preannotate {

/// select_label() of a folder of images.
SelectLabelResult first_batch(const SelectLabelOptions& options);

}  // namespace preannotate
