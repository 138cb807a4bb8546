#include <immintrin.h>

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "kernel_sets.h"

#pragma GCC push_options
#pragma GCC target("avx512f,avx512vl,avx512bw,avx512dq,avx512bf16,fma,avx2,amx-tile,amx-bf16")

namespace preannotate::engine {
namespace {

#include "bf16.inc"

constexpr int kTileWidth = 14;

#define PREANNOTATE_OWN_MULTIPLY
#include "kernels_body.inc"

#define PREANNOTATE_TILE_PRODUCT(c, a, b) _tile_dpbf16ps(c, a, b)
using Sum = float;
inline F value_of(const Sum* sums, F, F) {  // the bias is in them
  return load(sums);
}

#include "amx.inc"

}  // namespace

const KernelSet kAmxBf16{"AMX bf16", Precision::kBf16, kDepth,   32,         2,
                         multiply,   depthwise,        to_float, from_float, from_pixels};

}  // namespace preannotate::engine

#pragma GCC pop_options
