#pragma once

#include <optional>
#include <vector>

#include "preannotate/review/object_changes.h"

namespace preannotate {

/// One object of which two versions say different things; absent: it is not there.
struct ObjectConflict {
  std::optional<Label> base, ours, theirs;

  friend bool operator==(const ObjectConflict&, const ObjectConflict&) = default;
};

struct Merged {
  std::vector<Label> labels;  // ours in their order, then what only they added
  std::vector<ObjectConflict> conflicts;
};

/// Three versions of an image's labels made one, object by object: what only one side changed,
/// deleted or added since `base` is as that side has it, what both did alike is done once, and of
/// what they did differently `winner` is kept and a conflict is noted. Two boxes that both added or
/// moved are alike when they agree().
enum class Winner { kOurs, kTheirs };
Merged merge(const std::vector<Label>& base, const std::vector<Label>& theirs,
             const std::vector<Label>& ours, const Likeness& likeness,
             Winner winner = Winner::kOurs);

/// What several people say of the same image, object by object: an object is as more than half of
/// them say. Where no such majority is, the last of them is followed and a conflict is noted
/// (ours: the last, theirs: another who says otherwise).
Merged vote(const std::vector<Label>& base, const std::vector<std::vector<Label>>& voices,
            const Likeness& likeness);

/// Objects of which two people say different things; no side is right.
std::vector<ObjectConflict> differences(const std::vector<Label>& ours,
                                        const std::vector<Label>& theirs, const Likeness& likeness);

}  // namespace preannotate
