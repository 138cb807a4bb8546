#include <immintrin.h>

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "kernel_sets.h"

#pragma GCC push_options
#pragma GCC target("avx512f,avx512vl,avx512bw,avx512dq,avx512vnni,fma,avx2")

namespace preannotate::engine {
namespace {

#include "int8.inc"

constexpr int kTileRows = 12, kTileStrips = 2, kTileWidth = 14;

struct Step {
  static constexpr int kDepthGroup = 4;
  using B = __m512i;  // 16 groups of four bytes
  using Sum = __m512i;
  static B load(const Element* p) { return _mm512_loadu_si512(p); }
  static B broadcast(const Element* p) {
    std::int32_t four;
    __builtin_memcpy(&four, p, sizeof four);
    return _mm512_set1_epi32(four);
  }
  static Sum start(F) { return _mm512_setzero_si512(); }
  static void add(Sum& sum, B a, B b) { sum = _mm512_dpbusd_epi32(sum, a, b); }
  static F value(Sum sum, F scale, F bias) {
    return _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum), scale, bias);
  }
};

#include "kernels_body.inc"

}  // namespace

const KernelSet kAvx512Vnni{"AVX-512 VNNI", Precision::kInt8, 4,        16,         4,
                            multiply,       depthwise,        to_float, from_float, from_pixels};

}  // namespace preannotate::engine

#pragma GCC pop_options
