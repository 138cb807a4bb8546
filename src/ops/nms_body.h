#pragma once

#include <cstdint>

#include "preannotate/core/box.h"

namespace preannotate::ops {

/// Greedy suppression within one group: the best box left drops the later ones that overlap it.
/// Boxes of a group lie together, best score first.
struct SuppressGroup {
  const Box* boxes;          // [ends of the last group]
  const std::int64_t* ends;  // [groups], one beyond the group's last box, where the next begins
  std::int64_t groups;
  float threshold;
  bool* kept;  // [ends of the last group], all true before

  std::int64_t size() const { return groups; }

  template <class Team>
  PREANNOTATE_HOST_DEVICE void operator()(const Team& team, std::int64_t group) const {
    const std::int64_t begin = group == 0 ? 0 : ends[group - 1], end = ends[group];
    for (std::int64_t i = begin; i < end; ++i) {
      if (!kept[i]) continue;
      const Box box = boxes[i];
      team.for_each(i + 1, end, [&](std::int64_t later) {
        if (kept[later] && iou(box, boxes[later]) > threshold) kept[later] = false;
      });
    }
  }
};

}  // namespace preannotate::ops
