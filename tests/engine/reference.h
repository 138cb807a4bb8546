#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "engine/convolution.h"
#include "engine/kernels.h"

/// The engine's arithmetic as its definitions say it, in double and one output at a time.
namespace preannotate::engine::reference {

inline double activate(double v, const Activation& act) {
  if (act.curve == Curve::kSilu) return v / (1 + std::exp(-v));
  if (act.curve == Curve::kHardswish) return v * std::clamp(v + 3, 0.0, 6.0) / 6;
  return std::min(std::max(v, double{act.low}), double{act.high});
}

/// What bfloat16 keeps of a value. What int8 does depends on the scale: tests allow for it.
inline float rounded(float value, Precision precision) {
  if (precision != Precision::kBf16) return value;
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000u;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

inline double tolerance(Precision precision, double size) {
  return (precision == Precision::kFp32 ? 2e-5 : 1e-2) * std::max(1.0, size);
}

/// A scale for each channel, of 48 and more: the widest reaches from -limit to limit, two in three
/// are narrower.
struct ByteScales {
  explicit ByteScales(float limit, std::size_t channels = 512) {
    for (std::size_t c = 0; c < channels; ++c) {
      scale.push_back(limit / 127 * (c % 3 == 0 ? 1.0f : c % 3 == 1 ? 0.9f : 0.75f));
      inverse.push_back(1 / scale.back());
    }
  }
  Quantization view() const { return {scale.data(), inverse.data(), 128}; }
  /// The value that the byte nearest to `value` stands for.
  double nearest(double value, std::int64_t channel) const {
    const double unit = scale[static_cast<std::size_t>(channel)];
    return (std::clamp(std::nearbyint(value / unit + 128), 0.0, 255.0) - 128) * unit;
  }
  std::vector<float> scale, inverse;
};

/// Values in [-1, 1], exact in every precision.
class Numbers {
 public:
  explicit Numbers(unsigned seed) : random_(seed) {}
  float next() { return static_cast<float>(static_cast<int>(random_() % 129) - 64) / 64; }
  std::vector<float> many(std::int64_t count) {
    std::vector<float> values(static_cast<size_t>(count));
    for (auto& value : values) value = next();
    return values;
  }

 private:
  std::mt19937 random_;
};

/// Images as plain numbers, [images, height, width, channels].
struct Images {
  std::int64_t images = 0, height = 0, width = 0, channels = 0;
  std::vector<float> values;

  float at(std::int64_t n, std::int64_t y, std::int64_t x, std::int64_t c) const {
    if (y < 0 || y >= height || x < 0 || x >= width) return 0;
    return values[static_cast<size_t>(((n * height + y) * width + x) * channels + c)];
  }
};

/// `precision`: outputs are rounded to it.
inline Images convolve(const Convolution& c, const Images& in, const Images* residual,
                       Precision precision) {
  Images out{in.images, c.height_out(in.height), c.width_out(in.width), c.out, {}};
  for (std::int64_t n = 0; n < out.images; ++n) {
    for (std::int64_t y = 0; y < out.height; ++y) {
      for (std::int64_t x = 0; x < out.width; ++x) {
        for (std::int64_t o = 0; o < c.out; ++o) {
          double sum = c.bias[static_cast<size_t>(o)];
          const std::int64_t inputs = c.depthwise ? 1 : c.in;
          for (std::int64_t i = 0; i < inputs; ++i) {
            for (std::int64_t ky = 0; ky < c.kernel_height; ++ky) {
              for (std::int64_t kx = 0; kx < c.kernel_width; ++kx) {
                const auto weight = c.weights[static_cast<size_t>(
                    ((o * inputs + i) * c.kernel_height + ky) * c.kernel_width + kx)];
                sum +=
                    double{weight} * in.at(n, y * c.stride - c.padding.top + ky,
                                           x * c.stride - c.padding.left + kx, c.depthwise ? o : i);
              }
            }
          }
          if (residual) sum += residual->at(n, y, x, o);
          out.values.push_back(rounded(static_cast<float>(activate(sum, c.activation)), precision));
        }
      }
    }
  }
  return out;
}

/// Every set of kernels that this processor runs, for INSTANTIATE_TEST_SUITE_P.
inline std::vector<const KernelSet*> all_sets() {
  const KernelSets& usable = usable_kernels();
  return {usable.sets, usable.sets + usable.count};
}

inline std::string set_name(const testing::TestParamInfo<const KernelSet*>& info) {
  std::string name;
  for (const char c : info.param->name) {
    if (std::isalnum(static_cast<unsigned char>(c))) name += c;
  }
  return name;
}

}  // namespace preannotate::engine::reference
