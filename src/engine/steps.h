#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "buffer_pool.h"
#include "convolution.h"
#include "kernels.h"

namespace preannotate::engine {

/// Pictures that are still bytes, [images, height, width, 3]: byte * scale + offset of its colour
/// is what the network reads.
struct Pixels {
  const std::uint8_t* bytes = nullptr;
  std::array<float, kPixelPattern> scale, offset;  // of three colours, again and again
};

/// [images, height, width, stride] elements of the precision, and slack behind them: the kernels
/// read up to kSlackRows pixels further.
struct ImageBatch {
  std::int64_t images = 0, height = 0, width = 0, channels = 0, stride = 0;
  void* data = nullptr;
  Quantization values;
  const Pixels* bytes = nullptr;  // given where there is no `data` yet; what gathers() can read

  std::int64_t pixels() const { return images * height * width; }
};
constexpr std::int64_t kSlackRows = 32;

/// One depthwise convolution, with the convolution that feeds it and the pointwise one that reads
/// it, where there are such: an inverted residual. What lies between stays in the processor's
/// cache.
struct Block {
  std::optional<PackedConvolution> expand;
  PackedConvolution depthwise;
  std::optional<PackedConvolution> project;
  Quantization middle;  // of the depthwise outputs that the projection reads
};

/// Least and greatest of each channel's numbers and zero.
using ChannelRanges = std::vector<std::array<float, 2>>;

/// What a step computes with and where it puts what it needs meanwhile.
struct Workplace {
  const KernelSet& kernels;
  BufferPool& pool;
  ChannelRanges* middle = nullptr;  // when given, widened by what a block's projection reads

  std::int64_t element_bytes() const { return engine::element_bytes(kernels.precision); }
  Buffer take(std::int64_t elements) const {
    return pool.take(static_cast<std::size_t>(elements * element_bytes()));
  }
};

/// A product whose outputs are those of `out` from `first_pixel` on; its a, a_stride and rows are
/// still to be set.
Product product_into(const PackedConvolution& convolution, const ImageBatch* residual,
                     const ImageBatch& out, std::int64_t first_pixel, const Workplace& at);

/// out = act(convolution(in) + residual); `out` has its shape and memory already. residual: null,
/// or of out's shape and stride.
void run(const PackedConvolution& convolution, const ImageBatch& in, const ImageBatch* residual,
         const ImageBatch& out, const Workplace& at);
void run(const Block& block, const ImageBatch& in, const ImageBatch* residual,
         const ImageBatch& out, const Workplace& at);

/// The mean over height and width: [images, channels] float.
void mean_of(const ImageBatch& in, float* out, const Workplace& at);

/// Widens the ranges (empty at first) by an activation.
void widen(ChannelRanges& ranges, const ImageBatch& in, const Workplace& at);

/// Whether a step reads its input through gather_rows(), a few rows at a time.
bool gathers(const PackedConvolution& convolution);
bool gathers(const Block& block);

/// Pixels [first, last) of a batch of bytes as elements of `values`; up to kPixelPattern elements
/// behind them are written too.
void read_pixels(const Pixels& pixels, std::int64_t first, std::int64_t last, Quantization values,
                 void* to, const Workplace& at);

/// Gathers from an activation, or from bytes that become elements on the way, a band of rows at a
/// time: of pictures no whole activation is ever in memory.
class Gatherer {
 public:
  Gatherer(const PackedConvolution& convolution, const ImageBatch& in, const Workplace& at);
  ~Gatherer();
  Gatherer(const Gatherer&) = delete;
  Gatherer& operator=(const Gatherer&) = delete;

  /// As gather_rows(), of an image of the batch.
  void rows(std::int64_t image, std::int64_t first, std::int64_t last, void* to);

 private:
  const PackedConvolution& convolution_;
  const ImageBatch& in_;
  const Workplace& at_;
  Buffer band_;  // elements of the rows that are being gathered from
};

}  // namespace preannotate::engine
