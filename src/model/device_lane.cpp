#include "device_lane.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "preannotate/core/error.h"
#include "preannotate/ops/preprocess.h"

namespace preannotate {

namespace {

/// The pixels that a device makes the views of: a picture, or views one below the other.
std::span<const std::uint8_t> pixels_of(const LoadedImage& image) {
  return image.picture.rgb.empty() ? std::span(image.views) : std::span(image.picture.rgb);
}

}  // namespace

bool device_makes(const View& view) {
  return view.brightness == 1 && view.contrast == 1 && view.saturation == 1;
}

DeviceLane::DeviceLane(const DeviceNetwork& network, LaneOptions options)
    : network_(network), options_(std::move(options)), stream_(network.device()) {
  rows_ = options_.batch * static_cast<std::int64_t>(options_.views.size());
  while (!output_.defined()) {
    try {
      prepare(rows_);
    } catch (const c10::OutOfMemoryError&) {
      halve();
    }
  }
}

void DeviceLane::prepare(std::int64_t rows) {
  torch::InferenceMode no_gradients;
  if (rows > refused_above_) throw c10::OutOfMemoryError({__func__, __FILE__, 0}, "refused");
  const auto options = torch::TensorOptions().device(network_.device()).dtype(network_.dtype());
  input_ = torch::zeros({rows, options_.side, options_.side, 3}, options);
  stream_.record([this] { output_ = network_.features(input_); });
  stream_.replay();
  rows_ = rows;
}

void DeviceLane::halve() {
  if (rows_ == 1) {
    throw UserError(kNoDevice, network_.device().str(),
                    " has no memory for one image; use --device cpu");
  }
  rows_ = (rows_ + 1) / 2;
  input_ = torch::Tensor();
  output_ = torch::Tensor();
  stream_.release();
  options_.short_of_memory(rows_);
}

std::vector<PicturePlace> DeviceLane::places_of(const LoadedImage& image,
                                                std::int64_t offset) const {
  std::vector<PicturePlace> places;
  const int side = options_.side;
  for (const View& view : options_.views) {
    PicturePlace place;
    if (image.picture.rgb.empty()) {  // rendered: as it is
      place = {offset, std::int64_t{3} * side, side, side, 0, 0, 0, 0, 0, 0, side, side, false};
      place.w = place.h = side;
      offset += place.stride * side;
    } else {
      const int width = image.picture.width, height = image.picture.height;
      const auto on = place_view(width, height, view, side, options_.resize);
      place = {offset,   std::int64_t{3} * width,
               width,    height,
               on.x,     on.y,
               on.w,     on.h,
               on.left,  on.top,
               on.width, on.height,
               view.flip};
    }
    places.push_back(place);
  }
  return places;
}

/// The group's pixels into pinned memory, and where its rows find them. Rows without pixels are
/// blank, so that every image has the row of its position.
void DeviceLane::gather(const std::vector<LoadedImage>& group, Slot& slot) const {
  std::int64_t total = 3;  // a picture has a pixel at least, that of blank rows too
  for (const auto& image : group) total += static_cast<std::int64_t>(pixels_of(image).size());
  if (!slot.bytes.defined() || slot.bytes.numel() < total) {
    slot.bytes = stream_.host_memory({total + total / 4}, torch::kUInt8);
  }
  PicturePlace blank;
  blank.stride = 3;
  blank.width = blank.height = 1;
  blank.w = blank.h = 1;
  slot.places.assign(static_cast<size_t>(options_.batch) * options_.views.size(), blank);
  slot.present.assign(group.size(), false);
  slot.used = total;
  auto* bytes = slot.bytes.mutable_data_ptr<std::uint8_t>();
  std::memset(bytes, 0, 3);
  std::int64_t offset = 3;
  for (size_t i = 0; i < group.size(); ++i) {
    const auto pixels = pixels_of(group[i]);
    if (pixels.empty()) continue;
    slot.present[i] = true;
    std::ranges::copy(places_of(group[i], offset),
                      slot.places.begin() + static_cast<std::ptrdiff_t>(i * options_.views.size()));
    std::memcpy(bytes + offset, pixels.data(), pixels.size());
    offset += static_cast<std::int64_t>(pixels.size());
  }
}

/// Starts everything on the stream; nothing waits.
void DeviceLane::compute(Slot& slot) {
  torch::InferenceMode no_gradients;
  PreprocessOptions preprocessing{options_.side, options_.side, network_.info().mean,
                                  network_.info().std, network_.dtype()};
  const auto all = static_cast<std::int64_t>(slot.places.size());
  if (!slot.features.defined()) {
    slot.features = stream_.host_memory({all, output_.size(1)}, torch::kFloat32);
  }
  stream_.run([&] {
    const auto bytes =
        slot.bytes.slice(0, 0, slot.used).to(network_.device(), /*non_blocking=*/true);
    for (std::int64_t first = 0; first < all; first += rows_) {
      const std::int64_t rows = std::min(rows_, all - first);
      const std::span places(slot.places.data() + first, static_cast<size_t>(rows));
      input_.slice(0, 0, rows).copy_(preprocess(bytes, places, preprocessing));
      stream_.replay();
      slot.features.slice(0, first, first + rows)
          .copy_(output_.slice(0, 0, rows), /*non_blocking=*/true);
    }
  });
  slot.done = stream_.mark();
}

void DeviceLane::begin(const std::vector<LoadedImage>& group) {
  TORCH_CHECK(begun_ - finished_ < kDepth, "a lane has ", kDepth, " groups in flight at most");
  Slot& slot = slots_[begun_ % kDepth];
  gather(group, slot);
  ++begun_;
  while (std::ranges::find(slot.present, true) != slot.present.end()) {
    try {
      if (!output_.defined() || rows_ > refused_above_) prepare(rows_);
      return compute(slot);
    } catch (const c10::OutOfMemoryError&) {
      halve();
    }
  }
}

std::vector<std::vector<float>> DeviceLane::finish() {
  Slot& slot = slots_[finished_++ % kDepth];
  slot.done.wait();
  const size_t views = options_.views.size();
  std::vector<std::vector<float>> features(slot.present.size());
  for (size_t i = 0; i < features.size(); ++i) {
    if (!slot.present[i]) continue;
    const auto columns = static_cast<size_t>(slot.features.size(1));
    const float* values = slot.features.const_data_ptr<float>() + i * views * columns;
    features[i].assign(values, values + views * columns);
  }
  return features;
}

}  // namespace preannotate
