#pragma once

#include "preannotate/data/format.h"

namespace preannotate {

extern const DatasetFormat kCocoFormat;
extern const DatasetFormat kCsvFormat;
extern const DatasetFormat kCvatFormat;
extern const DatasetFormat kDatumaroFormat;
extern const DatasetFormat kFolderFormat;
extern const DatasetFormat kLabelStudioFormat;
extern const DatasetFormat kOpenImagesFormat;
extern const DatasetFormat kVocFormat;
extern const DatasetFormat kYoloClassifyFormat;
extern const DatasetFormat kYoloFormat;

}  // namespace preannotate
