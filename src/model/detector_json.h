#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "preannotate/core/json.h"
#include "preannotate/model/detector_run.h"

namespace preannotate {

/// What run.json says of a detector: its objects preprocessing, head, calibration, thresholds and
/// suppression.
struct DetectorJson {
  Json preprocessing, head, calibration, thresholds, suppression;
};
DetectorJson detector_json(const DetectorSettings& settings);

/// The same read back. Throws UserError naming `where` for a missing field, a value out of range,
/// or lists that do not fit the `classes`.
DetectorSettings detector_from_json(const Json& run, std::int64_t classes,
                                    const std::string& where);

}  // namespace preannotate
