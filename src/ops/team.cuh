#pragma once

#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAStream.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "team.h"

namespace preannotate::ops {

/// The threads of a warp as a team, for items of many numbers of which there are many.
class Warp {
 public:
  __device__ bool leads() const { return lane() == 0; }

  template <class T, class Value, class Combine>
  __device__ T reduce(std::int64_t count, const T& neutral, Value value, Combine combine) const {
    T own = neutral;
    for (std::int64_t i = lane(); i < count; i += kLanes) own = combine(own, value(i));
    for (int half = kLanes / 2; half > 0; half /= 2) {
      own = combine(own, exchanged(own, [=](unsigned word) {
                      return __shfl_down_sync(kAll, word, static_cast<unsigned>(half));
                    }));
    }
    return exchanged(own, [](unsigned word) { return __shfl_sync(kAll, word, 0); });
  }

  template <class Keep, class Take>
  __device__ void list(std::int64_t count, Keep keep, Take take) const {
    std::int64_t rank = 0;
    for (std::int64_t first = 0; first < count; first += kLanes) {
      const std::int64_t i = first + lane();
      const bool kept = i < count && keep(i);
      const unsigned all_kept = __ballot_sync(kAll, kept);
      const unsigned lanes_before = (1u << lane()) - 1;
      if (kept) take(i, rank + __popc(all_kept & lanes_before));
      rank += __popc(all_kept);
    }
  }

 private:
  static constexpr unsigned kAll = 0xffffffff;

  static __device__ int lane() { return static_cast<int>(threadIdx.x) % kLanes; }

  /// A value of any type through a shuffle, which takes words.
  template <class T, class Shuffle>
  static __device__ T exchanged(const T& value, Shuffle shuffle) {
    static_assert(sizeof(T) % sizeof(unsigned) == 0);
    unsigned words[sizeof(T) / sizeof(unsigned)];
    std::memcpy(words, &value, sizeof(T));
    for (auto& word : words) word = shuffle(word);
    T received;
    std::memcpy(&received, words, sizeof(T));
    return received;
  }
};

/// The threads of a block as a team, for few items with long loops.
class Block {
 public:
  template <class Act>
  __device__ void for_each(std::int64_t begin, std::int64_t end, Act act) const {
    for (std::int64_t i = begin + threadIdx.x; i < end; i += blockDim.x) act(i);
    __syncthreads();
  }
};

template <class Body>
__global__ void call_for_each_by_warps(Body body, std::int64_t size) {
  const std::int64_t warps = static_cast<std::int64_t>(gridDim.x) * (blockDim.x / kLanes);
  const std::int64_t first = blockIdx.x * std::int64_t{blockDim.x / kLanes} + threadIdx.x / kLanes;
  for (std::int64_t i = first; i < size; i += warps) body(Warp{}, i);
}

template <class Body>
__global__ void call_for_each_by_blocks(Body body, std::int64_t size) {
  for (std::int64_t i = blockIdx.x; i < size; i += gridDim.x) body(Block{}, i);
}

inline constexpr int kTeamThreads = 256;  // a block
inline constexpr std::int64_t kMostBlocks = 65535;

/// body(Warp, i) for every i below body.size(), on the current stream.
template <class Body>
void for_each_by_warps(const Body& body) {
  constexpr int kWarps = kTeamThreads / kLanes;
  const auto blocks = std::min((body.size() + kWarps - 1) / kWarps, kMostBlocks);
  if (blocks == 0) return;
  call_for_each_by_warps<<<static_cast<unsigned>(blocks), kTeamThreads, 0,
                           c10::cuda::getCurrentCUDAStream()>>>(body, body.size());
  C10_CUDA_KERNEL_LAUNCH_CHECK();
}

/// body(Block, i) for every i below body.size(), on the current stream.
template <class Body>
void for_each_by_blocks(const Body& body) {
  const auto blocks = std::min(body.size(), kMostBlocks);
  if (blocks == 0) return;
  call_for_each_by_blocks<<<static_cast<unsigned>(blocks), kTeamThreads, 0,
                            c10::cuda::getCurrentCUDAStream()>>>(body, body.size());
  C10_CUDA_KERNEL_LAUNCH_CHECK();
}

}  // namespace preannotate::ops
