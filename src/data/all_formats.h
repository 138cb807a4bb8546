#pragma once

#include "preannotate/data/format.h"

namespace preannotate {

extern const DatasetFormat kCocoFormat;
extern const DatasetFormat kCsvFormat;
extern const DatasetFormat kFolderFormat;
extern const DatasetFormat kLabelStudioFormat;
extern const DatasetFormat kVocFormat;

}  // namespace preannotate
