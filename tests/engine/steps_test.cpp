#include "engine/steps.h"

#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <string>

#include "engine/quantization.h"
#include "reference.h"

namespace preannotate::engine {
namespace {

using reference::Images;
using reference::Numbers;

Convolution convolution(Numbers& numbers, std::int64_t in, std::int64_t out, std::int64_t kernel,
                        std::int64_t stride, Padding padding, Activation activation = {}) {
  Convolution c;
  c.in = in;
  c.out = out;
  c.kernel_height = c.kernel_width = kernel;
  c.stride = stride;
  c.padding = padding;
  c.weights = numbers.many(out * in * kernel * kernel);
  for (auto& weight : c.weights) weight /= 4;
  c.bias = numbers.many(out);
  c.activation = activation;
  return c;
}

Convolution depthwise(Numbers& numbers, std::int64_t channels, std::int64_t kernel,
                      std::int64_t stride, Padding padding) {
  auto c = convolution(numbers, 1, channels, kernel, stride, padding, {Curve::kClamp, 0, 6});
  c.in = channels;
  c.depthwise = true;
  return c;
}

Pixels pixels_of(const std::vector<std::uint8_t>& bytes, const float scale[3],
                 const float offset[3]) {
  Pixels pixels;
  pixels.bytes = bytes.data();
  for (size_t i = 0; i < pixels.scale.size(); ++i) {
    pixels.scale[i] = scale[i % 3];
    pixels.offset[i] = offset[i % 3];
  }
  return pixels;
}

class Steps : public testing::TestWithParam<const KernelSet*> {
 protected:
  const KernelSet& set() const { return *GetParam(); }

  Images images(std::int64_t n, std::int64_t height, std::int64_t width, std::int64_t channels) {
    return {n, height, width, channels, numbers_.many(n * height * width * channels)};
  }

  /// `images` in the kernels' memory.
  ImageBatch batch_of(const Images& images, Buffer& memory) {
    auto batch = empty(images, memory);
    std::vector<float> pixel(static_cast<size_t>(batch.stride), 0.0f);
    for (std::int64_t i = 0; i < batch.pixels(); ++i) {
      std::copy_n(images.values.data() + i * images.channels, images.channels, pixel.data());
      set().from_float(pixel.data(), batch.stride, batch.values,
                       static_cast<char*>(batch.data) + i * batch.stride * at_.element_bytes());
    }
    return batch;
  }
  ImageBatch empty(const Images& like, Buffer& memory) {
    ImageBatch batch{
        like.images, like.height,    like.width, like.channels, stride_of(set(), like.channels),
        nullptr,     values_of(like)};
    memory = Buffer(
        static_cast<size_t>((batch.pixels() + kSlackRows) * batch.stride * at_.element_bytes()));
    batch.data = memory.data();
    return batch;
  }

  /// In int8 what the calibration on these images would give.
  Quantization values_of(const Images& images) {
    if (set().precision != Precision::kInt8 || images.channels == 0) return {};
    std::vector<std::array<float, 2>> ranges(static_cast<size_t>(images.channels), {0, 0});
    for (size_t i = 0; i < images.values.size(); ++i) {
      auto& range = ranges[i % ranges.size()];
      range[0] = std::min(range[0], images.values[i]);
      range[1] = std::max(range[1], images.values[i]);
    }
    return scales_.emplace_back(ranges).view();
  }

  /// int8 rounds everything on the way to a 255th of its range.
  double allowed(double wanted, double largest) const {
    return set().precision == Precision::kInt8
               ? 0.02 * largest
               : 2 * reference::tolerance(set().precision, std::abs(wanted));
  }

  void expect_equal(const ImageBatch& found, const Images& expected) {
    std::vector<float> pixel(static_cast<size_t>(found.stride));
    double largest = 0;
    for (const float value : expected.values) largest = std::max(largest, std::abs(double{value}));
    for (std::int64_t i = 0; i < found.pixels(); ++i) {
      set().to_float(static_cast<const char*>(found.data) + i * found.stride * at_.element_bytes(),
                     found.values, found.stride, pixel.data());
      for (std::int64_t c = 0; c < found.channels; ++c) {
        const double wanted = expected.values[static_cast<size_t>(i * found.channels + c)];
        ASSERT_NEAR(pixel[static_cast<size_t>(c)], wanted, allowed(wanted, largest))
            << "pixel " << i << ", channel " << c;
      }
      if (set().precision == Precision::kInt8) continue;  // anything may lie beyond the channels
      for (std::int64_t c = found.channels; c < found.stride; ++c) {
        ASSERT_EQ(pixel[static_cast<size_t>(c)], 0) << "pixel " << i << ", beyond the channels";
      }
    }
  }

  void check(const Convolution& c, const Images& in, bool with_residual) {
    Images residual = with_residual
                          ? images(in.images, c.height_out(in.height), c.width_out(in.width), c.out)
                          : Images{};
    const Images expected =
        reference::convolve(c, in, with_residual ? &residual : nullptr, set().precision);
    Buffer in_memory, residual_memory, out_memory;
    const auto in_batch = batch_of(in, in_memory), out = empty(expected, out_memory);
    const auto residual_batch = batch_of(residual, residual_memory);
    run(pack(c, in_batch.stride, set(), in_batch.values), in_batch,
        with_residual ? &residual_batch : nullptr, out, at_);
    expect_equal(out, expected);
  }

