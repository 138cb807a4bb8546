#pragma once

#include <cstdint>
#include <vector>

#include "head_choice.h"

namespace preannotate {

struct CleanRounds {
  int rounds = 5;
  int folds = 5;
  std::uint64_t seed = 0;  // of the divisions: the next ones
  int threads = 2;
};

/// Mean over `rounds` further divisions of the out-of-fold probabilities of heads that did not
/// learn from labels that are not the most probable class by what is known so far, `first` at the
/// start. Wrong labels pull a head towards them, and one division leaves much to chance. Keeps the
/// penalty, the temperature and the feature columns of `head`. first: [N][C] of all images of
/// `features`, which have one class each.
std::vector<std::vector<double>> clean_rounds(const LabelledFeatures& features, const Seed& seed,
                                              const FittedHead& head,
                                              const std::vector<std::vector<double>>& first,
                                              const CleanRounds& options);

}  // namespace preannotate
