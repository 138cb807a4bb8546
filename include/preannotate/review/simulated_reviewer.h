#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "preannotate/core/random.h"

namespace preannotate {

/// How a simulated person errs over classes of images.
struct ReviewerKind {
  std::string name;
  double wrong_choices = 0;  // share of the classes chosen without a draft that are wrong
  double passes = 0;         // share of wrong drafts that are accepted as they are
};

/// oracle: always right. noisy: 4.8 % of its choices are wrong, and it accepts a wrong draft that
/// is the very class it would have chosen. biased:0.3 (biased alone is 0.3): accepts so large a
/// share of wrong drafts, and is right in all else. Throws UserError(kUsageError).
ReviewerKind reviewer_named(std::string_view name);

/// A person before images with known classes. One look does not depend on another, except at the
/// images that are hard for everybody. A right draft is always accepted.
class SimulatedReviewer {
 public:
  /// truth: the class of each image. confusions[c]: how often each other class is taken for c; a
  /// row without any is taken to be even.
  ///
  /// The noisy person is fitted to CIFAR-10H (Peterson et al. 2019): one look is wrong in 4.8 % of
  /// cases and the majority of many in 0.8 %, which are the hard images, where a look is wrong with
  /// probability 0.6.
  SimulatedReviewer(ReviewerKind kind, std::vector<int> truth,
                    std::vector<std::vector<double>> confusions, std::uint64_t seed);

  int chooses(size_t image);                 // without a draft
  bool accepts(size_t image, int draft);     // one that is shown
  int corrects(size_t image, int rejected);  // what is chosen in place of it

 private:
  int perceives(size_t image);
  ReviewerKind kind_;
  std::vector<int> truth_;
  std::vector<std::vector<double>> confusions_;
  std::vector<bool> hard_;
  Random random_;
};

}  // namespace preannotate
