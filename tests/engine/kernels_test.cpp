#include "engine/kernels.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/buffer_pool.h"
#include "engine/convolution.h"
#include "reference.h"

namespace preannotate::engine {
namespace {

using reference::ByteScales;
using reference::Numbers;
using reference::tolerance;

/// Every set that this processor runs.
class Kernels : public testing::TestWithParam<const KernelSet*> {
 protected:
  const KernelSet& set() const { return *GetParam(); }
  bool bytes() const { return set().precision == Precision::kInt8; }
  std::int64_t element() const { return element_bytes(set().precision); }

  /// Rows of `columns` channels, a multiple of 16.
  Buffer elements(const std::vector<float>& values, std::int64_t columns, const ByteScales& scales,
                  std::int64_t slack = 0) const {
    const auto count = static_cast<std::int64_t>(values.size());
    Buffer buffer(static_cast<size_t>((count + slack) * element()));
    for (std::int64_t i = 0; i < count; i += columns) {
      set().from_float(values.data() + i, columns, scales.view(),
                       static_cast<char*>(buffer.data()) + i * element());
    }
    return buffer;
  }
  std::vector<float> floats(const void* from, std::int64_t count, std::int64_t columns,
                            const ByteScales& scales) const {
    std::vector<float> values(static_cast<size_t>(count));
    for (std::int64_t i = 0; i < count; i += columns) {
      set().to_float(static_cast<const char*>(from) + i * element(), scales.view(), columns,
                     values.data() + i);
    }
    return values;
  }
  /// What is left of a value in an element.
  double kept(double value, std::int64_t channel, const ByteScales& scales) const {
    return bytes() ? scales.nearest(value, channel) : value;
  }
};

struct Case {
  std::int64_t rows, depth, strips;
  bool residual = false, to_elements = false;
  std::int64_t row_group = 0, row_gap = 0;
  Activation activation = {};
};

std::string text(const Case& c) {
  return std::to_string(c.rows) + " x " + std::to_string(c.depth) + " x " +
         std::to_string(c.strips) + " strips";
}

class Products : public Kernels {
 protected:
  void check(const Case& wanted) {
    SCOPED_TRACE(text(wanted));
    Case c = wanted;
    c.depth = round_up(c.depth, set().depth_multiple);
    const std::int64_t columns = c.strips * kStrip;
    const std::int64_t a_stride = round_up(c.depth, set().channel_multiple);
    Numbers numbers(7);
    const auto a = numbers.many(c.rows * a_stride), bias = numbers.many(columns);
    const auto b = numbers.many(c.depth * columns), residual = numbers.many(c.rows * columns);
    // A product's bytes of a share one scale: pack() multiplies the channels' own into b.
    const ByteScales residual_scales(1), out_scales(20);
    const auto a_elements = a_of(a, 32 * a_stride);
    const auto b_elements = b_of(packed(b, c));
    const auto residual_elements = elements(residual, columns, residual_scales);
    const std::int64_t groups = c.row_group > 0 ? (c.rows + c.row_group - 1) / c.row_group : 1;
    Buffer out(static_cast<size_t>((c.rows * columns + groups * c.row_gap) * 4));
    const std::vector<float> b_scale(static_cast<size_t>(columns), 1.0f / (64 * 64));
    const auto shifted = shifted_bias(bias, b, c);

    Product p;
    p.a = a_elements.data();
    p.a_stride = a_stride;
    p.b = b_elements.data();
    p.bias = shifted.data();
    p.b_scale = b_scale.data();
    p.rows = c.rows;
    p.depth = c.depth;
    p.strips = c.strips;
    p.c = out.data();
    p.c_is_float = !c.to_elements;
    p.c_stride = columns;
    p.c_strip_stride = kStrip;
    p.row_group = c.row_group;
    p.row_gap = c.row_gap;
    p.c_values = out_scales.view();
    if (c.residual) p.residual = residual_elements.data();
    p.residual_values = residual_scales.view();
    p.activation = c.activation;
    set().multiply(p);

    const std::int64_t count = c.rows * columns + groups * c.row_gap;
    const auto* as_floats = static_cast<const float*>(out.data());
    const auto found = c.to_elements && c.row_gap == 0
                           ? floats(out.data(), count, columns, out_scales)
                           : std::vector<float>(as_floats, as_floats + count);
    for (std::int64_t m = 0; m < c.rows; ++m) {
      const std::int64_t gaps = c.row_group > 0 ? m / c.row_group * c.row_gap : 0;
      for (std::int64_t n = 0; n < columns; ++n) {
        double sum = bias[static_cast<size_t>(n)];
        for (std::int64_t k = 0; k < c.depth; ++k) {
          sum += double{a[static_cast<size_t>(m * a_stride + k)]} *
                 b[static_cast<size_t>(k * columns + n)];
        }
        if (c.residual) {
          sum += kept(residual[static_cast<size_t>(m * columns + n)], n, residual_scales);
        }
        double expected = reference::activate(sum, c.activation);
        double allowed =
            tolerance(c.to_elements ? set().precision : Precision::kFp32, std::abs(expected));
        if (bytes() && c.to_elements) {  // to one side or the other of half a byte
          allowed = 0.51 * out_scales.scale[static_cast<size_t>(n)];
          expected = std::clamp(expected, out_scales.nearest(-1e9, n), out_scales.nearest(1e9, n));
        }
        ASSERT_NEAR(found[static_cast<size_t>(m * columns + n + gaps)], expected, allowed)
            << "row " << m << ", column " << n;
      }
    }
  }

