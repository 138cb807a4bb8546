#include "plain_view.h"

#include "preannotate/core/files.h"
#include "stream_size.h"

namespace preannotate {

FeatureOptions plain_view(const Backbone& backbone, Resize resize, int workers,
                          std::optional<int> batch, const DecodeOptions& decode) {
  FeatureOptions options;
  options.views = views_named("none");
  options.resize = resize;
  const auto size = stream_size(workers, batch, backbone.device());
  options.workers = size.workers;
  options.batch = size.batch;
  options.decode = decode;
  return options;
}

LabelledFeatures extract_cached(const Backbone& backbone, const Dataset& dataset,
                                FeatureOptions options, bool cached, Problems& problems) {
  if (!cached) return extract_features(backbone, dataset, options, problems);
  const FeatureCache cache(cache_folder() / "features", cache_setting(backbone, options));
  options.cache = &cache;
  return extract_features(backbone, dataset, options, problems);
}

}  // namespace preannotate
