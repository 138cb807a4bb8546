#pragma once

#include <vector>

#include "detector_plan.h"
#include "preannotate/data/dataset.h"
#include "preannotate/model/view_truth.h"

namespace preannotate {

/// Boxes of a sample that are crowds, or that are not.
std::vector<Box> boxes_of(const Sample& sample, bool crowds);

/// What is seen of a sample in one view.
ViewTruth truth_in(const Sample& sample, const Placement& placement, FrameSize frame);

/// How the images of a seed are looked at; the same for the same arguments. `seed` and `plan` must
/// outlive it.
class SeedViews {
 public:
  SeedViews(const Dataset& seed, const DetectorPlan& plan, std::uint64_t random_seed);
  /// As predict looks at it: one placement an item, an item is the image or one tile of it.
  std::vector<Placement> plain(const Sample& sample) const;
  /// All policy.views views of each item of image `index`, item after item, the plain one first.
  std::vector<Placement> operator()(size_t index) const;
  /// Decodes image `index` and renders one view, [frame.height, frame.width, 3] uint8, to `out`.
  ViewTruth render(size_t index, const Placement& placement, std::uint8_t* out) const;

 private:
  const Dataset& seed_;
  const DetectorPlan& plan_;
  std::uint64_t random_seed_;
};

}  // namespace preannotate
