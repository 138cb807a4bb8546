#pragma once

#include <cstdint>
#include <vector>

#include "buffer_pool.h"
#include "kernels.h"

namespace preannotate::engine {

struct Padding {
  std::int64_t top = 0, left = 0, bottom = 0, right = 0;
  friend bool operator==(const Padding&, const Padding&) = default;
};

constexpr std::int64_t kMostKernelRows = 16;  // of a depthwise convolution

/// A convolution as the graph has it, BatchNorm folded in.
struct Convolution {
  std::int64_t in = 0, out = 0;  // channels
  std::int64_t kernel_height = 1, kernel_width = 1, stride = 1;
  Padding padding;
  bool depthwise = false;      // out == in, each channel by itself
  std::vector<float> weights;  // [out, in, kh, kw]; of a depthwise one [out, 1, kh, kw]
  std::vector<float> bias;     // [out]
  Activation activation;

  std::int64_t height_out(std::int64_t height) const {
    return (height + padding.top + padding.bottom - kernel_height) / stride + 1;
  }
  std::int64_t width_out(std::int64_t width) const {
    return (width + padding.left + padding.right - kernel_width) / stride + 1;
  }
  /// 1 x 1, neither strided nor padded: rows of pixels are the product's rows.
  bool pointwise() const {
    return kernel_height == 1 && kernel_width == 1 && stride == 1 && padding == Padding{};
  }
};

std::int64_t round_up(std::int64_t value, std::int64_t multiple);

/// The channels of an activation with those between them and its stride.
std::int64_t stride_of(const KernelSet& kernels, std::int64_t channels);

/// Weights as Product and DepthwiseRow read them.
struct PackedConvolution {
  Convolution shape;       // without weights and bias
  std::int64_t in_stride;  // of the activation it reads
  std::int64_t depth = 0, strips = 0;
  Buffer weights;
  std::vector<float> bias;   // [strips, 16]
  std::vector<float> scale;  // the same, in int8: Product::b_scale
  Quantization in_values;    // of the activation it reads

  /// Whether pixels of the input are rows of the product as they lie; else gather_rows() makes
  /// them.
  bool direct() const { return shape.pointwise() && in_stride >= depth; }
  const void* strip_weights(std::int64_t strip, const KernelSet& kernels) const;
};

/// `in_stride` elements lie between the pixels of the input: stride_of(), or 3 for pictures. In
/// int8 each output channel's weights have a scale of their own.
PackedConvolution pack(Convolution convolution, std::int64_t in_stride, const KernelSet& kernels,
                       Quantization in_values = {});

/// Rows [first, last) of outputs of one image, as rows of a product: [.., depth] elements.
struct Gather {
  const PackedConvolution* convolution;
  const void* rows;  // [.., width, in_stride], from the image's row `first_row` on
  std::int64_t height, width;
  std::int64_t element_bytes;
  std::int64_t first_row = 0;
};
void gather_rows(const Gather& from, std::int64_t first, std::int64_t last, void* to);

}  // namespace preannotate::engine
