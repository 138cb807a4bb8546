#include <algorithm>

#include "steps.h"

namespace preannotate::engine {

Product product_into(const PackedConvolution& c, const ImageBatch* residual, const ImageBatch& out,
                     std::int64_t first_pixel, const Workplace& at) {
  const std::int64_t offset = first_pixel * out.stride * at.element_bytes();
  Product p;
  p.depth = c.depth;
  p.b = c.weights.data();
  p.bias = c.bias.data();
  p.b_scale = c.scale.data();
  p.strips = c.strips;
  p.c = static_cast<char*>(out.data) + offset;
  p.c_is_float = at.kernels.precision == Precision::kFp32;
  p.c_stride = out.stride;
  p.c_strip_stride = kStrip;
  p.c_values = out.values;
  if (residual) {
    p.residual = static_cast<const char*>(residual->data) + offset;
    p.residual_values = residual->values;
  }
  p.activation = c.shape.activation;
  return p;
}

namespace {

// A product's rows at a time: what is read again for each pair of strips stays in the second cache.
constexpr std::int64_t kChunkBytes = 192 << 10;

void run_pointwise(const PackedConvolution& c, const ImageBatch& in, const ImageBatch* residual,
                   const ImageBatch& out, const Workplace& at) {
  const std::int64_t row_bytes = in.stride * at.element_bytes();
  const std::int64_t chunk = std::max<std::int64_t>(kSlackRows, kChunkBytes / row_bytes);
  for (std::int64_t first = 0; first < in.pixels(); first += chunk) {
    Product p = product_into(c, residual, out, first, at);
    p.a = static_cast<const char*>(in.data) + first * row_bytes;
    p.a_stride = in.stride;
    p.rows = std::min(chunk, in.pixels() - first);
    at.kernels.multiply(p);
  }
}

void run_gathered(const PackedConvolution& c, const ImageBatch& in, const ImageBatch* residual,
                  const ImageBatch& out, const Workplace& at) {
  const std::int64_t line_bytes = out.width * c.depth * at.element_bytes();
  const std::int64_t chunk = std::clamp<std::int64_t>(kChunkBytes / line_bytes, 1, out.height);
  Buffer rows = at.take((chunk * out.width + kSlackRows) * c.depth);
  Gatherer gatherer(c, in, at);
  for (std::int64_t n = 0; n < in.images; ++n) {
    for (std::int64_t first = 0; first < out.height; first += chunk) {
      const std::int64_t last = std::min(first + chunk, out.height);
      gatherer.rows(n, first, last, rows.data());
      Product p = product_into(c, residual, out, (n * out.height + first) * out.width, at);
      p.a = rows.data();
      p.a_stride = c.depth;
      p.rows = (last - first) * out.width;
      at.kernels.multiply(p);
    }
  }
  at.pool.give_back(std::move(rows));
}

}  // namespace

void run(const PackedConvolution& c, const ImageBatch& in, const ImageBatch* residual,
         const ImageBatch& out, const Workplace& at) {
  (gathers(c) ? run_gathered : run_pointwise)(c, in, residual, out, at);
}

void mean_of(const ImageBatch& in, float* out, const Workplace& at) {
  const std::int64_t pixels = in.height * in.width;
  Buffer line = at.pool.take(static_cast<std::size_t>(in.stride) * sizeof(float));
  auto* values = static_cast<float*>(line.data());
  const std::int64_t bytes = in.stride * at.element_bytes();
  const char* from = static_cast<const char*>(in.data);
  for (std::int64_t n = 0; n < in.images; ++n, out += in.channels) {
    std::fill_n(out, in.channels, 0.0f);
    for (std::int64_t i = 0; i < pixels; ++i, from += bytes) {
      at.kernels.to_float(from, in.values, in.stride, values);
      for (std::int64_t c = 0; c < in.channels; ++c) out[c] += values[c];
    }
    for (std::int64_t c = 0; c < in.channels; ++c) out[c] /= static_cast<float>(pixels);
  }
  at.pool.give_back(std::move(line));
}

void widen(ChannelRanges& ranges, const ImageBatch& in, const Workplace& at) {
  ranges.resize(static_cast<std::size_t>(in.channels), {0, 0});
  Buffer line = at.pool.take(static_cast<std::size_t>(in.stride + kStrip) * sizeof(float));
  auto* values = static_cast<float*>(line.data());
  for (std::int64_t i = 0; i < in.pixels(); ++i) {
    at.kernels.to_float(static_cast<const char*>(in.data) + i * in.stride * at.element_bytes(),
                        in.values, round_up(in.stride, kStrip), values);
    for (std::size_t c = 0; c < ranges.size(); ++c) {
      ranges[c][0] = std::min(ranges[c][0], values[c]);
      ranges[c][1] = std::max(ranges[c][1], values[c]);
    }
  }
  at.pool.give_back(std::move(line));
}

}  // namespace preannotate::engine
