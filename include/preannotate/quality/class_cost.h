#pragma once

#include <algorithm>
#include <cmath>

namespace preannotate {

/// Seconds a person needs for each action on classes of whole images. `verify` and `fix` are
/// assumptions, `choose` has the form of Hick's and Hyman's law (1952, 1953).
struct ClassCost {
  double verify = 1.5;  // look at a drafted class
  double fix = 3.0;     // correct a wrong one

  /// Choose one of so many classes without a draft.
  double choose(int classes) const { return 1.5 + 0.45 * std::log2(std::max(classes, 1)); }
};

}  // namespace preannotate
