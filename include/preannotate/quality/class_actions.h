#pragma once

#include "preannotate/quality/class_cost.h"

namespace preannotate {

/// What people did over classes of whole images, counted.
struct ClassActions {
  long chosen = 0;             // classes chosen without a draft
  long looked = 0, pages = 0;  // drafts looked at in pages of one class, and these pages
  long clicked = 0;            // of those, marked as wrong
  long verified = 0;           // labels looked at one by one
  long fixed = 0;              // wrong ones corrected, wherever they were seen

  /// Images that somebody labelled, corrected or verified one by one.
  long one_by_one() const { return chosen + verified + clicked; }

  double seconds(const ClassCost& cost, int classes) const {
    return static_cast<double>(chosen) * cost.choose(classes) +
           static_cast<double>(looked) * cost.grid + static_cast<double>(pages) * cost.load +
           static_cast<double>(clicked) * cost.click + static_cast<double>(verified) * cost.verify +
           static_cast<double>(fixed) * cost.fix;
  }
};

}  // namespace preannotate
