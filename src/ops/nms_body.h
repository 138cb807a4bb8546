#pragma once

#include <cstdint>

#include "preannotate/core/box.h"

namespace preannotate::ops {

/// Which boxes drop which. Boxes of a group lie together, best score first, so a row needs bits for
/// its own group only: bit b of word w in row i is set when box i drops the later box
/// begin[i] + 64 * w + b.
struct OverlapWord {
  const Box* boxes;           // [count]
  const std::int64_t* begin;  // [count], first box of the box's group
  const std::int64_t* end;    // [count], one beyond its last
  std::int64_t count;
  std::int64_t words;  // a row: (boxes of the largest group + 63) / 64
  float threshold;
  std::uint64_t* table;  // [count, words]

  std::int64_t size() const { return count * words; }

  PREANNOTATE_HOST_DEVICE std::uint64_t word(std::int64_t i, std::int64_t w) const {
    const std::int64_t first = begin[i] + 64 * w;
    const std::int64_t last = first + 64 < end[i] ? first + 64 : end[i];
    const Box box = boxes[i];
    std::uint64_t bits = 0;
    for (std::int64_t j = first > i ? first : i + 1; j < last; ++j) {
      if (iou(box, boxes[j]) > threshold) bits |= std::uint64_t{1} << (j - first);
    }
    return bits;
  }

  PREANNOTATE_HOST_DEVICE void operator()(std::int64_t index) const {
    table[index] = word(index / words, index % words);
  }
};

}  // namespace preannotate::ops
