#include "preannotate/review/object_changes.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace preannotate {

namespace {

/// Two lists of labels while objects of one find theirs in the other.
class Pairing {
 public:
  Pairing(const std::vector<Label>& before, const std::vector<Label>& after)
      : before_(before), after_(after), partner_(before.size(), -1), taken_(after.size(), false) {}

  using Fits = std::function<bool(const Label&, const Label&)>;

  /// Each object before takes the first after that fits.
  void pair_first(const Fits& fits) {
    for (size_t i = 0; i < before_.size(); ++i) {
      for (size_t j = 0; j < after_.size() && partner_[i] < 0; ++j) {
        if (!taken_[j] && fits(before_[i], after_[j])) pair(i, j);
      }
    }
  }

  /// Boxes that overlap most are paired first.
  void pair_by_overlap(double least, bool same_class) {
    struct Overlap {
      float iou;
      size_t i, j;
    };
    std::vector<Overlap> overlaps;
    for (size_t i = 0; i < before_.size(); ++i) {
      if (partner_[i] >= 0 || !before_[i].box) continue;
      for (size_t j = 0; j < after_.size(); ++j) {
        if (taken_[j] || !after_[j].box) continue;
        if (same_class && before_[i].category != after_[j].category) continue;
        const float shared = iou(*before_[i].box, *after_[j].box);
        if (shared >= static_cast<float>(least)) overlaps.push_back({shared, i, j});
      }
    }
    std::stable_sort(overlaps.begin(), overlaps.end(),
                     [](const Overlap& a, const Overlap& b) { return a.iou > b.iou; });
    for (const Overlap& overlap : overlaps) {
      if (partner_[overlap.i] < 0 && !taken_[overlap.j]) pair(overlap.i, overlap.j);
    }
  }

  /// The only class that is left on either side.
  void pair_last_classes() {
    const auto left_before = left_classes(before_, [&](size_t i) { return partner_[i] < 0; });
    const auto left_after = left_classes(after_, [&](size_t j) { return !taken_[j]; });
    if (left_before.size() == 1 && left_after.size() == 1) pair(left_before[0], left_after[0]);
  }

  std::vector<ObjectPair> pairs() const {
    std::vector<ObjectPair> pairs;
    for (size_t i = 0; i < before_.size(); ++i) pairs.push_back({static_cast<int>(i), partner_[i]});
    for (size_t j = 0; j < after_.size(); ++j) {
      if (!taken_[j]) pairs.push_back({-1, static_cast<int>(j)});
    }
    return pairs;
  }

 private:
  void pair(size_t i, size_t j) {
    partner_[i] = static_cast<int>(j);
    taken_[j] = true;
  }

  template <class Left>
  static std::vector<size_t> left_classes(const std::vector<Label>& labels, const Left& left) {
    std::vector<size_t> places;
    for (size_t i = 0; i < labels.size(); ++i) {
      if (!labels[i].box && left(i)) places.push_back(i);
    }
    return places;
  }

  const std::vector<Label>& before_;
  const std::vector<Label>& after_;
  std::vector<int> partner_;  // of each before
  std::vector<bool> taken_;   // each after
};

}  // namespace

std::vector<ObjectPair> paired_objects(const std::vector<Label>& before,
                                       const std::vector<Label>& after, const Likeness& likeness) {
  Pairing pairing(before, after);
  pairing.pair_first([](const Label& a, const Label& b) {
    return a.box && b.box && !a.id.empty() && a.id == b.id && a.category == b.category;
  });
  pairing.pair_first([](const Label& a, const Label& b) {
    return a.box && b.box && !a.id.empty() && a.id == b.id;
  });
  pairing.pair_by_overlap(likeness.found_iou, /*same_class=*/true);
  pairing.pair_by_overlap(likeness.found_iou, /*same_class=*/false);
  pairing.pair_first(
      [](const Label& a, const Label& b) { return !a.box && !b.box && a.category == b.category; });
  pairing.pair_last_classes();
  return pairing.pairs();
}

bool was_moved(const Label& before, const Label& after, const Likeness& likeness) {
  if (before.box.has_value() != after.box.has_value()) return true;
  if (!after.segmentation.empty() && after.segmentation != before.segmentation) return true;
  if (!before.box) return false;
  const Box& a = *before.box;
  const Box& b = *after.box;
  const double side = std::max(a.width(), a.height());
  const double still = std::max(likeness.still_px, likeness.still_share * side);
  // Floats: 10.1f is not 10.1, and a side at the limit lies still.
  const auto beyond = [&](float from, float to) {
    return std::abs(static_cast<double>(from) - to) > still + 1e-3;
  };
  return beyond(a.x1, b.x1) || beyond(a.y1, b.y1) || beyond(a.x2, b.x2) || beyond(a.y2, b.y2);
}

bool is_unchanged(const Label& before, const Label& after, const Likeness& likeness) {
  return before.category == after.category && !was_moved(before, after, likeness);
}

bool agree(const Label& one, const Label& other, const Likeness& likeness) {
  if (is_unchanged(one, other, likeness)) return true;
  return one.category == other.category && one.box && other.box &&
         iou(*one.box, *other.box) >= static_cast<float>(likeness.agreed_iou);
}

ObjectCounts& ObjectCounts::operator+=(const ObjectCounts& other) {
  accepted += other.accepted;
  deleted += other.deleted;
  added += other.added;
  relabelled += other.relabelled;
  moved += other.moved;
  return *this;
}

ObjectCounts counted_changes(const std::vector<Label>& before, const std::vector<Label>& after,
                             const Likeness& likeness) {
  ObjectCounts counts;
  for (const ObjectPair& pair : paired_objects(before, after, likeness)) {
    if (pair.before < 0) {
      ++counts.added;
    } else if (pair.after < 0) {
      ++counts.deleted;
    } else {
      const Label& draft = before[static_cast<size_t>(pair.before)];
      const Label& said = after[static_cast<size_t>(pair.after)];
      ++(draft.category != said.category    ? counts.relabelled
         : was_moved(draft, said, likeness) ? counts.moved
                                            : counts.accepted);
    }
  }
  return counts;
}

bool same_objects(const std::vector<Label>& before, const std::vector<Label>& after,
                  const Likeness& likeness) {
  const auto counts = counted_changes(before, after, likeness);
  return counts.handled() == counts.accepted;
}

}  // namespace preannotate