  struct BlockCase {
    std::int64_t n, height, width, in, middle, out, kernel, stride;
    Padding padding;
    bool expand = true, project = true, residual = false;
    std::int64_t expand_kernel = 1;
  };

  void check(const BlockCase& c) {
    SCOPED_TRACE(std::to_string(c.n) + " of " + std::to_string(c.height) + " x " +
                 std::to_string(c.width) + ", " + std::to_string(c.in) + "-" +
                 std::to_string(c.middle) + "-" + std::to_string(c.out) + ", kernel " +
                 std::to_string(c.kernel) + ", stride " + std::to_string(c.stride));
    const Images in = images(c.n, c.height, c.width, c.in);
    Block block;
    Images map = in;
    Buffer in_memory, residual_memory, out_memory;
    const auto in_batch = batch_of(in, in_memory);
    if (c.expand) {
      const Padding around{c.expand_kernel / 2, c.expand_kernel / 2, c.expand_kernel / 2,
                           c.expand_kernel / 2};
      const auto expand =
          convolution(numbers_, c.in, c.middle, c.expand_kernel, 1, around, {Curve::kClamp, 0, 6});
      map = reference::convolve(expand, map, nullptr, Precision::kFp32);
      block.expand = pack(expand, in_batch.stride, set(), in_batch.values);
    }
    const auto dw = depthwise(numbers_, c.middle, c.kernel, c.stride, c.padding);
    map = reference::convolve(dw, map, nullptr, set().precision);
    block.depthwise = pack(dw, stride_of(set(), c.middle), set());
    Images residual;
    if (c.project) {
      const auto project = convolution(numbers_, c.middle, c.out, 1, 1, {});
      block.middle = values_of(map);
      if (c.residual) residual = images(c.n, map.height, map.width, c.out);
      map = reference::convolve(project, map, c.residual ? &residual : nullptr, set().precision);
      block.project = pack(project, stride_of(set(), c.middle), set(), block.middle);
    }
    const auto out = empty(map, out_memory);
    const auto residual_batch = batch_of(residual, residual_memory);
    run(block, in_batch, c.residual ? &residual_batch : nullptr, out, at_);
    expect_equal(out, map);
  }

