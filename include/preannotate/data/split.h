#pragma once

#include <cstdint>
#include <vector>

namespace preannotate {

/// Stratified folds: result[i] is the fold of item i in [0, folds). Each class is spread as evenly
/// as it can be (counts differ by at most one per class), the folds' totals too. An item of a class
/// with a single member gets fold -1: it always trains and is never validated on.
/// labels[i]: class of item i.
std::vector<int> stratified_folds(const std::vector<int>& labels, int folds, std::uint64_t seed);

/// Stratified hold-out: result[i] is true when item i is held out. About `fraction` of each class,
/// at least one of each class with two or more members, never all of a class.
std::vector<bool> stratified_holdout(const std::vector<int>& labels, double fraction,
                                     std::uint64_t seed);

/// For several labels an item (result as stratified_folds): iterative stratification, rarest label
/// first. labels[i]: the categories of item i, possibly none.
std::vector<int> multilabel_folds(const std::vector<std::vector<int>>& labels, int categories,
                                  int folds, std::uint64_t seed);

}  // namespace preannotate
