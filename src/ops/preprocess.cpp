#include "preannotate/ops/preprocess.h"

#include <c10/core/DeviceGuard.h>

#include <cmath>
#include <limits>
#include <type_traits>

#include "kernels.h"

namespace preannotate {
namespace ops {

// One thread, as in normalize.cpp.
void run_cpu(const FindTaps& body) {
  for (std::int64_t i = 0; i < body.size(); ++i) body(i);
}

void run_cpu(const PreprocessPixel& body) {
  for (std::int64_t i = 0; i < body.size(); ++i) body(i);
}

}  // namespace ops

namespace {

void check(const torch::Tensor& bytes, std::int64_t pictures, const PreprocessOptions& options) {
  TORCH_CHECK_VALUE(bytes.dim() == 1 && bytes.scalar_type() == torch::kUInt8,
                    "preprocess: bytes must be [B] uint8, got ", bytes.sizes(), " ",
                    bytes.scalar_type());
  TORCH_CHECK_VALUE(bytes.is_contiguous(), "preprocess: bytes must be contiguous");
  TORCH_CHECK_VALUE(options.height >= 1 && options.width >= 1,
                    "preprocess: height and width must be 1 or more, got ", options.height, " and ",
                    options.width);
  TORCH_CHECK_VALUE(
      pictures <= std::numeric_limits<std::int32_t>::max() / options.width / options.height,
      "preprocess: at most 2^31 pixels a batch, got ", pictures, " canvases of ", options.width,
      " x ", options.height);
  const auto& std = options.std;
  TORCH_CHECK_VALUE(std[0] > 0 && std[1] > 0 && std[2] > 0, "preprocess: std must be above 0, got ",
                    std[0], ", ", std[1], ", ", std[2]);
  TORCH_CHECK_VALUE(options.dtype == torch::kFloat32 || options.dtype == torch::kFloat16 ||
                        options.dtype == torch::kBFloat16,
                    "preprocess: dtype must be float32, float16 or bfloat16, got ", options.dtype);
}

/// The kernels trust what this has seen.
void check(const PicturePlace& place, std::size_t picture, std::int64_t bytes,
           const PreprocessOptions& options) {
  TORCH_CHECK_VALUE(place.width >= 1 && place.height >= 1, "preprocess: picture ", picture,
                    " must have pixels, got ", place.width, " x ", place.height);
  const std::int64_t row = std::int64_t{3} * place.width;
  TORCH_CHECK_VALUE(place.stride >= row, "preprocess: picture ", picture, " needs a stride of ",
                    row, ", got ", place.stride);
  TORCH_CHECK_VALUE(place.offset >= 0 && row <= bytes && place.offset <= bytes - row &&
                        place.height - 1 <= (bytes - row - place.offset) / place.stride,
                    "preprocess: picture ", picture, " must lie within the ", bytes,
                    " bytes, got offset ", place.offset, ", ", place.height, " rows of stride ",
                    place.stride);
  TORCH_CHECK_VALUE(std::isfinite(place.x) && std::isfinite(place.y) && std::isfinite(place.w) &&
                        std::isfinite(place.h) && place.w > 0 && place.h > 0,
                    "preprocess: picture ", picture, " must show a part of it, got ", place.w,
                    " x ", place.h, " at ", place.x, ", ", place.y);
  const auto fits = [](int begin, int length, int canvas) {
    return begin >= 0 && length >= 0 && begin <= canvas && length <= canvas - begin;
  };
  TORCH_CHECK_VALUE(fits(place.left, place.target_width, options.width) &&
                        fits(place.top, place.target_height, options.height),
                    "preprocess: picture ", picture, " must lie within the canvas of ",
                    options.width, " x ", options.height, ", got ", place.target_width, " x ",
                    place.target_height, " at ", place.left, ", ", place.top);
}

/// The table where the kernels can read it, as bytes.
torch::Tensor table_on(const torch::Device& device, std::span<const PicturePlace> places) {
  static_assert(std::is_trivially_copyable_v<PicturePlace>);
  return torch::from_blob(const_cast<PicturePlace*>(places.data()),
                          static_cast<std::int64_t>(places.size_bytes()), torch::kUInt8)
      .to(device);
}

}  // namespace

torch::Tensor preprocess(const torch::Tensor& bytes, std::span<const PicturePlace> places,
                         const PreprocessOptions& options) {
  const auto pictures = static_cast<std::int64_t>(places.size());
  check(bytes, pictures, options);
  for (std::size_t i = 0; i < places.size(); ++i) check(places[i], i, bytes.numel(), options);

  const c10::DeviceGuard on_device(bytes.device());
  const auto values = torch::empty({pictures, options.height, options.width, 3},
                                   bytes.options().dtype(options.dtype));
  const auto table = table_on(bytes.device(), places);
  const auto* place = reinterpret_cast<const PicturePlace*>(table.const_data_ptr<std::uint8_t>());
  const auto taps_bytes =
      torch::empty({pictures * (options.width + options.height) * std::int64_t{sizeof(ops::Taps)}},
                   bytes.options());
  auto* taps = reinterpret_cast<ops::Taps*>(taps_bytes.mutable_data_ptr<std::uint8_t>());

  const ops::FindTaps find{place, pictures, options.height, options.width, taps};
  const auto &mean = options.mean, &std = options.std;
  const ops::PreprocessPixel pixel{bytes.const_data_ptr<std::uint8_t>(),
                                   place,
                                   taps,
                                   pictures,
                                   options.height,
                                   options.width,
                                   {mean[0], mean[1], mean[2]},
                                   {std[0], std[1], std[2]},
                                   options.dtype,
                                   values.mutable_data_ptr()};
  bytes.is_cuda() ? ops::run_cuda(find) : ops::run_cpu(find);
  bytes.is_cuda() ? ops::run_cuda(pixel) : ops::run_cpu(pixel);
  return values;
}

}  // namespace preannotate
