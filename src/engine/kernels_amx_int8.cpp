#include <immintrin.h>

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "kernel_sets.h"

#pragma GCC push_options
#pragma GCC target("avx512f,avx512vl,avx512bw,avx512dq,fma,avx2,amx-tile,amx-int8")

namespace preannotate::engine {
namespace {

#include "int8.inc"

constexpr int kTileWidth = 14;

#define PREANNOTATE_OWN_MULTIPLY
#include "kernels_body.inc"

#define PREANNOTATE_TILE_PRODUCT(c, a, b) _tile_dpbusd(c, a, b)
using Sum = std::int32_t;
inline F value_of(const Sum* sums, F scale, F bias) {
  return _mm512_fmadd_ps(_mm512_cvtepi32_ps(_mm512_loadu_si512(sums)), scale, bias);
}

#include "amx.inc"

}  // namespace

const KernelSet kAmxInt8{"AMX int8", Precision::kInt8, kDepth,   64,         4,
                         multiply,   depthwise,        to_float, from_float, from_pixels};

}  // namespace preannotate::engine

#pragma GCC pop_options
