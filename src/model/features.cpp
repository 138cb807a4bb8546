#include "preannotate/model/features.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <sstream>
#include <utility>

#include "device_lane.h"
#include "ordered_stream.h"
#include "preannotate/core/error.h"
#include "preannotate/core/log.h"
#include "preannotate/image/spare_bytes.h"

namespace preannotate {

namespace {

// Raised whenever decoding, resizing or pooling changes what the numbers are.
constexpr int kFeatureVersion = 2;

}  // namespace

struct FeatureStream::State {
  State(const Backbone& network, std::vector<std::string> paths, FeatureOptions opts)
      : backbone(network),
        options(std::move(opts)),
        stream(std::move(paths), loader_options(), options.workers, options.batch, lanes()) {}

  LoaderOptions loader_options() const {
    LoaderOptions load;
    load.views = options.views;
    load.side = backbone.side();
    load.resize = options.resize;
    load.decode = options.decode;
    // A larger one would take more memory and time on its way than the view that it becomes.
    constexpr std::int64_t kMostPixels = 1 << 20;
    const bool device_views =
        backbone.on_device() && std::ranges::all_of(options.views, device_makes);
    load.keep_pixels = device_views ? kMostPixels : 0;
    if (options.cache) {
      load.skip_decode = [cache = options.cache, size = columns() * options.views.size()](
                             const std::string& hash) { return cache->has(hash, size); };
    }
    return load;
  }

  size_t columns() const { return static_cast<size_t>(backbone.layout().total()); }

  /// True when the features came from the cache, as skip_decode promised the loader.
  bool from_cache(ImageFeatures& item) const {
    if (!options.cache || !item.image.views.empty() || !item.image.picture.rgb.empty())
      return false;
    item.features = options.cache->read(item.image.sha256, columns() * options.views.size());
    if (item.features.empty()) {
      throw UserError(kBadInput, "the feature cache changed while it was read; run again");
    }
    return true;
  }

  /// Features that were computed, to the cache too; none where they were not.
  void keep(ImageFeatures& item, std::vector<float> features) const {
    if (features.empty()) return;
    item.features = std::move(features);
    if (options.cache) options.cache->write(item.image.sha256, item.features);
  }

  class OnDevice;
  OrderedStream<ImageFeatures>::MakeLane lanes() const;
  std::vector<ImageFeatures> compute(std::vector<LoadedImage> group) const;
  void run_network(std::vector<ImageFeatures>& items) const;

  const Backbone& backbone;
  const FeatureOptions options;
  OrderedStream<ImageFeatures> stream;  // last: its threads use the rest
};

std::vector<ImageFeatures> FeatureStream::State::compute(std::vector<LoadedImage> group) const {
  std::vector<ImageFeatures> items(group.size());
  bool any = false;
  for (size_t i = 0; i < group.size(); ++i) {
    items[i].image = std::move(group[i]);
    if (items[i].image.reason.empty() && !from_cache(items[i])) any = true;
  }
  if (any) run_network(items);
  for (auto& item : items) keep_spare(std::exchange(item.image.views, {}));
  return items;
}

/// One forward pass a view. Where a row's arithmetic depends on their number, every image keeps the
/// row of its list position and rows without pixels are blank, so that nothing depends on an
/// image's neighbours.
void FeatureStream::State::run_network(std::vector<ImageFeatures>& items) const {
  const auto side = static_cast<std::int64_t>(backbone.side());
  const auto view_bytes = static_cast<size_t>(side * side * 3);
  std::vector<size_t> rows;  // items by row of the batch
  for (size_t i = 0; i < items.size(); ++i) {
    const bool wanted = items[i].features.empty() && !items[i].image.views.empty();
    if (wanted || !backbone.rows_are_independent()) rows.push_back(i);
  }
  const auto batch = backbone.rows_are_independent() ? static_cast<std::int64_t>(rows.size())
                                                     : std::int64_t{options.batch};
  std::vector<std::vector<float>> found(items.size());
  for (size_t view = 0; view < options.views.size(); ++view) {
    auto pixels = torch::empty({batch, side, side, 3}, torch::kUInt8);
    std::uint8_t* const first = pixels.mutable_data_ptr<std::uint8_t>();
    for (size_t row = 0; row < rows.size(); ++row) {
      const auto& views = items[rows[row]].image.views;
      if (views.empty()) {
        std::memset(first + row * view_bytes, 0, view_bytes);
      } else {
        std::memcpy(first + row * view_bytes, views.data() + view * view_bytes, view_bytes);
      }
    }
    const auto filled = static_cast<std::ptrdiff_t>(rows.size() * view_bytes);
    std::memset(first + filled, 0, static_cast<size_t>(pixels.numel() - filled));
    const auto features = backbone.features(pixels).cpu().contiguous();
    const float* values = features.const_data_ptr<float>();
    for (size_t row = 0; row < rows.size(); ++row) {
      if (items[rows[row]].image.views.empty()) continue;
      auto& into = found[rows[row]];
      into.insert(into.end(), values + row * columns(), values + (row + 1) * columns());
    }
  }
  for (size_t i = 0; i < items.size(); ++i) keep(items[i], std::move(found[i]));
}

/// One worker's share of a CUDA device.
class FeatureStream::State::OnDevice : public Lane<ImageFeatures> {
 public:
  OnDevice(const State& state, int worker)
      : state_(state),
        network_(replica(worker).on_device()),
        lane_(*network_, {state.options.views, state.options.resize, replica(worker).side(),
                          state.options.batch, [device = network_->device()](std::int64_t views) {
                            log_warning(device.str() + " is short of memory: passes of " +
                                        std::to_string(views) + " views from here on");
                          }}) {}

