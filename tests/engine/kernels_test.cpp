#include "engine/kernels.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/buffer_pool.h"
#include "engine/convolution.h"
#include "reference.h"

namespace preannotate::engine {
namespace {

using reference::Numbers;
using reference::tolerance;

/// Every set that this processor runs.
class Kernels : public testing::TestWithParam<const KernelSet*> {
 protected:
  const KernelSet& set() const { return *GetParam(); }
  std::int64_t element() const { return set().precision == Precision::kFp32 ? 4 : 2; }

  Buffer elements(const std::vector<float>& values, std::int64_t slack = 0) const {
    const auto count = round_up(static_cast<std::int64_t>(values.size()), kStrip);
    std::vector<float> padded = values;
    padded.resize(static_cast<size_t>(count), 0.0f);
    Buffer buffer(static_cast<size_t>((count + slack) * element()));
    set().from_float(padded.data(), count, buffer.data());
    return buffer;
  }
  std::vector<float> floats(const void* from, std::int64_t count) const {
    std::vector<float> values(static_cast<size_t>(round_up(count, kStrip)));
    set().to_float(from, round_up(count, kStrip), values.data());
    values.resize(static_cast<size_t>(count));
    return values;
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
    const auto a_elements = elements(a, 32 * a_stride);
    const auto b_elements = elements(packed(b, c));
    const auto residual_elements = elements(residual);
    const std::int64_t groups = c.row_group > 0 ? (c.rows + c.row_group - 1) / c.row_group : 1;
    Buffer out(static_cast<size_t>((c.rows * columns + groups * c.row_gap) * 4));

    Product p;
    p.a = a_elements.data();
    p.a_stride = a_stride;
    p.b = b_elements.data();
    p.bias = bias.data();
    p.rows = c.rows;
    p.depth = c.depth;
    p.strips = c.strips;
    p.c = out.data();
    p.c_is_float = !c.to_elements;
    p.c_stride = columns;
    p.c_strip_stride = kStrip;
    p.row_group = c.row_group;
    p.row_gap = c.row_gap;
    if (c.residual) p.residual = residual_elements.data();
    p.activation = c.activation;
    set().multiply(p);

    const auto found = c.to_elements
                           ? floats(out.data(), c.rows * columns + groups * c.row_gap)
                           : std::vector<float>(static_cast<float*>(out.data()),
                                                static_cast<float*>(out.data()) + c.rows * columns +
                                                    groups * c.row_gap);
    for (std::int64_t m = 0; m < c.rows; ++m) {
      const std::int64_t gaps = c.row_group > 0 ? m / c.row_group * c.row_gap : 0;
      for (std::int64_t n = 0; n < columns; ++n) {
        double sum = bias[static_cast<size_t>(n)];
        for (std::int64_t k = 0; k < c.depth; ++k) {
          sum += double{a[static_cast<size_t>(m * a_stride + k)]} *
                 b[static_cast<size_t>(k * columns + n)];
        }
        if (c.residual) sum += residual[static_cast<size_t>(m * columns + n)];
        const double expected = reference::activate(sum, c.activation);
        ASSERT_NEAR(
            found[static_cast<size_t>(m * columns + n + gaps)], expected,
            tolerance(c.to_elements ? set().precision : Precision::kFp32, std::abs(expected)))
            << "row " << m << ", column " << n;
      }
    }
  }

 private:
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
        d.activation = {Curve::kClamp, -2, 3};
        set().depthwise(d);
        const auto found = floats(out.data(), width * out_stride);
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
                        tolerance(set().precision, std::abs(expected)))
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
  const auto found = floats(elements(values).data(), 16);
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(found[i], reference::rounded(values[i], set().precision)) << values[i];
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
