#pragma once

#include <vector>

#include "preannotate/metrics/accuracy.h"

namespace preannotate {

/// What became of one class between two models, on the same images of it.
struct ClassChange {
  long images = 0;
  long lost = 0, won = 0;  // images that only the old one, or only the new one, has right
  double drop = 0;         // of the share that is right, old less new
  double chance = 1;       // that so many of those that changed are lost: one-sided sign test
};

/// old_right, new_right: [images].
ClassChange class_change(const std::vector<bool>& old_right, const std::vector<bool>& new_right);

/// Whether it fell by more than `max_drop` and by more than chance explains (chance < 0.05).
bool is_worse(const ClassChange& change, double max_drop);

/// An item that a model judged: how sure it is of its class, [0, 1], and whether the label agrees.
struct JudgedLabel {
  double confidence = 0;
  bool agrees = false;
};

/// The share of `answers` that are wrong, by how much less often they agree with a model than
/// labels known to be right (`gold`) do, among those that the model is as sure of (up to five
/// strata of gold's confidence, of 40 or more each): 1 - agreement / expected agreement, with its
/// one-sided 95 % limits by the delta method, clamped to [0, 1]. The model must not have learned
/// from what it judges. [0, 1] with fewer than 40 of either.
Interval wrong_share(const std::vector<JudgedLabel>& answers, std::vector<JudgedLabel> gold);

}  // namespace preannotate
