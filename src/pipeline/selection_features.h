#pragma once

#include <optional>
#include <string>
#include <vector>

#include "preannotate/core/problems.h"
#include "preannotate/image/decode.h"
#include "preannotate/model/backbone.h"
#include "preannotate/model/run_folder.h"
#include "preannotate/pipeline/batch_choice.h"

namespace preannotate {

/// An image to look at.
struct SelectionImage {
  std::string image;  // its key, for people
  std::string path;
};

/// Features of the images that could be read.
struct SelectionFeatures {
  std::vector<float> values;  // [R, columns], row-major
  std::size_t columns = 0;
  std::vector<std::size_t> images;  // [R] position in the list, ascending
  FeatureRows rows() const { return {values, columns}; }
  /// Of images [begin, end) of the list.
  FeatureRows rows_of(std::size_t begin, std::size_t end) const;
};

struct LookOptions {
  int workers = 0;
  std::optional<int> batch;
  DecodeOptions decode;
};

/// What images are told apart by when a batch is chosen: of a classifier the embedding, of a
/// detector the means of its maps, in the units of the run's reference where it has one, so that
/// reference_features() are comparable. Images that cannot be read go to `problems`.
SelectionFeatures look_at(const Backbone& backbone, const Run& run,
                          const std::vector<SelectionImage>& images, const LookOptions& options,
                          Problems& problems);

/// Without a run: the embedding.
SelectionFeatures look_at(const Backbone& backbone, const std::vector<SelectionImage>& images,
                          const LookOptions& options, Problems& problems);

/// Those of the run's own seed, as far as it keeps them; no rows where it does not.
SelectionFeatures reference_features(const Run& run, std::size_t columns);

}  // namespace preannotate
