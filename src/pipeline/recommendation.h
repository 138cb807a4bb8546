#pragma once

#include <string>
#include <vector>

#include "preannotate/quality/paired_difference.h"

namespace preannotate {

/// How one backbone did, and how far it is from the one with the least log-loss.
struct Standing {
  std::string name;
  double log_loss = 0, images_per_s = 0;
  PairedDifference more_loss;   // its log-loss less the best's
  PairedDifference more_right;  // its share of items that are all right less the best's
};

struct Recommendation {
  size_t chosen = 0;   // into the standings
  std::string reason;  // "2.2 times as fast as lite2, whose log-loss is 0.012 lower (...)"
};

/// The fastest backbone whose log-loss is not higher than the best's beyond noise. Speeds within a
/// tenth count as equal; of equal ones the least log-loss. standings: least log-loss first, not
/// empty. `right_name`: what the share of right items is called, "accuracy".
Recommendation recommend(const std::vector<Standing>& standings, const std::string& right_name);

}  // namespace preannotate
