#include "preannotate/model/frame_stream.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "device_stream.h"
#include "ordered_stream.h"
#include "preannotate/image/spare_bytes.h"

namespace preannotate {

namespace {

constexpr std::int64_t kSmallFrame = 224 * 224;

}  // namespace

struct FrameStream::State {
  State(const Backbone& network, std::vector<std::string> paths, FrameOptions opts)
      : backbone(network),
        options(std::move(opts)),
        stream(std::move(paths), loader_options(), options.workers, 1,
               [this](int) { return lane(); }) {}

  /// On CUDA each worker has a stream of its own: while one decodes, the device works for others.
  std::unique_ptr<Lane<PlacedImage>> lane() const {
    const auto own = std::make_shared<DeviceStream>(backbone.device());
    return std::make_unique<CallingLane<PlacedImage>>([this, own](std::vector<LoadedImage> group) {
      std::vector<PlacedImage> items;
      own->run([&] { items = compute(std::move(group)); });
      return items;
    });
  }

  size_t frame_bytes() const { return size_t{3} * options.frame.width * options.frame.height; }

  LoaderOptions loader_options() const {
    LoaderOptions load;
    load.decode = options.decode;
    const int short_side = std::min(options.frame.width, options.frame.height);
    load.decode.min_side = static_cast<int>(std::ceil(short_side * options.largest_zoom));
    load.render = [this](const DecodedImage& image, size_t index) {
      const auto placements = options.placements(image.width, image.height, index);
      auto views = spare_bytes(frame_bytes() * placements.size());
      for (size_t v = 0; v < placements.size(); ++v) {
        render_placement(image, placements[v], options.frame, views.data() + v * frame_bytes());
      }
      return views;
    };
    return load;
  }

  std::vector<PlacedImage> compute(std::vector<LoadedImage> group) const {
    std::vector<PlacedImage> items(group.size());
    for (size_t i = 0; i < group.size(); ++i) {
      PlacedImage& item = items[i];
      item.image = std::move(group[i]);
      if (!item.image.reason.empty()) continue;
      item.placements = options.placements(item.image.width, item.image.height, item.image.index);
      item.boxes = options.work(item, maps_of(item));
      keep_spare(std::exchange(item.image.views, {}));
    }
    return items;
  }

  /// Large frames one by one: layers then pass through the processor's cache, and their memory is
  /// small enough for malloc to keep (180 views of 512 x 384: 8.6 s, four at a time 15 s).
  std::int64_t views_a_pass() const {
    const std::int64_t pixels = std::int64_t{options.frame.width} * options.frame.height;
    return std::clamp<std::int64_t>(options.batch * kSmallFrame / pixels, 1, options.batch);
  }

  std::vector<torch::Tensor> maps_of(PlacedImage& item) const {
    const auto views = static_cast<std::int64_t>(item.placements.size());
    const auto pixels =
        torch::from_blob(item.image.views.data(),
                         {views, options.frame.height, options.frame.width, 3}, torch::kUInt8);
    std::vector<std::vector<torch::Tensor>> parts(backbone.map_levels().size());
    for (std::int64_t first = 0; first < views; first += views_a_pass()) {
      const auto chunk =
          pixels.slice(0, first, std::min<std::int64_t>(first + views_a_pass(), views));
      const auto maps = backbone.maps(chunk);
      for (size_t i = 0; i < maps.size(); ++i) parts[i].push_back(maps[i]);
    }
    std::vector<torch::Tensor> whole;
    for (const auto& part : parts) {
      whole.push_back(part.size() == 1 ? part.front() : torch::cat(part, 0));
    }
    return whole;
  }

  const Backbone& backbone;
  const FrameOptions options;
  OrderedStream<PlacedImage> stream;  // last: its threads use the rest
};

FrameStream::FrameStream(const Backbone& backbone, std::vector<std::string> paths,
                         FrameOptions options)
    : state_(std::make_unique<State>(backbone, std::move(paths), std::move(options))) {}

FrameStream::~FrameStream() = default;

std::optional<PlacedImage> FrameStream::next() {
  return state_->stream.next();
}

}  // namespace preannotate
