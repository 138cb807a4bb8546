#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include "preannotate/engine/precision.h"

/// The arithmetic of the engine, one set of functions for each kind of processor and precision.
///
/// Memory: an activation is [pixels, stride] with the channels of a pixel side by side, `stride`
/// the number of channels rounded up to KernelSet::channel_multiple and the channels between zero
/// (in int8: anything). A strip is 16 neighbouring channels. Sums run over the inputs of an output
/// in one fixed order, whatever the number of rows, so that an image's result does not depend on
/// its neighbours.
namespace preannotate::engine {

constexpr std::int64_t kStrip = 16;
constexpr std::int64_t kPixelPattern = 48;  // whole strips of whole pixels

/// What an element of int8, a byte, stands for: (byte - zero) * scale, a scale for each channel. Of
/// the other precisions the number itself, and nothing here is read.
struct Quantization {
  const float* scale = nullptr;    // of the first channel that is meant and those behind it
  const float* inverse = nullptr;  // 1 / scale
  float zero = 0;                  // a whole number, 0 to 255; one for all channels

  Quantization from(std::int64_t channel) const {
    return scale ? Quantization{scale + channel, inverse + channel, zero} : Quantization{};
  }
};

/// The bytes of an element.
constexpr std::int64_t element_bytes(Precision precision) {
  return precision == Precision::kFp32 ? 4 : precision == Precision::kBf16 ? 2 : 1;
}

/// What follows a convolution. kClamp with infinite bounds leaves values as they are.
enum class Curve { kClamp, kSilu, kHardswish };
struct Activation {
  Curve curve = Curve::kClamp;
  float low = -std::numeric_limits<float>::infinity();
  float high = std::numeric_limits<float>::infinity();
};

/// c[m, n] = act(sum over k of a[m, k] b[k, n] + bias[n] + residual[m, n]); in int8, where b is
/// signed bytes, act(b_scale[n] * (sum over k of the bytes' products) + bias[n] + residual[m, n])
struct Product {
  const void* a = nullptr;  // [rows, a_stride] elements of the precision, `depth` of each row used
  std::int64_t a_stride = 0;
  const void* b = nullptr;           // packed by pack_strips: strips of [depth, 16]
  const float* bias = nullptr;       // [strips, 16]
  const float* b_scale = nullptr;    // [strips, 16], read in int8
  std::int64_t rows = 0, depth = 0;  // depth: a multiple of KernelSet::depth_multiple
  std::int64_t strips = 0;

  void* c = nullptr;  // float when c_is_float, else elements of the precision
  bool c_is_float = true;
  std::int64_t c_stride = 0;        // elements from a row to the next
  std::int64_t c_strip_stride = 0;  // and from a strip to the next
  std::int64_t row_group = 0;       // after so many rows (0: never) c skips row_gap more elements
  std::int64_t row_gap = 0;
  Quantization c_values;           // of c's elements, from the first strip's on
  const void* residual = nullptr;  // laid out like c, elements of the precision, or null
  Quantization residual_values;
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
  Quantization out_values;      // from the strip's first channel on
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
  /// `count` elements, a multiple of 16, of as many channels.
  void (*to_float)(const void* from, Quantization values, std::int64_t count, float* to);
  void (*from_float)(const float* from, std::int64_t count, Quantization values, void* to);
  /// `count` bytes, a multiple of kPixelPattern, of three colours as elements of three channels:
  /// byte * scale[i % kPixelPattern] + offset[i % kPixelPattern].
  void (*from_pixels)(const std::uint8_t* from, std::int64_t count, const float* scale,
                      const float* offset, Quantization values, void* to);
};

/// Every set that this processor runs, plainest first.
struct KernelSets {
  const KernelSet* sets[7];
  int count;
};
const KernelSets& usable_kernels();

/// The fastest of them; nullptr when the processor has no instructions for this precision.
const KernelSet* kernels_for(Precision precision);

}  // namespace preannotate::engine
