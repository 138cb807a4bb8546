#include <algorithm>
#include <cstring>
#include <vector>

#include "steps.h"

// An inverted residual, a few rows of outputs at a time. For each pair of strips the rows of the
// expanded map that these need are computed into a ring of rows (those that the last ones shared
// are still there), and read at once by the depthwise convolution; when all strips are through, the
// projection reads its outputs. Small maps are done whole, several images at a time, so that the
// weights are read once for them.

namespace preannotate::engine {

namespace {

constexpr std::int64_t kPair = 2;  // strips
// Both stay in the second cache; of 16 to 160 KiB a ring this was the fastest.
constexpr std::int64_t kRingBytes = 96 << 10;     // of a pair
constexpr std::int64_t kMiddleBytes = 512 << 10;  // what the projection reads

struct Geometry {
  std::int64_t height, width;          // of the expanded map
  std::int64_t height_out, width_out;  // of the depthwise outputs
  std::int64_t line;                   // pixels of a ring row: padded on both sides
  std::int64_t strips, pairs;
  std::int64_t middle_stride;  // elements between the pixels that the projection reads
  std::int64_t rows_a_turn;    // rows of outputs
  std::int64_t ring_rows;
  std::int64_t images_a_turn;  // above 1 only for whole maps
  bool whole;                  // a turn is a whole map, and pairs share one ring
};

Geometry plan(const Block& block, const ImageBatch& in, const ImageBatch& out,
              const Workplace& at) {
  const Convolution& dw = block.depthwise.shape;
  Geometry g;
  g.height = block.expand ? block.expand->shape.height_out(in.height) : in.height;
  g.width = block.expand ? block.expand->shape.width_out(in.width) : in.width;
  g.height_out = dw.height_out(g.height);
  g.width_out = dw.width_out(g.width);
  g.line = std::max(dw.padding.left + g.width, (g.width_out - 1) * dw.stride + dw.kernel_width);
  g.strips = block.depthwise.strips;
  g.pairs = (g.strips + kPair - 1) / kPair;
  g.middle_stride = block.project ? block.project->in_stride : 0;
  const std::int64_t line_bytes = kPair * g.line * kStrip * 4;
  const std::int64_t map_bytes = g.height * line_bytes;
  g.whole = map_bytes <= kRingBytes;
  if (g.whole) {
    const std::int64_t middle =
        g.height_out * g.width_out * std::max(g.middle_stride, kStrip) * at.element_bytes();
    g.images_a_turn = std::clamp<std::int64_t>(
        std::min(kRingBytes / map_bytes, kMiddleBytes / middle), 1, out.images);
    if (gathers(block)) g.images_a_turn = 1;  // what is gathered is one image's
    g.rows_a_turn = g.height_out;
    g.ring_rows = g.height;
  } else {
    g.images_a_turn = 1;
    g.rows_a_turn = std::clamp<std::int64_t>(
        (kRingBytes / line_bytes - dw.kernel_height) / dw.stride + 1, 1, g.height_out);
    g.ring_rows = std::min(g.height, dw.kernel_height + (g.rows_a_turn - 1) * dw.stride);
  }
  return g;
}

class BlockRun {
 public:
  BlockRun(const Block& block, const ImageBatch& in, const ImageBatch* residual,
           const ImageBatch& out, const Workplace& at)
      : block_(block),
        in_(in),
        residual_(residual),
        out_(out),
        at_(at),
        g_(plan(block, in, out, at)) {
    const std::int64_t bands = g_.whole ? 1 : g_.pairs;
    ring_floats_ = g_.images_a_turn * g_.ring_rows * g_.line * kStrip;
    ring_ = at.pool.take(static_cast<std::size_t>(bands * kPair * ring_floats_) * sizeof(float));
    zeros_ = at.pool.take(static_cast<std::size_t>(g_.line * kStrip) * sizeof(float));
    std::memset(zeros_.data(), 0, static_cast<std::size_t>(g_.line * kStrip) * sizeof(float));
    clear_margins(bands * kPair * g_.images_a_turn * g_.ring_rows);
    if (block.project) {
      const std::int64_t rows = g_.images_a_turn * g_.rows_a_turn * g_.width_out;
      middle_ = at.take((rows + kSlackRows) * g_.middle_stride);
    }
    if (gathers(block)) {
      gathered_ = at.take((g_.ring_rows * g_.width + kSlackRows) * block.expand->depth);
      gatherer_.emplace(*block.expand, in, at);
    }
  }

