#include <immintrin.h>

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "kernel_sets.h"

#pragma GCC push_options
#pragma GCC target("avx2,fma")

namespace preannotate::engine {
namespace {

constexpr int kLanes = 8;
typedef float F __attribute__((vector_size(32)));
typedef std::int32_t I __attribute__((vector_size(32)));
constexpr int kTileRows = 6, kTileStrips = 1, kTileWidth = 7;

inline F load(const float* p) {
  return _mm256_loadu_ps(p);
}
inline void store(float* p, F v) {
  _mm256_storeu_ps(p, v);
}
inline F of_bytes(const std::uint8_t* p) {
  return _mm256_cvtepi32_ps(
      _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))));
}
inline F greater(F a, F b) {
  return _mm256_max_ps(a, b);
}
inline F smaller(F a, F b) {
  return _mm256_min_ps(a, b);
}
inline F of_all_lanes(float value) {
  return _mm256_set1_ps(value);
}

#include "fp32.inc"

#include "kernels_body.inc"

}  // namespace

const KernelSet kAvx2{"AVX2",   Precision::kFp32, 1,        16,         1,
                      multiply, depthwise,        to_float, from_float, from_pixels};

}  // namespace preannotate::engine

#pragma GCC pop_options
