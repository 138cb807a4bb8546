#pragma once

#include <algorithm>
#include <cmath>

namespace preannotate {

/// Seconds a person needs for each action on classes of whole images: the central column of
/// scripts/bench/human_cost.json, which has the sources and the optimistic and pessimistic ones.
struct ClassCost {
  double verify = 1.5;  // look at a drafted class, one image alone
  double fix = 3.0;     // correct a wrong one
  double grid = 0.4;    // look at one of a page of images drafted alike
  double click = 1.5;   // mark one of them as wrong
  double load = 0.5;    // open a page
  /// To choose a class without a draft, by the law of Hick and Hyman (1952, 1953): so much, and so
  /// much more each time the number of classes doubles.
  double choose_base = 1.5, choose_doubling = 0.45;

  double choose(int classes) const {
    return choose_base + choose_doubling * std::log2(std::max(classes, 1));
  }
};

}  // namespace preannotate