 private:
  /// Numbers are exact in bytes of 1/64.
  Buffer a_of(const std::vector<float>& a, std::int64_t slack) const {
    const std::vector<float> scale(16, 1.0f / 64), inverse(16, 64.0f);
    const auto count = static_cast<std::int64_t>(a.size());
    Buffer buffer(static_cast<size_t>((round_up(count, kStrip) + slack) * element()));
    std::vector<float> padded = a;
    padded.resize(static_cast<size_t>(round_up(count, kStrip)), 0.0f);
    for (std::int64_t i = 0; i < count; i += kStrip) {
      set().from_float(padded.data() + i, kStrip, {scale.data(), inverse.data(), 128},
                       static_cast<char*>(buffer.data()) + i * element());
    }
    return buffer;
  }
  Buffer b_of(const std::vector<float>& strips) const {
    Buffer buffer(strips.size() * static_cast<size_t>(element()));
    if (!bytes()) {
      set().from_float(strips.data(), std::ssize(strips), {}, buffer.data());
      return buffer;
    }
    auto* to = static_cast<std::int8_t*>(buffer.data());
    for (size_t i = 0; i < strips.size(); ++i) to[i] = static_cast<std::int8_t>(strips[i] * 64);
    return buffer;
  }
  /// Less what a's zero adds to the sums.
  std::vector<float> shifted_bias(std::vector<float> bias, const std::vector<float>& b,
                                  const Case& c) const {
    if (!bytes()) return bias;
    for (std::int64_t n = 0; n < c.strips * kStrip; ++n) {
      for (std::int64_t k = 0; k < c.depth; ++k) {
        bias[static_cast<size_t>(n)] -= 2 * b[static_cast<size_t>(k * c.strips * kStrip + n)];
      }
    }
    return bias;
  }