  size_t depth() const override { return DeviceLane::kDepth; }

  void begin(std::vector<LoadedImage> group) override {
    lane_.begin(group);
    auto& items = begun_.emplace_back(group.size());
    for (size_t i = 0; i < group.size(); ++i) {
      items[i].image = std::move(group[i]);
      if (items[i].image.reason.empty()) state_.from_cache(items[i]);
      items[i].image.views = {};
      items[i].image.picture = {};
    }
  }

  std::vector<ImageFeatures> finish() override {
    auto features = lane_.finish();
    auto items = std::move(begun_.front());
    begun_.pop_front();
    for (size_t i = 0; i < items.size(); ++i) state_.keep(items[i], std::move(features[i]));
    return items;
  }

 private:
  const Backbone& replica(int worker) const {
    const auto& others = state_.options.replicas;
    const size_t turn = static_cast<size_t>(worker) % (others.size() + 1);
    return turn == 0 ? state_.backbone : *others[turn - 1];
  }

  const State& state_;
  const std::shared_ptr<const DeviceNetwork> network_;
  DeviceLane lane_;
  std::deque<std::vector<ImageFeatures>> begun_;
};

OrderedStream<ImageFeatures>::MakeLane FeatureStream::State::lanes() const {
  if (backbone.on_device()) {
    return [this](int worker) { return std::make_unique<OnDevice>(*this, worker); };
  }
  return calling_lanes<ImageFeatures>(
      [this](std::vector<LoadedImage> group) { return compute(std::move(group)); });
}

FeatureStream::FeatureStream(const Backbone& backbone, std::vector<std::string> paths,
                             FeatureOptions options)
    : state_(std::make_unique<State>(backbone, std::move(paths), std::move(options))) {}

FeatureStream::~FeatureStream() = default;

std::optional<ImageFeatures> FeatureStream::next() {
  return state_->stream.next();
}

std::string cache_setting(const Backbone& backbone, const FeatureOptions& options) {
  std::ostringstream text;
  text << kFeatureVersion << ' ' << precision_name(backbone.precision()) << ' '
       << backbone.info().sha256 << ' ' << backbone.side() << ' ' << resize_name(options.resize);
  for (const float value : backbone.info().mean) text << ' ' << value;
  for (const float value : backbone.info().std) text << ' ' << value;
  for (const auto& v : options.views) {
    text << ' ' << v.name << ' ' << v.x << ' ' << v.y << ' ' << v.w << ' ' << v.h << ' ' << v.flip
         << ' ' << v.brightness << ' ' << v.contrast << ' ' << v.saturation;
  }
  return text.str();
}

}  // namespace preannotate
