#pragma once

#include <cstdint>

#include "preannotate/core/host_device.h"

namespace preannotate::ops {

/// Scores that reach the floor are listed in two steps, a chunk of them at a time: all chunks count
/// theirs, and from the sums of the counts each knows where its part of the list begins.
struct ScoreChunks {
  static constexpr std::int64_t kLength = 1024;

  const float* scores;  // [count]
  std::int64_t count;
  float floor;

  std::int64_t chunks() const { return (count + kLength - 1) / kLength; }

  PREANNOTATE_HOST_DEVICE std::int64_t length(std::int64_t chunk) const {
    const std::int64_t left = count - chunk * kLength;
    return left < kLength ? left : kLength;
  }
  PREANNOTATE_HOST_DEVICE bool reaches(std::int64_t chunk, std::int64_t i) const {
    return scores[chunk * kLength + i] >= floor;
  }
};

struct CountCandidates {
  ScoreChunks in;
  std::int64_t* counts;  // [chunks]

  std::int64_t size() const { return in.chunks(); }

  template <class Team>
  PREANNOTATE_HOST_DEVICE void operator()(const Team& team, std::int64_t chunk) const {
    const int reaching = team.reduce(
        in.length(chunk), 0, [&](std::int64_t i) { return in.reaches(chunk, i) ? 1 : 0; },
        [](int a, int b) { return a + b; });
    if (team.leads()) counts[chunk] = reaching;
  }
};

struct ListCandidates {
  ScoreChunks in;
  const std::int64_t* ends;  // [chunks], candidates of a chunk and those before it
  std::int64_t* places;      // [ends of the last chunk], positions among the scores, rising

  std::int64_t size() const { return in.chunks(); }

  template <class Team>
  PREANNOTATE_HOST_DEVICE void operator()(const Team& team, std::int64_t chunk) const {
    const std::int64_t begin = chunk == 0 ? 0 : ends[chunk - 1];
    if (begin == ends[chunk]) return;  // most of them: few scores reach the floor
    team.list(
        in.length(chunk), [&](std::int64_t i) { return in.reaches(chunk, i); },
        [&](std::int64_t i, std::int64_t rank) {
          places[begin + rank] = chunk * ScoreChunks::kLength + i;
        });
  }
};

}  // namespace preannotate::ops
