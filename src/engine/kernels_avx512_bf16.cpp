#include <immintrin.h>

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "kernel_sets.h"

#pragma GCC push_options
#pragma GCC target("avx512f,avx512vl,avx512bw,avx512dq,avx512bf16,fma,avx2")

namespace preannotate::engine {
namespace {

#include "bf16.inc"

constexpr int kTileRows = 14, kTileStrips = 2, kTileWidth = 14;

struct Step {
  static constexpr int kDepthGroup = 2;
  using B = __m512i;  // 16 pairs of bf16
  using Sum = F;
  static B load(const Element* p) { return _mm512_loadu_si512(p); }
  static B broadcast(const Element* p) {
    std::int32_t pair;
    __builtin_memcpy(&pair, p, sizeof pair);
    return _mm512_set1_epi32(pair);
  }
  static Sum start(F bias) { return bias; }
  static void add(Sum& sum, B a, B b) {
    sum = _mm512_dpbf16_ps(sum, std::bit_cast<__m512bh>(a), std::bit_cast<__m512bh>(b));
  }
  static F value(Sum sum, F, F) { return sum; }
};

#include "kernels_body.inc"

}  // namespace

const KernelSet kAvx512Bf16{"AVX-512 bf16", Precision::kBf16, 2,        32,         2,
                            multiply,       depthwise,        to_float, from_float, from_pixels};

}  // namespace preannotate::engine

#pragma GCC pop_options
