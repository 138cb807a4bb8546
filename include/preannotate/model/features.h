#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "preannotate/image/loader.h"
#include "preannotate/model/backbone.h"
#include "preannotate/model/feature_cache.h"

namespace preannotate {

struct FeatureOptions {
  std::vector<View> views;
  Resize resize = Resize::kSquash;
  DecodeOptions decode;
  int workers = 2;  // threads that run the network, one replica each
  int batch = 4;    // images a forward pass; the last one is padded
  const FeatureCache* cache = nullptr;
  /// The same backbone on further CUDA devices: the workers share the list among all.
  std::vector<const Backbone*> replicas;
};

/// One image of the stream: what the loader found, and its features unless that failed.
struct ImageFeatures {
  LoadedImage image;            // without pixels
  std::vector<float> features;  // [V, D], D = backbone.layout().total(); empty on failure
};

/// The one path from files to features, used by train, predict and evaluate alike: decode ahead on
/// threads, batches of fixed composition by list position (so that a bad file or another number of
/// workers changes nobody else's numbers), features in list order. Memory is bounded whatever the
/// length of the list.
class FeatureStream {
 public:
  FeatureStream(const Backbone& backbone, std::vector<std::string> paths, FeatureOptions options);
  ~FeatureStream();
  std::optional<ImageFeatures> next();  // nullopt after the last; throws what a worker threw

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The cache key's setting for this backbone and these options.
std::string cache_setting(const Backbone& backbone, const FeatureOptions& options);

}  // namespace preannotate