  ~BlockRun() {
    for (Buffer* buffer : {&ring_, &zeros_, &middle_, &gathered_}) {
      at_.pool.give_back(std::move(*buffer));
    }
  }

  void run() {
    for (std::int64_t image = 0; image < out_.images; image += g_.images_a_turn) {
      const std::int64_t images = std::min(g_.images_a_turn, out_.images - image);
      std::int64_t ready = 0;  // rows of the expanded map that have been computed
      for (std::int64_t first = 0; first < g_.height_out; first += g_.rows_a_turn) {
        const std::int64_t last = std::min(first + g_.rows_a_turn, g_.height_out);
        ready = turn(image, images, first, last, ready);
      }
    }
  }

 private:
  const Convolution& depthwise() const { return block_.depthwise.shape; }
  float* ring(std::int64_t strip) const {
    return static_cast<float*>(ring_.data()) + (g_.whole ? strip % kPair : strip) * ring_floats_;
  }
  const char* input(std::int64_t image) const {
    return static_cast<const char*>(in_.data) +
           image * in_.height * in_.width * in_.stride * at_.element_bytes();
  }

  void clear_margins(std::int64_t rows) {
    const std::int64_t left = depthwise().padding.left * kStrip;
    const std::int64_t used = left + g_.width * kStrip, end = g_.line * kStrip;
    auto* row = static_cast<float*>(ring_.data());
    for (std::int64_t i = 0; i < rows; ++i, row += end) {
      std::fill(row, row + left, 0.0f);
      std::fill(row + used, row + end, 0.0f);
    }
  }

  /// Rows [first, last) of the outputs of `images` images from `image` on.
  std::int64_t turn(std::int64_t image, std::int64_t images, std::int64_t first, std::int64_t last,
                    std::int64_t ready) {
    const Convolution& dw = depthwise();
    const std::int64_t from = std::max(ready, first * dw.stride - dw.padding.top);
    const std::int64_t to = std::clamp<std::int64_t>(
        (last - 1) * dw.stride - dw.padding.top + dw.kernel_height, from, g_.height);
    if (gatherer_ && to > from) gatherer_->rows(image, from, to, gathered_.data());
    for (std::int64_t strip = 0; strip < g_.strips; strip += kPair) {
      const std::int64_t strips = std::min(kPair, g_.strips - strip);
      expand(image, images, from, to, strip, strips);
      for (std::int64_t s = strip; s < strip + strips; ++s) {
        for (std::int64_t n = 0; n < images; ++n) {
          for (std::int64_t y = first; y < last; ++y) depthwise_row(image, n, y, y - first, s);
        }
      }
    }
    if (block_.project) project(image, images, first, last);
    return to;
  }

  /// Rows [from, to) of the expanded map into the ring, in pieces that do not wrap around.
  void expand(std::int64_t image, std::int64_t images, std::int64_t from, std::int64_t to,
              std::int64_t strip, std::int64_t strips) {
    for (std::int64_t row = from; row < to;) {
      const std::int64_t slot = row % g_.ring_rows;
      const std::int64_t rows = std::min(to - row, g_.ring_rows - slot);
      float* target = ring(strip) + (slot * g_.line + depthwise().padding.left) * kStrip;
      if (block_.expand) {
        multiply(image, images, row - from, row, rows, strip, strips, target);
      } else {
        copy(image, images, row, rows, strip, strips, target);
      }
      row += rows;
    }
  }

  void multiply(std::int64_t image, std::int64_t images, std::int64_t gathered_row,
                std::int64_t row, std::int64_t rows, std::int64_t strip, std::int64_t strips,
                float* target) {
    const PackedConvolution& c = *block_.expand;
    Product p;
    p.a_stride = gatherer_ ? c.depth : in_.stride;
    p.a = gatherer_ ? static_cast<const char*>(gathered_.data()) +
                          gathered_row * g_.width * c.depth * at_.element_bytes()
                    : input(image) + row * g_.width * in_.stride * at_.element_bytes();
    p.b = c.strip_weights(strip, at_.kernels);
    p.bias = c.bias.data() + strip * kStrip;
    if (!c.scale.empty()) p.b_scale = c.scale.data() + strip * kStrip;
    p.rows = images * rows * g_.width;  // several images only with all their rows
    p.depth = c.depth;
    p.strips = strips;
    p.c = target;
    p.c_stride = kStrip;
    p.c_strip_stride = ring_floats_;
    p.row_group = g_.width;
    p.row_gap = (g_.line - g_.width) * kStrip;
    p.activation = c.shape.activation;
    at_.kernels.multiply(p);
  }

