#include "preannotate/data/split.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <stdexcept>

#include "preannotate/core/random.h"

namespace preannotate {
namespace {

void check_folds(int folds) {
  if (folds < 2) throw std::invalid_argument("at least 2 folds are needed");
}

/// Items by class, each class shuffled.
std::map<int, std::vector<size_t>> shuffled_members(const std::vector<int>& labels,
                                                    std::uint64_t seed) {
  std::map<int, std::vector<size_t>> members;
  for (size_t i = 0; i < labels.size(); ++i) members[labels[i]].push_back(i);
  Random random(seed);
  for (auto& [label, items] : members) random.shuffle(items);
  return members;
}

/// Iterative stratification (Sechidis, Tsoumakas and Vlahavas, 2011): the label with the fewest
/// unplaced items goes first, each item to the fold that still wants most of that label.
class Stratification {
 public:
  Stratification(const std::vector<std::vector<int>>& labels, int categories, int folds,
                 std::uint64_t seed)
      : labels_(labels),
        folds_(static_cast<size_t>(folds)),
        result_(labels.size(), -1),
        order_(labels.size()),
        unplaced_(static_cast<size_t>(categories), 0) {
    std::iota(order_.begin(), order_.end(), size_t{0});
    Random(seed).shuffle(order_);
    for (const auto& item : labels) {
      for (const int label : item) ++unplaced_.at(static_cast<size_t>(label));
    }
    drop_singles();
    const auto share = [&](double count) { return std::vector<double>(folds_, count / folds); };
    wanted_items_ = share(static_cast<double>(order_.size()));
    for (const size_t count : unplaced_) wanted_.push_back(share(static_cast<double>(count)));
  }

  std::vector<int> run() {
    for (;;) {
      const auto rarest = rarest_label();
      if (rarest < 0) break;
      for (const size_t item : order_) {
        if (result_[item] < 0 && has(item, rarest)) place(item, best_fold(rarest));
      }
    }
    for (const size_t item : order_) {
      if (result_[item] < 0) place(item, best_fold(-1));
    }
    return std::move(result_);
  }

 private:
  bool has(size_t item, int label) const {
    return std::find(labels_[item].begin(), labels_[item].end(), label) != labels_[item].end();
  }

  /// Items that alone have a category keep fold -1 and are no part of the folds' shares.
  void drop_singles() {
    const auto members = unplaced_;
    std::erase_if(order_, [&](size_t item) {
      const bool single = std::any_of(labels_[item].begin(), labels_[item].end(), [&](int label) {
        return members[static_cast<size_t>(label)] == 1;
      });
      if (single) {
        for (const int label : labels_[item]) --unplaced_[static_cast<size_t>(label)];
      }
      return single;
    });
  }

  int rarest_label() const {
    int rarest = -1;
    for (size_t label = 0; label < unplaced_.size(); ++label) {
      if (unplaced_[label] == 0) continue;
      if (rarest < 0 || unplaced_[label] < unplaced_[static_cast<size_t>(rarest)]) {
        rarest = static_cast<int>(label);
      }
    }
    return rarest;
  }

  /// The fold that wants most of `label` (of any item with -1), then most items, then the first.
  size_t best_fold(int label) const {
    const auto& wanted = label < 0 ? wanted_items_ : wanted_[static_cast<size_t>(label)];
    size_t best = 0;
    for (size_t fold = 1; fold < folds_; ++fold) {
      if (std::pair(wanted[fold], wanted_items_[fold]) >
          std::pair(wanted[best], wanted_items_[best])) {
        best = fold;
      }
    }
    return best;
  }

  void place(size_t item, size_t fold) {
    result_[item] = static_cast<int>(fold);
    wanted_items_[fold] -= 1;
    for (const int label : labels_[item]) {
      wanted_[static_cast<size_t>(label)][fold] -= 1;
      --unplaced_[static_cast<size_t>(label)];
    }
  }

  const std::vector<std::vector<int>>& labels_;
  size_t folds_;
  std::vector<int> result_;
  std::vector<size_t> order_, unplaced_;     // unplaced items of each label
  std::vector<std::vector<double>> wanted_;  // [label][fold]
  std::vector<double> wanted_items_;         // [fold]
};

}  // namespace

std::vector<int> stratified_folds(const std::vector<int>& labels, int folds, std::uint64_t seed) {
  check_folds(folds);
  std::vector<int> result(labels.size(), -1);
  // Dealt like cards, class after class: no class and no total differs by more than one.
  size_t dealt = 0;
  for (const auto& [label, items] : shuffled_members(labels, seed)) {
    if (items.size() < 2) continue;
    for (const size_t item : items)
      result[item] = static_cast<int>(dealt++ % static_cast<size_t>(folds));
  }
  return result;
}

std::vector<bool> stratified_holdout(const std::vector<int>& labels, double fraction,
                                     std::uint64_t seed) {
  if (!(fraction > 0 && fraction < 1)) throw std::invalid_argument("fraction is not in (0, 1)");
  std::vector<bool> held(labels.size(), false);
  for (const auto& [label, items] : shuffled_members(labels, seed)) {
    if (items.size() < 2) continue;
    const auto wanted =
        static_cast<size_t>(std::llround(fraction * static_cast<double>(items.size())));
    const size_t count = std::clamp<size_t>(wanted, 1, items.size() - 1);
    for (size_t i = 0; i < count; ++i) held[items[i]] = true;
  }
  return held;
}

std::vector<int> multilabel_folds(const std::vector<std::vector<int>>& labels, int categories,
                                  int folds, std::uint64_t seed) {
  check_folds(folds);
  return Stratification(labels, categories, folds, seed).run();
}

}  // namespace preannotate
