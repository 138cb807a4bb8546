#pragma once

#include <cstdint>

namespace preannotate::ops {

/// A body that works on more than one number at a time asks a team for its loops, sums and lists,
/// and does not know who walks them: one thread in turn, here, or threads side by side (team.cuh).
/// The order in which values are combined is the same everywhere, so that sums agree bit by bit.
inline constexpr int kLanes = 32;

class OneThread {
 public:
  /// Whether this thread writes what the team has found.
  bool leads() const { return true; }

  /// act(i) for every i in [begin, end), in no order; all are done when it returns.
  template <class Act>
  void for_each(std::int64_t begin, std::int64_t end, Act act) const {
    for (std::int64_t i = begin; i < end; ++i) act(i);
  }

  /// All value(i) below `count` combined: lane l takes l, l + kLanes, ... in this order, then half
  /// of the lanes take in the other half until one is left.
  template <class T, class Value, class Combine>
  T reduce(std::int64_t count, const T& neutral, Value value, Combine combine) const {
    T lanes[kLanes];
    for (auto& lane : lanes) lane = neutral;
    for (std::int64_t i = 0; i < count; ++i) {
      lanes[i % kLanes] = combine(lanes[i % kLanes], value(i));
    }
    for (int half = kLanes / 2; half > 0; half /= 2) {
      for (int l = 0; l < half; ++l) lanes[l] = combine(lanes[l], lanes[l + half]);
    }
    return lanes[0];
  }

  /// take(i, rank) for every i below `count` that keep(i) is true for; ranks rise with i from 0 on.
  template <class Keep, class Take>
  void list(std::int64_t count, Keep keep, Take take) const {
    std::int64_t rank = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      if (keep(i)) take(i, rank++);
    }
  }
};

/// body(OneThread, i) for every i below body.size(), in turn: the CPU twin of every such body.
template <class Body>
void for_each_by_one_thread(const Body& body) {
  for (std::int64_t i = 0; i < body.size(); ++i) body(OneThread{}, i);
}

}  // namespace preannotate::ops