  /// Without an expansion: the input's rows themselves, as floats.
  void copy(std::int64_t image, std::int64_t images, std::int64_t row, std::int64_t rows,
            std::int64_t strip, std::int64_t strips, float* target) {
    for (std::int64_t s = 0; s < strips; ++s) {
      float* line = target + s * ring_floats_;
      for (std::int64_t n = 0; n < images; ++n) {
        const char* pixels =
            input(image + n) +
            (row * in_.width * in_.stride + (strip + s) * kStrip) * at_.element_bytes();
        for (std::int64_t y = 0; y < rows; ++y, line += g_.line * kStrip) {
          copy_line(pixels + y * in_.width * in_.stride * at_.element_bytes(), strip + s, line);
        }
      }
    }
  }

  void copy_line(const char* pixel, std::int64_t strip, float* line) {
    const std::int64_t bytes = in_.stride * at_.element_bytes();
    if (at_.kernels.precision == Precision::kFp32) {
      for (std::int64_t x = 0; x < in_.width; ++x, pixel += bytes, line += kStrip)
        std::memcpy(line, pixel, kStrip * sizeof(float));
      return;
    }
    const Quantization values = in_.values.from(strip * kStrip);
    for (std::int64_t x = 0; x < in_.width; ++x, pixel += bytes, line += kStrip)
      at_.kernels.to_float(pixel, values, kStrip, line);
  }

  /// Output row y, the turn's row `turn_row`, of image n of the turn.
  void depthwise_row(std::int64_t image, std::int64_t n, std::int64_t y, std::int64_t turn_row,
                     std::int64_t strip) {
    const Convolution& dw = depthwise();
    const float* rows[kMostKernelRows];
    for (std::int64_t ky = 0; ky < dw.kernel_height; ++ky) {
      const std::int64_t row = y * dw.stride - dw.padding.top + ky;
      rows[ky] = row < 0 || row >= g_.height
                     ? static_cast<const float*>(zeros_.data())
                     : ring(strip) + (n * g_.ring_rows + row % g_.ring_rows) * g_.line * kStrip;
    }
    const std::int64_t turn_rows = g_.rows_a_turn;
    const bool last = !block_.project;
    const std::int64_t stride = last ? out_.stride : g_.middle_stride;
    const std::int64_t pixel = last ? ((image + n) * g_.height_out + y) * g_.width_out
                                    : (n * turn_rows + turn_row) * g_.width_out;
    DepthwiseRow d;
    d.rows = rows;
    d.weights = static_cast<const float*>(block_.depthwise.strip_weights(strip, at_.kernels));
    d.bias = block_.depthwise.bias.data() + strip * kStrip;
    d.kernel = static_cast<int>(dw.kernel_height);
    d.stride = static_cast<int>(dw.stride);
    d.width = g_.width_out;
    d.out = static_cast<char*>(last ? out_.data : middle_.data()) +
            (pixel * stride + strip * kStrip) * at_.element_bytes();
    d.out_stride = stride;
    d.out_values = (last ? out_.values : block_.middle).from(strip * kStrip);
    d.activation = dw.activation;
    at_.kernels.depthwise(d);
  }

  void project(std::int64_t image, std::int64_t images, std::int64_t first, std::int64_t last) {
    const std::int64_t pixel = (image * g_.height_out + first) * g_.width_out;
    Product p = product_into(*block_.project, residual_, out_, pixel, at_);
    p.a = middle_.data();
    p.a_stride = g_.middle_stride;
    p.rows = images * (last - first) * g_.width_out;
    if (at_.middle) {
      widen(*at_.middle,
            {1, p.rows, 1, block_.depthwise.shape.out, p.a_stride, middle_.data(), block_.middle},
            at_);
    }
    at_.kernels.multiply(p);
  }

  const Block& block_;
  const ImageBatch& in_;
  const ImageBatch* residual_;
  const ImageBatch& out_;
  const Workplace& at_;
  const Geometry g_;
  std::int64_t ring_floats_ = 0;  // of a strip
  Buffer ring_, zeros_, middle_, gathered_;
  std::optional<Gatherer> gatherer_;  // where the block gathers()
};

}  // namespace

void run(const Block& block, const ImageBatch& in, const ImageBatch* residual,
         const ImageBatch& out, const Workplace& at) {
  BlockRun(block, in, residual, out, at).run();
}

}  // namespace preannotate::engine