  Numbers numbers_{11};
  std::deque<Scales> scales_;
  BufferPool pool_;
  Workplace at_{set(), pool_};
};

TEST_P(Steps, AConvolutionIsItsDefinition) {
  for (const std::int64_t kernel : {1, 3, 7}) {
    for (const std::int64_t stride : {1, 2}) {
      const auto in = images(2, 9, 13, 5);
      const Padding padding{kernel / 2, kernel / 2, kernel / 2, kernel / 2};
      check(convolution(numbers_, 5, 20, kernel, stride, padding), in, false);
      check(convolution(numbers_, 5, 20, kernel, stride, padding, {Curve::kClamp, 0, 6}), in, true);
    }
  }
}

TEST_P(Steps, AConvolutionPadsEachSideByItsOwn) {
  check(convolution(numbers_, 3, 8, 3, 2, {0, 0, 1, 1}), images(1, 10, 8, 3), false);
  check(convolution(numbers_, 3, 8, 3, 1, {2, 1, 0, 3}), images(1, 6, 7, 3), false);
}

TEST_P(Steps, APointwiseConvolutionOfManyPixelsGoesInChunks) {
  check(convolution(numbers_, 300, 33, 1, 1, {}), images(3, 20, 31, 300), true);
}

TEST_P(Steps, ABlockIsItsConvolutionsOneAfterTheOther) {
  for (const std::int64_t kernel : {3, 5}) {
    for (const std::int64_t stride : {1, 2}) {
      const std::int64_t p = kernel / 2;
      check(BlockCase{2, 12, 9, 16, 40, 24, kernel, stride, {p, p, p, p}});
      check(BlockCase{1, 7, 7, 24, 96, 24, kernel, stride, {p, p, p, p}, true, true, stride == 1});
    }
  }
}

TEST_P(Steps, ABlockOfALargeMapGoesThroughARingOfRows) {
  check(BlockCase{2, 40, 112, 8, 36, 16, 3, 1, {1, 1, 1, 1}, true, true, true});
  check(BlockCase{1, 41, 113, 8, 20, 16, 5, 2, {2, 2, 2, 2}});
  check(BlockCase{1, 36, 112, 8, 20, 16, 3, 2, {0, 0, 1, 1}});
}

TEST_P(Steps, ABlockOfSmallMapsTakesSeveralImagesAtATime) {
  check(BlockCase{11, 7, 7, 16, 72, 40, 5, 1, {2, 2, 2, 2}, true, true, true});
}

TEST_P(Steps, ABlockMayLackTheConvolutionsAround) {
  check(BlockCase{2, 12, 10, 40, 40, 24, 3, 1, {1, 1, 1, 1}, false, true});
  check(BlockCase{2, 12, 10, 16, 40, 40, 3, 2, {1, 1, 1, 1}, true, false});
  check(BlockCase{3, 33, 100, 20, 20, 20, 7, 1, {3, 3, 3, 3}, false, false});
}

TEST_P(Steps, AnyConvolutionMayFeedABlock) {
  check(BlockCase{2, 15, 14, 5, 24, 12, 3, 1, {1, 1, 1, 1}, true, true, false, 3});
  check(BlockCase{1, 50, 112, 5, 24, 12, 3, 1, {1, 1, 1, 1}, true, true, false, 3});
}

TEST_P(Steps, TheMeanIsOverHeightAndWidth) {
  const Images in = images(3, 4, 5, 7);
  Buffer memory;
  const auto batch = batch_of(in, memory);
  std::vector<float> means(21);
  mean_of(batch, means.data(), at_);
  for (std::int64_t n = 0; n < 3; ++n) {
    for (std::int64_t c = 0; c < 7; ++c) {
      double sum = 0;
      for (std::int64_t i = 0; i < 20; ++i) sum += in.at(n, i / 5, i % 5, c);
      const bool bytes = set().precision == Precision::kInt8;
      EXPECT_NEAR(means[static_cast<size_t>(n * 7 + c)], sum / 20, bytes ? 4e-3 : 1e-6);
    }
  }
}

TEST_P(Steps, PixelsAreScaledAndShiftedByColour) {
  const float scale[3] = {0.5f, 0.25f, 2}, offset[3] = {-1, 0, 1};
  std::vector<std::uint8_t> pixels;
  for (int i = 0; i < 2 * 5 * 7 * 3; ++i) pixels.push_back(static_cast<std::uint8_t>(i));
  Buffer memory(static_cast<size_t>((70 + kSlackRows) * 3 * 4));
  const Images reach{1, 1, 2, 3, {-1, 0, 1, 126.5f, 63.75f, 511}};
  const ImageBatch out{2, 5, 7, 3, 3, memory.data(), values_of(reach)};
  read_pixels(pixels_of(pixels, scale, offset), 0, 70, out.values, out.data, at_);
  std::vector<float> found(224);
  for (std::int64_t i = 0; i < 224; i += 16) {  // three channels: they come round each 48
    set().to_float(static_cast<char*>(out.data) + i * at_.element_bytes(), out.values.from(i % 48),
                   16, found.data() + i);
  }
  for (size_t i = 0; i < pixels.size(); ++i) {
    const float wanted = static_cast<float>(pixels[i]) * scale[i % 3] + offset[i % 3];
    if (out.values.scale) {
      EXPECT_NEAR(found[i], wanted, 1.01 * out.values.scale[i % 3]) << i;
    } else {
      EXPECT_EQ(found[i], reference::rounded(wanted, set().precision)) << i;
    }
  }
}

/// Of several bands of rows, the last one short.
TEST_P(Steps, PicturesThatAreBytesGiveTheBitsOfTheirElements) {
  constexpr std::int64_t kHeight = 75, kWidth = 131;
  const float scale[3] = {0.011f, 0.017f, 0.013f}, offset[3] = {-1.5f, -2, -1};
  std::vector<std::uint8_t> bytes;
  for (int i = 0; i < 2 * kHeight * kWidth * 3; ++i)
    bytes.push_back(static_cast<std::uint8_t>(i * 7 + i / 11));
  const Pixels pixels = pixels_of(bytes, scale, offset);
  const Images reach{1, 1, 2, 3, {-1.5f, -2, -1, 1.305f, 2.335f, 2.315f}};
  Buffer memory(static_cast<size_t>((2 * kHeight * kWidth + kSlackRows) * 3 * 4));
  const ImageBatch elements{2, kHeight, kWidth, 3, 3, memory.data(), values_of(reach)};
  read_pixels(pixels, 0, elements.pixels(), elements.values, elements.data, at_);
  ImageBatch unread = elements;
  unread.data = nullptr;
  unread.bytes = &pixels;
  for (const Padding padding : {Padding{}, Padding{0, 0, 1, 1}, Padding{1, 1, 1, 1}}) {
    for (const std::int64_t stride : {1, 2}) {
      const auto stem =
          pack(convolution(numbers_, 3, 64, 3, stride, padding), 3, set(), elements.values);
      const std::int64_t height = stem.shape.height_out(kHeight),
                         width = stem.shape.width_out(kWidth);
      const Images shape{2, height, width, 64,
                         std::vector<float>(static_cast<size_t>(2 * height * width * 64), 2.0f)};
      Buffer expected_memory, found_memory;
      const auto expected = empty(shape, expected_memory), found = empty(shape, found_memory);
      run(stem, elements, nullptr, expected, at_);
      run(stem, unread, nullptr, found, at_);
      EXPECT_EQ(
          std::memcmp(expected.data, found.data,
                      static_cast<size_t>(found.pixels() * found.stride * at_.element_bytes())),
          0);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sets, Steps, testing::ValuesIn(reference::all_sets()),
                         reference::set_name);

}  // namespace
}  // namespace preannotate::engine
