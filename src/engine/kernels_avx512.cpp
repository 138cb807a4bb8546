#include <immintrin.h>

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "kernel_sets.h"

#pragma GCC push_options
#pragma GCC target("avx512f,avx512vl,avx512bw,avx512dq,fma,avx2")

namespace preannotate::engine {
namespace {

constexpr int kLanes = 16;
typedef float F __attribute__((vector_size(64)));
typedef std::int32_t I __attribute__((vector_size(64)));
constexpr int kTileRows = 14, kTileStrips = 2, kTileWidth = 14;

inline F load(const float* p) {
  return _mm512_loadu_ps(p);
}
inline void store(float* p, F v) {
  _mm512_storeu_ps(p, v);
}
inline F of_bytes(const std::uint8_t* p) {
  return _mm512_cvtepi32_ps(
      _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
}
inline F greater(F a, F b) {
  return _mm512_max_ps(a, b);
}
inline F smaller(F a, F b) {
  return _mm512_min_ps(a, b);
}
inline F of_all_lanes(float value) {
  return _mm512_set1_ps(value);
}

#include "fp32.inc"

#include "kernels_body.inc"

}  // namespace

const KernelSet kAvx512{"AVX-512", Precision::kFp32, 1,        16,         1,
                        multiply,  depthwise,        to_float, from_float, from_pixels};

}  // namespace preannotate::engine

#pragma GCC pop_options
