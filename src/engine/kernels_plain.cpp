#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "kernel_sets.h"

// For processors without AVX2: four floats at a time, which the compiler turns into SSE or NEON.

namespace preannotate::engine {
namespace {

constexpr int kLanes = 4;
typedef float F __attribute__((vector_size(16)));
typedef std::int32_t I __attribute__((vector_size(16)));
constexpr int kTileRows = 2, kTileStrips = 1, kTileWidth = 7;

inline F load(const float* p) {
  F v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
inline void store(float* p, F v) {
  std::memcpy(p, &v, sizeof v);
}
inline F of_bytes(const std::uint8_t* p) {
  return F{float(p[0]), float(p[1]), float(p[2]), float(p[3])};
}
inline F greater(F a, F b) {
  return a > b ? a : b;
}
inline F smaller(F a, F b) {
  return a < b ? a : b;
}
inline F of_all_lanes(float value) {
  return F{} + value;
}

#include "fp32.inc"

#include "kernels_body.inc"

}  // namespace

const KernelSet kPlain{"plain",  Precision::kFp32, 1,        16,         1,
                       multiply, depthwise,        to_float, from_float, from_pixels};

}  // namespace preannotate::engine
