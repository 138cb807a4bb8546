#pragma once

#include <optional>

#include "labelled_features.h"

namespace preannotate {

/// How images are looked at once, as they are, in as many threads as stream_size() says.
FeatureOptions plain_view(const Backbone& backbone, Resize resize, int workers,
                          std::optional<int> batch, const DecodeOptions& decode);

/// extract_features(), where `cached` through the cache on disk.
LabelledFeatures extract_cached(const Backbone& backbone, const Dataset& dataset,
                                FeatureOptions options, bool cached, Problems& problems);

}  // namespace preannotate
