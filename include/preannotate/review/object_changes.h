#pragma once

#include <cstddef>
#include <vector>

#include "preannotate/data/dataset.h"

namespace preannotate {

/// From when on two versions of an object are taken for the same.
struct Likeness {
  /// A box lies still while none of its sides moves by more px than this, or than this share of the
  /// box's longer side: formats round.
  double still_px = 1, still_share = 0.005;
  double found_iou = 0.5;   // boxes without a common id are the same object from here on
  double agreed_iou = 0.7;  // two people who drew a box say the same from here on
};

/// An object in two versions of an image's labels, positions in each; -1: it is not there.
struct ObjectPair {
  int before = -1, after = -1;

  friend bool operator==(const ObjectPair&, const ObjectPair&) = default;
};

/// Objects before and after, each once: first those before in their order, then added ones. Boxes
/// are paired by id, then by overlap, best first, those of the same class before others.
/// Image-level classes are paired by class; where one on either side is left, it was relabelled.
std::vector<ObjectPair> paired_objects(const std::vector<Label>& before,
                                       const std::vector<Label>& after, const Likeness& likeness);

/// True when the box is not where it was, or has another outline.
bool was_moved(const Label& before, const Label& after, const Likeness& likeness);

/// True when neither class nor place was changed.
bool is_unchanged(const Label& before, const Label& after, const Likeness& likeness);

/// True when two people say the same of an object: unchanged, or boxes that overlap enough.
bool agree(const Label& one, const Label& other, const Likeness& likeness);

/// What was done to the objects of an image; each is counted once.
struct ObjectCounts {
  size_t accepted = 0, deleted = 0, added = 0;
  size_t relabelled = 0, moved = 0;  // moved: and of the class that was drafted

  size_t drafted() const { return accepted + relabelled + moved + deleted; }
  size_t handled() const { return drafted() + added; }
  ObjectCounts& operator+=(const ObjectCounts& other);
  friend bool operator==(const ObjectCounts&, const ObjectCounts&) = default;
};
ObjectCounts counted_changes(const std::vector<Label>& before, const std::vector<Label>& after,
                             const Likeness& likeness);

/// True when each object of either is unchanged in the other.
bool same_objects(const std::vector<Label>& before, const std::vector<Label>& after,
                  const Likeness& likeness);

}  // namespace preannotate
