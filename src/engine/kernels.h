#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include "preannotate/engine/precision.h"

/// The arithmetic of the engine, one set of functions for each kind of processor and precision.
///
/// Memory: an activation is [pixels, stride] with the channels of a pixel side by side, `stride`
/// the number of channels rounded up to KernelSet::channel_multiple and the channels between zero.
/// A strip is 16 neighbouring channels. Sums run over the inputs of an output in one fixed order,
/// whatever the number of rows, so that an image's result does not depend on its neighbours.
namespace preannotate::engine {

constexpr std::int64_t kStrip = 16;

/// What follows a convolution. kClamp with infinite bounds leaves values as they are.
enum class Curve { kClamp, kSilu, kHardswish };
struct Activation {
  Curve curve = Curve::kClamp;
  float low = -std::numeric_limits<float>::infinity();
  float high = std::numeric_limits<float>::infinity();
};

/// c[m, n] = act(sum over k of a[m, k] b[k, n] + bias[n] + residual[m, n])
struct Product {
  const void* a = nullptr;  // [rows, a_stride] elements of the precision, `depth` of each row used
  std::int64_t a_stride = 0;
  const void* b = nullptr;           // packed by pack_strips: strips of [depth, 16]
  const float* bias = nullptr;       // [strips, 16]
  std::int64_t rows = 0, depth = 0;  // depth: a multiple of KernelSet::depth_multiple
  std::int64_t strips = 0;

  void* c = nullptr;  // float when c_is_float, else elements of the precision
  bool c_is_float = true;
  std::int64_t c_stride = 0;        // elements from a row to the next
  std::int64_t c_strip_stride = 0;  // and from a strip to the next
  std::int64_t row_group = 0;       // after so many rows (0: never) c skips row_gap more elements
  std::int64_t row_gap = 0;
  const void* residual = nullptr;  // laid out like c, elements of the precision, or null
  Activation activation;
};

/// One row of outputs of a depthwise convolution, for one strip:
/// out[x, c] = act(sum over ky, kx of rows[ky][x * stride + kx, c] weights[ky, kx, c] + bias[c])
struct DepthwiseRow {
  const float* const* rows = nullptr;  // `kernel` pointers to [(width - 1) * stride + kernel, 16]
  const float* weights = nullptr;      // [kernel, kernel, 16]
  const float* bias = nullptr;         // [16]
  int kernel = 3, stride = 1;
  std::int64_t width = 0;       // outputs
  void* out = nullptr;          // elements of the precision
  std::int64_t out_stride = 0;  // elements from a pixel to the next
  Activation activation;
};

struct KernelSet {
  std::string_view name;  // "AVX-512", "AMX bf16", ...
  Precision precision;
  std::int64_t depth_multiple;    // of Product::depth
  std::int64_t channel_multiple;  // of an activation's stride
  std::int64_t depth_group;       // neighbours in depth that lie side by side in a packed strip
  void (*multiply)(const Product&);
  void (*depthwise)(const DepthwiseRow&);
  void (*to_float)(const void* from, std::int64_t count, float* to);
  void (*from_float)(const float* from, std::int64_t count, void* to);
};

/// Every set that this processor runs, plainest first.
struct KernelSets {
  const KernelSet* sets[5];
  int count;
};
const KernelSets& usable_kernels();

/// The fastest of them; nullptr when the processor has no instructions for this precision.
const KernelSet* kernels_for(Precision precision);

}  // namespace preannotate::engine