  /// [depth, columns] as strips of [depth / group, 16, group].
  std::vector<float> packed(const std::vector<float>& b, const Case& c) const {
    std::vector<float> strips(b.size());
    const std::int64_t group = set().depth_group;
    for (std::int64_t k = 0; k < c.depth; ++k) {
      for (std::int64_t n = 0; n < c.strips * kStrip; ++n) {
        const std::int64_t at = n / kStrip * c.depth * kStrip + k / group * group * kStrip +
                                n % kStrip * group + k % group;
        strips[static_cast<size_t>(at)] = b[static_cast<size_t>(k * c.strips * kStrip + n)];
      }
    }
    return strips;
  }
};

TEST_P(Products, AreTheirDefinitionForEveryNumberOfRows) {
  for (std::int64_t rows = 1; rows <= 70; ++rows) check({.rows = rows, .depth = 24, .strips = 3});
}

TEST_P(Products, AreTheirDefinitionForDeepAndWideOnes) {
  for (const std::int64_t depth : {1, 2, 31, 32, 33, 64, 65, 1000}) {
    for (const std::int64_t strips : {1, 2, 5})
      check({.rows = 33, .depth = depth, .strips = strips});
  }
}

TEST_P(Products, OfNoRowsTouchNothing) {
  check({.rows = 0, .depth = 16, .strips = 2});
}

TEST_P(Products, SkipTheGapAfterEachGroupOfRows) {
  for (const std::int64_t group : {1, 7, 14, 16, 40}) {
    check({.rows = 61, .depth = 40, .strips = 2, .row_group = group, .row_gap = 32});
  }
}

TEST_P(Products, AddTheResidualBeforeTheActivation) {
  for (const bool to_elements : {false, true}) {
    if (!to_elements && set().precision != Precision::kFp32) continue;  // residuals are elements
    check({.rows = 50, .depth = 48, .strips = 2, .residual = true, .to_elements = to_elements});
    check({.rows = 50,
           .depth = 48,
           .strips = 3,
           .residual = true,
           .to_elements = to_elements,
           .activation = {Curve::kClamp, 0, 6}});
  }
}

TEST_P(Products, KnowEveryActivation) {
  for (const Activation act : {Activation{Curve::kClamp, 0, 6}, Activation{Curve::kClamp, -1, 1},
                               Activation{Curve::kSilu}, Activation{Curve::kHardswish}}) {
    for (const bool to_elements : {false, true}) {
      check({.rows = 35, .depth = 20, .strips = 2, .to_elements = to_elements, .activation = act});
    }
  }
}

class DepthwiseRows : public Kernels {};

TEST_P(DepthwiseRows, AreTheirDefinition) {
  Numbers numbers(3);
  for (const int kernel : {1, 3, 5, 7}) {
    for (const int stride : {1, 2, 3}) {
      for (const std::int64_t width : {1, 6, 7, 8, 13, 14, 15, 28, 41}) {
        const std::int64_t line = (width - 1) * stride + kernel, out_stride = 48;
        const auto in = numbers.many(kernel * line * kStrip);
        const auto weights = numbers.many(kernel * kernel * kStrip), bias = numbers.many(kStrip);
        std::vector<const float*> rows;
        for (int ky = 0; ky < kernel; ++ky) rows.push_back(in.data() + ky * line * kStrip);
        Buffer out(static_cast<size_t>(width * out_stride * 4));
        DepthwiseRow d;
        d.rows = rows.data();
        d.weights = weights.data();
        d.bias = bias.data();
        d.kernel = kernel;
        d.stride = stride;
        d.width = width;
        d.out = out.data();
        d.out_stride = out_stride;
        const ByteScales scales(4);
        d.out_values = scales.view();
        d.activation = {Curve::kClamp, -2, 3};
        set().depthwise(d);
        const auto found = floats(out.data(), width * out_stride, out_stride, scales);
        for (std::int64_t x = 0; x < width; ++x) {
          for (std::int64_t c = 0; c < kStrip; ++c) {
            double sum = bias[static_cast<size_t>(c)];
            for (int ky = 0; ky < kernel; ++ky) {
              for (int kx = 0; kx < kernel; ++kx) {
                sum += double{rows[static_cast<size_t>(ky)][(x * stride + kx) * kStrip + c]} *
                       weights[static_cast<size_t>((ky * kernel + kx) * kStrip + c)];
              }
            }
            const double expected = reference::activate(sum, d.activation);
            ASSERT_NEAR(found[static_cast<size_t>(x * out_stride + c)], expected,
                        bytes() ? 0.51 * scales.scale[static_cast<size_t>(c)]
                                : tolerance(set().precision, std::abs(expected)))
                << "kernel " << kernel << ", stride " << stride << ", width " << width << ", x "
                << x;
          }
        }
      }
    }
  }
}

TEST_P(Kernels, ElementsRoundToTheNearest) {
  const std::vector<float> values{0,      1,        -1,    1.00390625f, 1.01171875f, 3.14159265f,
                                  1e-30f, -65504.f, 1e30f, 0.1f,        -0.3f,       255,
                                  256.5f, 1e-3f,    7,     -7};
  const ByteScales scales(100);
  const auto found = floats(elements(values, 16, scales).data(), 16, 16, scales);
  for (size_t i = 0; i < values.size(); ++i) {
    const double wanted = bytes() ? scales.nearest(values[i], static_cast<std::int64_t>(i))
                                  : reference::rounded(values[i], set().precision);
    EXPECT_FLOAT_EQ(found[i], static_cast<float>(wanted)) << values[i];
  }
}

INSTANTIATE_TEST_SUITE_P(Sets, Kernels, testing::ValuesIn(reference::all_sets()),
                         reference::set_name);
INSTANTIATE_TEST_SUITE_P(Sets, Products, testing::ValuesIn(reference::all_sets()),
                         reference::set_name);
INSTANTIATE_TEST_SUITE_P(Sets, DepthwiseRows, testing::ValuesIn(reference::all_sets()),
                         reference::set_name);

TEST(KernelSets, ThePlainOneRunsEverywhere) {
  ASSERT_GE(usable_kernels().count, 1);
  EXPECT_EQ(usable_kernels().sets[0]->name, "plain");
  ASSERT_NE(kernels_for(Precision::kFp32), nullptr);
}

}  // namespace
}  // namespace preannotate::engine
