#include "convolution.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

namespace preannotate::engine {

namespace {

/// The depthwise layout: strips of [kernel * kernel, 16] floats.
void pack_depthwise(const Convolution& c, PackedConvolution& packed) {
  const std::int64_t taps = c.kernel_height * c.kernel_width;
  packed.weights = Buffer(static_cast<std::size_t>(packed.strips * taps * kStrip) * sizeof(float));
  auto* to = static_cast<float*>(packed.weights.data());
  for (std::int64_t n = 0; n < c.out; ++n) {
    for (std::int64_t t = 0; t < taps; ++t) {
      to[((n / kStrip) * taps + t) * kStrip + n % kStrip] =
          c.weights[static_cast<std::size_t>(n * taps + t)];
    }
  }
}

/// To signed bytes, output by output: the largest weight of each is 127. The weights hold the
/// scales of their inputs already. What the input's zero adds to every sum is taken off the bias.
void quantize(const std::vector<float>& strips, std::int64_t group, PackedConvolution& packed) {
  auto* to = static_cast<std::int8_t*>(packed.weights.data());
  packed.scale.assign(packed.bias.size(), 0.0f);
  const std::int64_t strip_size = packed.depth * kStrip;
  for (std::int64_t n = 0; n < packed.strips * kStrip; ++n) {
    const std::int64_t first = n / kStrip * strip_size + n % kStrip * group;
    const auto at = [&](std::int64_t k) { return first + k / group * group * kStrip + k % group; };
    float largest = 0;
    for (std::int64_t k = 0; k < packed.depth; ++k) {
      largest = std::max(largest, std::abs(strips[static_cast<std::size_t>(at(k))]));
    }
    const float unit = largest > 0 ? largest / 127 : 1;
    std::int64_t sum = 0;
    for (std::int64_t k = 0; k < packed.depth; ++k) {
      const float weight = strips[static_cast<std::size_t>(at(k))];
      to[at(k)] = static_cast<std::int8_t>(std::lround(weight / unit));
      sum += to[at(k)];
    }
    packed.scale[static_cast<std::size_t>(n)] = unit;
    packed.bias[static_cast<std::size_t>(n)] -=
        unit * packed.in_values.zero * static_cast<float>(sum);
  }
}

/// Strips of [depth / group, 16, group] elements; depth runs over rows, columns and channels of the
/// window as gather_rows() lays them out.
void pack_product(const Convolution& c, const KernelSet& kernels, PackedConvolution& packed) {
  const std::int64_t group = kernels.depth_group;
  const std::int64_t strip_size = packed.depth * kStrip;
  std::vector<float> values(static_cast<std::size_t>(packed.strips * strip_size), 0.0f);
  for (std::int64_t n = 0; n < c.out; ++n) {
    const float* from = c.weights.data() + n * c.in * c.kernel_height * c.kernel_width;
    float* strip = values.data() + n / kStrip * strip_size;
    for (std::int64_t y = 0; y < c.kernel_height; ++y) {
      for (std::int64_t x = 0; x < c.kernel_width; ++x) {
        for (std::int64_t i = 0; i < c.in; ++i) {
          const std::int64_t k = (y * c.kernel_width + x) * packed.in_stride + i;
          const float weight = from[(i * c.kernel_height + y) * c.kernel_width + x];
          strip[k / group * group * kStrip + n % kStrip * group + k % group] =
              packed.in_values.scale ? weight * packed.in_values.scale[i] : weight;
        }
      }
    }
  }
  const auto count = static_cast<std::int64_t>(values.size());
  packed.weights =
      Buffer(values.size() * static_cast<std::size_t>(element_bytes(kernels.precision)));
  if (kernels.precision == Precision::kInt8) return quantize(values, group, packed);
  kernels.from_float(values.data(), count, {}, packed.weights.data());
}

}  // namespace

std::int64_t round_up(std::int64_t value, std::int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

std::int64_t stride_of(const KernelSet& kernels, std::int64_t channels) {
  return round_up(channels, kernels.channel_multiple);
}

const void* PackedConvolution::strip_weights(std::int64_t strip, const KernelSet& kernels) const {
  const std::int64_t strip_bytes = shape.depthwise
                                       ? shape.kernel_height * shape.kernel_width * kStrip * 4
                                       : depth * kStrip * element_bytes(kernels.precision);
  return static_cast<const char*>(weights.data()) + strip * strip_bytes;
}

PackedConvolution pack(Convolution convolution, std::int64_t in_stride, const KernelSet& kernels,
                       Quantization in_values) {
  PackedConvolution packed;
  packed.in_stride = in_stride;
  packed.in_values = in_values;
  // Of int8 no more strips than there are channels: whatever a byte beyond them is, times zero it
  // is zero, which does not hold of a float.
  packed.strips = kernels.precision == Precision::kInt8
                      ? round_up(convolution.out, kStrip) / kStrip
                      : stride_of(kernels, convolution.out) / kStrip;
  packed.bias.assign(static_cast<std::size_t>(packed.strips * kStrip), 0.0f);
  std::copy(convolution.bias.begin(), convolution.bias.end(), packed.bias.begin());
  if (convolution.depthwise) {
    pack_depthwise(convolution, packed);
  } else {
    packed.depth = round_up(convolution.kernel_height * convolution.kernel_width *
                                (convolution.pointwise() ? convolution.in : in_stride),
                            kernels.depth_multiple);
    pack_product(convolution, kernels, packed);
  }
  convolution.weights.clear();
  convolution.weights.shrink_to_fit();
  convolution.bias.clear();
  packed.shape = std::move(convolution);
  return packed;
}

namespace {

/// Of small windows a whole cache line: what comes after is written later, or lies in the slack.
inline void copy_window(const char* from, std::int64_t bytes, char* to) {
  constexpr std::int64_t kLine = 64;
  if (bytes <= kLine) {
    std::memcpy(to, from, kLine);
  } else {
    std::memcpy(to, from, static_cast<std::size_t>(bytes));
  }
}

}  // namespace

void gather_rows(const Gather& from, std::int64_t first, std::int64_t last, void* to) {
  const PackedConvolution& packed = *from.convolution;
  const Convolution& c = packed.shape;
  const std::int64_t bytes = from.element_bytes;
  const std::int64_t pixel = packed.in_stride * bytes, width_out = c.width_out(from.width);
  const std::int64_t window = c.kernel_width * pixel, row = packed.depth * bytes;
  const std::int64_t tail = row - c.kernel_height * window;  // of a product's row, to its end
  const int zero = static_cast<int>(packed.in_values.zero);  // 0 but in int8: a padding byte
  auto* out = static_cast<char*>(to);
  for (std::int64_t y = first; y < last; ++y) {
    for (std::int64_t x = 0; x < width_out; ++x, out += row) {
      const std::int64_t left = x * c.stride - c.padding.left;
      const std::int64_t skip = std::clamp<std::int64_t>(-left, 0, c.kernel_width);
      const std::int64_t end = std::clamp<std::int64_t>(from.width - left, skip, c.kernel_width);
      for (std::int64_t ky = 0; ky < c.kernel_height; ++ky) {
        char* const part = out + ky * window;
        const std::int64_t in_y = y * c.stride - c.padding.top + ky;
        if (in_y < 0 || in_y >= from.height) {
          std::memset(part, zero, static_cast<std::size_t>(window));
          continue;
        }
        const char* const source = static_cast<const char*>(from.rows) +
                                   ((in_y - from.first_row) * from.width + left) * pixel;
        if (skip == 0 && end == c.kernel_width) {
          copy_window(source, window, part);
          continue;
        }
        std::memset(part, zero, static_cast<std::size_t>(window));
        std::memcpy(part + skip * pixel, source + skip * pixel,
                    static_cast<std::size_t>((end - skip) * pixel));
      }
      if (tail > 0) std::memset(out + row - tail, 0, static_cast<std::size_t>(tail));
    }
  }
}

}  // namespace preannotate::engine
