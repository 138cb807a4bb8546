#pragma once

#include <string>
#include <vector>

#include "preannotate/core/json.h"
#include "preannotate/pipeline/figures.h"
#include "preannotate/quality/thresholds.h"

namespace preannotate {

/// What a person needs for some images, in seconds.
struct ReviewTime {
  long images = 0, unseen = 0;  // unseen: accepted as they are
  double by_hand = 0;           // without drafts
  double review_all = 0;        // every draft looked at, wrong ones corrected
  double review_rest = 0;       // those not accepted only
};

/// Acceptance of classes of images. classify: each image is a draft of its most probable class.
/// multilabel: each image is a draft, as sure as its least sure label, right when all labels are;
/// one score for all classes, and no counts of each.
Acceptance class_acceptance(const Judged& judged, const std::string& task, size_t classes,
                            double precision, std::uint64_t seed);

/// At quality/class_cost.h's seconds; a wrong label of several costs one correction.
ReviewTime class_review_time(const Judged& judged, const std::string& task, size_t classes,
                             const Acceptance& acceptance);

/// metrics.json's "thresholds":
///
///   {"target_precision", "per_class": {name: number or null},
///    "precision": {"value", "low", "high"} or null, "coverage": share of drafts,
///    "drafts": "images" or "boxes", "items", "accepted", "right",
///    "reachable": the highest target that accepts anything,
///    "needed": drafts, all right, that show the target with 95 % confidence,
///    "classes": [{"name", "score", "items", "accepted", "right"}],
///    "unseen_share": of the images, "minutes_per_1000": {"by_hand", "review_all", "review_rest"}}
Json acceptance_json(const Acceptance& acceptance, double target,
                     const std::vector<std::string>& classes, const std::string& drafts,
                     const ReviewTime& time);

/// Of that, what run.json repeats: RunManifest::promise.
Json promise_of(const Json& thresholds);

/// One line: "precision 0.95: 145 of 250 images are accepted (58 %), 0.966 of them right (95 %
/// interval 0.921-0.989)".
std::string acceptance_line(const Json& thresholds);

}  // namespace preannotate
