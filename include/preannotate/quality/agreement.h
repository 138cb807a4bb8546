#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "preannotate/metrics/detection.h"

namespace preannotate {

/// What people say of one thing: the category by person. Who said nothing is not there.
using Ratings = std::map<std::string, int>;

/// Cohen's kappa (1960) of two people over what both rated: 1 they always agree, 0 as often as
/// chance would have it by how often each says what. Absent when nothing was rated by both, or when
/// both always say the same single category. Throws std::invalid_argument for a third person.
std::optional<double> cohen_kappa(const std::vector<Ratings>& rated);

/// Krippendorff's alpha for categories without an order (Hayes and Krippendorff 2007), for any
/// number of people who need not rate everything. Absent when nothing was rated by two, or when all
/// say the same single category.
std::optional<double> krippendorff_alpha(const std::vector<Ratings>& rated);

/// Boxes that two people drew in the same image.
struct BoxesOfTwo {
  std::vector<TruthBox> one, other;
};

struct BoxAgreement {
  double f1 = 0;  // mean over pairs of 2 matched / (boxes of one + of the other); 1 for none at all
  double iou = 0;  // mean over matched boxes; 0 for none
};

/// Boxes of the same category are matched at IoU 0.5, the most overlapping first. Absent without a
/// pair.
std::optional<BoxAgreement> box_agreement(const std::vector<BoxesOfTwo>& pairs);

}  // namespace preannotate
