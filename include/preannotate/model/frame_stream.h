#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "preannotate/image/loader.h"
#include "preannotate/image/placement.h"
#include "preannotate/metrics/detection.h"
#include "preannotate/model/backbone.h"

namespace preannotate {

/// One image of the stream and how its views lie on the frame.
struct PlacedImage {
  LoadedImage image;  // without pixels
  std::vector<Placement> placements;
  std::vector<DraftBox> boxes;  // what `work` returned
  std::vector<float> summary;   // what `work` wrote here: numbers that describe the image
};

struct FrameOptions {
  FrameSize frame;  // sides are multiples of the backbone's strides
  /// The views of an image from its upright size and its position in the list; the same for the
  /// same arguments. Called from several threads.
  std::function<std::vector<Placement>(int width, int height, size_t index)> placements;
  double largest_zoom = 1;  // of any view against the letterbox; decides scaled decoding
  DecodeOptions decode;
  int workers = 2;
  int batch = 4;  // views a forward pass at most; of large frames fewer
  /// What to do with an image's maps: one [V, h, w, C] float32 a level of backbone.map_levels(),
  /// on backbone.device(). Called from the worker threads, once for each image that could be read.
  std::function<std::vector<DraftBox>(PlacedImage&, const std::vector<torch::Tensor>& maps)> work;
};

/// The one path from files to feature maps for detectors, used by train, predict and evaluate
/// alike: images in list order, each through passes of its own, so that no image changes another's
/// numbers.
class FrameStream {
 public:
  FrameStream(const Backbone& backbone, std::vector<std::string> paths, FrameOptions options);
  ~FrameStream();
  std::optional<PlacedImage> next();  // nullopt after the last; throws what a worker threw

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace preannotate
