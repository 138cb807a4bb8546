#include "preannotate/review/merge.h"

#include <algorithm>

namespace preannotate {

namespace {

/// An object in one version: null when it is not there.
using State = const Label*;

State state_of(const std::vector<Label>& labels, int place) {
  return place < 0 ? nullptr : &labels[static_cast<size_t>(place)];
}

std::optional<Label> copy_of(State state) {
  return state ? std::optional(*state) : std::nullopt;
}

bool alike(State one, State other, const Likeness& likeness) {
  if (!one || !other) return one == other;
  return agree(*one, *other, likeness);
}

/// Neither deleted nor changed since `base`, which is there.
bool untouched(State base, State now, const Likeness& likeness) {
  return now && is_unchanged(*base, *now, likeness);
}

class Merge {
 public:
  Merge(const std::vector<Label>& base, const std::vector<Label>& theirs,
        const std::vector<Label>& ours, const Likeness& likeness, Winner winner)
      : base_(base),
        theirs_(theirs),
        ours_(ours),
        likeness_(likeness),
        winner_(winner),
        at_(ours.size()) {}

  Merged run() {
    const auto to_theirs = paired_objects(base_, theirs_, likeness_);
    const auto to_ours = paired_objects(base_, ours_, likeness_);
    // Both lists begin with the objects of base in their order.
    for (size_t i = 0; i < base_.size(); ++i)
      settle(&base_[i], to_theirs[i].after, to_ours[i].after);
    settle_added(added(to_theirs), added(to_ours));
    for (const auto& label : at_) {
      if (label) merged_.labels.push_back(*label);
    }
    merged_.labels.insert(merged_.labels.end(), behind_.begin(), behind_.end());
    return std::move(merged_);
  }

 private:
  std::vector<int> added(const std::vector<ObjectPair>& pairs) const {
    std::vector<int> places;
    for (size_t i = base_.size(); i < pairs.size(); ++i) places.push_back(pairs[i].after);
    return places;
  }

  static std::vector<Label> picked(const std::vector<Label>& labels,
                                   const std::vector<int>& places) {
    std::vector<Label> picked;
    for (const int place : places) picked.push_back(labels[static_cast<size_t>(place)]);
    return picked;
  }

  void settle_added(const std::vector<int>& theirs, const std::vector<int>& ours) {
    for (const ObjectPair& pair :
         paired_objects(picked(theirs_, theirs), picked(ours_, ours), likeness_)) {
      settle(nullptr, pair.before < 0 ? -1 : theirs[static_cast<size_t>(pair.before)],
             pair.after < 0 ? -1 : ours[static_cast<size_t>(pair.after)]);
    }
  }

  /// One object, in `theirs_` and `ours_` at these places.
  void settle(State base, int their_place, int our_place) {
    const State theirs = state_of(theirs_, their_place), ours = state_of(ours_, our_place);
    if (base ? untouched(base, theirs, likeness_) : !theirs) return keep(ours, our_place);
    if (base ? untouched(base, ours, likeness_) : !ours) return keep(theirs, our_place);
    if (alike(theirs, ours, likeness_)) return keep(ours, our_place);
    merged_.conflicts.push_back({copy_of(base), copy_of(ours), copy_of(theirs)});
    keep(winner_ == Winner::kOurs ? ours : theirs, our_place);
  }

  void keep(State state, int our_place) {
    if (!state) return;
    if (our_place < 0) {
      behind_.push_back(*state);
    } else {
      at_[static_cast<size_t>(our_place)] = *state;
    }
  }

  const std::vector<Label>& base_;
  const std::vector<Label>& theirs_;
  const std::vector<Label>& ours_;
  const Likeness& likeness_;
  Winner winner_;
  std::vector<std::optional<Label>> at_;  // in the order of ours
  std::vector<Label> behind_;
  Merged merged_;
};

/// Objects that several people speak of: each with its state in each voice.
struct Spoken {
  State base = nullptr;
  std::vector<State> said;
};

std::vector<Spoken> spoken_of(const std::vector<Label>& base,
                              const std::vector<std::vector<Label>>& voices,
                              const Likeness& likeness) {
  std::vector<Spoken> objects;
  for (const Label& label : base)
    objects.push_back({&label, std::vector<State>(voices.size(), nullptr)});
  std::vector<Label> known;  // what was added, as its first speaker said
  for (size_t voice = 0; voice < voices.size(); ++voice) {
    std::vector<Label> added;
    std::vector<State> places;
    for (const ObjectPair& pair : paired_objects(base, voices[voice], likeness)) {
      const State state = state_of(voices[voice], pair.after);
      if (pair.before >= 0) {
        objects[static_cast<size_t>(pair.before)].said[voice] = state;
      } else {
        added.push_back(*state);
        places.push_back(state);
      }
    }
    const auto seen = known;
    for (const ObjectPair& pair : paired_objects(seen, added, likeness)) {
      if (pair.after < 0) continue;
      size_t object = base.size() + static_cast<size_t>(pair.before);
      if (pair.before < 0) {
        object = objects.size();
        objects.push_back({nullptr, std::vector<State>(voices.size(), nullptr)});
        known.push_back(added[static_cast<size_t>(pair.after)]);
      }
      objects[object].said[voice] = places[static_cast<size_t>(pair.after)];
    }
  }
  return objects;
}

/// The last voice of those that more than half share; voices.size() when there is no such majority.
size_t majority(const std::vector<State>& said, const Likeness& likeness) {
  for (size_t voice = said.size(); voice-- > 0;) {
    const auto with = std::count_if(
        said.begin(), said.end(), [&](State other) { return alike(said[voice], other, likeness); });
    if (2 * static_cast<size_t>(with) > said.size()) return voice;
  }
  return said.size();
}

}  // namespace

Merged merge(const std::vector<Label>& base, const std::vector<Label>& theirs,
             const std::vector<Label>& ours, const Likeness& likeness, Winner winner) {
  return Merge(base, theirs, ours, likeness, winner).run();
}

Merged vote(const std::vector<Label>& base, const std::vector<std::vector<Label>>& voices,
            const Likeness& likeness) {
  Merged merged;
  for (const Spoken& object : spoken_of(base, voices, likeness)) {
    size_t voice = majority(object.said, likeness);
    if (voice == voices.size()) {
      voice = voices.size() - 1;
      const auto other = std::find_if(object.said.begin(), object.said.end(), [&](State said) {
        return !alike(said, object.said[voice], likeness);
      });
      merged.conflicts.push_back(
          {copy_of(object.base), copy_of(object.said[voice]), copy_of(*other)});
    }
    if (object.said[voice]) merged.labels.push_back(*object.said[voice]);
  }
  return merged;
}

std::vector<ObjectConflict> differences(const std::vector<Label>& ours,
                                        const std::vector<Label>& theirs,
                                        const Likeness& likeness) {
  std::vector<ObjectConflict> differences;
  for (const ObjectPair& pair : paired_objects(ours, theirs, likeness)) {
    const State one = state_of(ours, pair.before), other = state_of(theirs, pair.after);
    if (alike(one, other, likeness)) continue;
    differences.push_back({std::nullopt, copy_of(one), copy_of(other)});
  }
  return differences;
}

}  // namespace preannotate
