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

constexpr int kRows = 16;   // of a tile register
constexpr int kDepth = 32;  // bf16 of a tile's row

/// The layout that ldtilecfg reads.
struct alignas(64) TileConfig {
  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {kRows, kRows, kRows, kRows, kRows, kRows, kRows, kRows};
};

/// a times b plus bias to sums, [Rows * 16, Strips * 16] float: tiles 0 to 3 hold sums, 4 and 5
/// rows of a, 6 and 7 strips of b.
template <int Rows, int Strips>
inline void multiply_tile(const Product& p, const Element* a, const Element* b, const float* bias,
                          float* sums) {
  const std::int64_t row_bytes = p.a_stride * 2;
  const Element* const second_a = a + kRows * p.a_stride;
  const Element* const second_b = b + p.depth * kStrip;
  _tile_loadd(0, bias, 0);  // the same line for each row
  if constexpr (Strips > 1) _tile_loadd(1, bias + kStrip, 0);
  if constexpr (Rows > 1) _tile_loadd(2, bias, 0);
  if constexpr (Rows > 1 && Strips > 1) _tile_loadd(3, bias + kStrip, 0);
  for (std::int64_t k = 0; k < p.depth; k += kDepth) {
    _tile_loadd(4, a + k, row_bytes);
    _tile_loadd(6, b + k * kStrip, 64);
    _tile_dpbf16ps(0, 4, 6);
    if constexpr (Strips > 1) {
      _tile_loadd(7, second_b + k * kStrip, 64);
      _tile_dpbf16ps(1, 4, 7);
    }
    if constexpr (Rows > 1) {
      _tile_loadd(5, second_a + k, row_bytes);
      _tile_dpbf16ps(2, 5, 6);
      if constexpr (Strips > 1) _tile_dpbf16ps(3, 5, 7);
    }
  }
  constexpr std::int64_t kBytes = Strips * kStrip * 4;
  float* const second_row = sums + kRows * Strips * kStrip;
  _tile_stored(0, sums, kBytes);
  if constexpr (Strips > 1) _tile_stored(1, sums + kStrip, kBytes);
  if constexpr (Rows > 1) _tile_stored(2, second_row, kBytes);
  if constexpr (Rows > 1 && Strips > 1) _tile_stored(3, second_row + kStrip, kBytes);
}

/// Two rows of tiles at a time. Each is multiplied before the one above it is finished, so that the
/// tile unit and the vector unit work side by side. Rows below the last are read too (every
/// activation has slack for them) and not kept.
template <int Strips>
void multiply_strips(const Product& p, std::int64_t strip) {
  constexpr std::int64_t kStep = 2 * kRows;
  const Element* const b = static_cast<const Element*>(p.b) + strip * p.depth * kStrip;
  const float* const bias = p.bias + strip * kStrip;
  RowCursor cursor(p);
  alignas(64) float sums[2][kStep * Strips * kStrip];
  const auto multiply_rows = [&](std::int64_t row, float* into) {
    const Element* const a = static_cast<const Element*>(p.a) + row * p.a_stride;
    if (p.rows - row > kRows) {
      multiply_tile<2, Strips>(p, a, b, bias, into);
    } else {
      multiply_tile<1, Strips>(p, a, b, bias, into);
    }
  };
  multiply_rows(0, sums[0]);
  for (std::int64_t row = 0, turn = 0; row < p.rows; row += kStep, turn ^= 1) {
    if (row + kStep < p.rows) multiply_rows(row + kStep, sums[turn ^ 1]);
    const float* const done = sums[turn];
    finish<Strips>(p, strip, std::min(p.rows - row, kStep), cursor,
                   [&](std::int64_t r, int v) { return load(done + (r * Strips + v) * kStrip); });
  }
}

void multiply(const Product& p) {
  static constexpr TileConfig kConfig;
  _tile_loadconfig(&kConfig);
  std::int64_t strip = 0;
  for (; strip + 2 <= p.strips; strip += 2) multiply_strips<2>(p, strip);
  if (strip < p.strips) multiply_strips<1>(p, strip);
  _tile_release();
}

}  // namespace

const KernelSet kAmxBf16{"AMX bf16", Precision::kBf16, kDepth,   32,        2,
                         multiply,   depthwise,        to_float, from_float};

}  // namespace preannotate::engine

#pragma GCC pop_options
