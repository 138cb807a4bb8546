#include "preannotate/model/features.h"

#include <cstring>
#include <sstream>

#include "ordered_stream.h"
#include "preannotate/core/error.h"
#include "preannotate/ops/normalize.h"

namespace preannotate {

namespace {

// Raised whenever decoding, resizing or pooling changes what the numbers are.
constexpr int kFeatureVersion = 1;

}  // namespace

struct FeatureStream::State {
  State(const Backbone& network, std::vector<std::string> paths, FeatureOptions opts)
      : backbone(network),
        options(std::move(opts)),
        stream(std::move(paths), loader_options(), options.workers, options.batch,
               [this](std::vector<LoadedImage> group) { return compute(std::move(group)); }) {}

  LoaderOptions loader_options() const {
    LoaderOptions load;
    load.views = options.views;
    load.side = backbone.side();
    load.resize = options.resize;
    load.decode = options.decode;
    load.threads = options.workers;
    load.ahead = options.batch * (options.workers + 2);
    if (options.cache) {
      load.skip_decode = [cache = options.cache, size = columns() * options.views.size()](
                             const std::string& hash) { return cache->has(hash, size); };
    }
    return load;
  }

  size_t columns() const { return static_cast<size_t>(backbone.layout().total()); }

  /// True when the features came from the cache, as skip_decode promised the loader.
  bool from_cache(ImageFeatures& item) const {
    if (!options.cache || !item.image.views.empty()) return false;
    item.features = options.cache->read(item.image.sha256, columns() * options.views.size());
    if (item.features.empty()) {
      throw UserError(kBadInput, "the feature cache changed while it was read; run again");
    }
    return true;
  }

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
  for (auto& item : items) {
    item.image.views.clear();
    item.image.views.shrink_to_fit();
  }
  return items;
}

/// One forward pass a view. Every image keeps the row of its list position and rows without pixels
/// are blank, so that the shape, and with it each row's arithmetic, never depends on its
/// neighbours.
void FeatureStream::State::run_network(std::vector<ImageFeatures>& items) const {
  const size_t views = options.views.size(), side = static_cast<size_t>(backbone.side());
  const size_t view_bytes = side * side * 3;
  const auto wants = [](const ImageFeatures& item) {
    return item.features.empty() && !item.image.views.empty();
  };
  std::vector<std::vector<float>> found(items.size());
  for (size_t view = 0; view < views; ++view) {
    auto pixels = torch::zeros(
        {options.batch, static_cast<int64_t>(side), static_cast<int64_t>(side), 3}, torch::kUInt8);
    for (size_t i = 0; i < items.size(); ++i) {
      if (!wants(items[i])) continue;
      std::memcpy(pixels.data_ptr<uint8_t>() + i * view_bytes,
                  items[i].image.views.data() + view * view_bytes, view_bytes);
    }
    const auto rows = backbone
                          .features(normalize(pixels.to(backbone.device()), backbone.info().mean,
                                              backbone.info().std))
                          .cpu()
                          .contiguous();
    const float* values = rows.const_data_ptr<float>();
    for (size_t i = 0; i < items.size(); ++i) {
      if (!wants(items[i])) continue;
      found[i].insert(found[i].end(), values + i * columns(), values + (i + 1) * columns());
    }
  }
  for (size_t i = 0; i < items.size(); ++i) {
    if (found[i].empty()) continue;
    items[i].features = std::move(found[i]);
    if (options.cache) options.cache->write(items[i].image.sha256, items[i].features);
  }
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
  text << kFeatureVersion << ' ' << backbone.info().sha256 << ' ' << backbone.side() << ' '
       << resize_name(options.resize);
  for (const float value : backbone.info().mean) text << ' ' << value;
  for (const float value : backbone.info().std) text << ' ' << value;
  for (const auto& v : options.views) {
    text << ' ' << v.name << ' ' << v.x << ' ' << v.y << ' ' << v.w << ' ' << v.h << ' ' << v.flip
         << ' ' << v.brightness << ' ' << v.contrast << ' ' << v.saturation;
  }
  return text.str();
}

}  // namespace preannotate
