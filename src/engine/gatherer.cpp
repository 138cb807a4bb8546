#include <algorithm>

#include "steps.h"

namespace preannotate::engine {

bool gathers(const PackedConvolution& convolution) {
  return !convolution.direct();
}

bool gathers(const Block& block) {
  return block.expand && gathers(*block.expand);
}

void read_pixels(const Pixels& pixels, std::int64_t first, std::int64_t last, Quantization values,
                 void* to, const Workplace& at) {
  const std::uint8_t* from = pixels.bytes + 3 * first;
  const std::int64_t count = 3 * (last - first), whole = count - count % kPixelPattern;
  const float *scale = pixels.scale.data(), *offset = pixels.offset.data();
  at.kernels.from_pixels(from, whole, scale, offset, values, to);
  if (whole == count) return;
  std::array<std::uint8_t, kPixelPattern> rest{};  // no byte behind the last one is read
  std::copy(from + whole, from + count, rest.begin());
  at.kernels.from_pixels(rest.data(), kPixelPattern, scale, offset, values,
                         static_cast<char*>(to) + whole * at.element_bytes());
}

Gatherer::Gatherer(const PackedConvolution& convolution, const ImageBatch& in, const Workplace& at)
    : convolution_(convolution), in_(in), at_(at) {}

Gatherer::~Gatherer() {
  at_.pool.give_back(std::move(band_));
}

void Gatherer::rows(std::int64_t image, std::int64_t first, std::int64_t last, void* to) {
  const std::int64_t line = in_.width * in_.stride;
  Gather from{&convolution_, nullptr, in_.height, in_.width, at_.element_bytes()};
  if (!in_.bytes) {
    from.rows = static_cast<const char*>(in_.data) + image * in_.height * line * from.element_bytes;
    gather_rows(from, first, last, to);
    return;
  }
  const Convolution& c = convolution_.shape;
  const std::int64_t top = first * c.stride - c.padding.top;
  const std::int64_t bottom = (last - 1) * c.stride - c.padding.top + c.kernel_height;
  from.first_row = std::clamp<std::int64_t>(top, 0, in_.height);
  const std::int64_t rows =
      std::clamp<std::int64_t>(bottom, from.first_row, in_.height) - from.first_row;
  const std::int64_t elements = (rows * in_.width + kSlackRows) * in_.stride;
  if (band_.bytes() < static_cast<std::size_t>(elements * from.element_bytes)) {
    at_.pool.give_back(std::move(band_));
    band_ = at_.take(elements);
  }
  const std::int64_t begin = (image * in_.height + from.first_row) * in_.width;
  read_pixels(*in_.bytes, begin, begin + rows * in_.width, in_.values, band_.data(), at_);
  from.rows = band_.data();
  gather_rows(from, first, last, to);
}

}  // namespace preannotate::engine
