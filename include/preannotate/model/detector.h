#pragma once

#include <torch/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "preannotate/engine/layer.h"

namespace preannotate {

/// What a detection head is made for; written into run.json beside its weights.
struct DetectorShape {
  /// Strides of the grids on which boxes are predicted, finest first, each twice the one before.
  std::vector<int> strides;
  /// Channels of the backbone's map of each stride; 0: there is none, the level is made by
  /// doubling the next coarser one.
  std::vector<std::int64_t> map_channels;
  std::int64_t channels = 64;  // of the head, a multiple of 16
  std::int64_t classes = 1;
  friend bool operator==(const DetectorShape&, const DetectorShape&) = default;
};

/// What the head says of every cell of every level, A cells in all, finest level first, row by row.
struct CellPredictions {
  torch::Tensor logits;     // [N, A, classes] float32; sigmoid() is the score
  torch::Tensor distances;  // [N, A, 4] float32 > 0: from the cell's centre to the left, top, right
                            // and bottom edge, in strides
};

/// Anchor-free detection head on the maps of a frozen backbone: lateral 1 x 1 layers, a path down
/// and up again (PAN, Liu et al. 2018), then two towers of two layers shared by all levels, one for
/// classes, one for boxes (FCOS, Tian et al. 2019). A layer is depthwise 5 x 5, pointwise 1 x 1,
/// BatchNorm (one a level) and SiLU.
///
/// Weights are plain named tensors, so that they can be averaged, copied and saved.
class Detector {
 public:
  /// Random weights. `typical_width`, `typical_height`: of a box, in frame pixels; where the box
  /// branch starts from.
  Detector(DetectorShape shape, double typical_width, double typical_height, std::uint64_t seed);
  /// Throws UserError(kBadModel) naming `where` when the weights are not those of `shape`.
  Detector(DetectorShape shape, const std::vector<std::pair<std::string, torch::Tensor>>& weights,
           const std::string& where);

  /// maps: one a level, [N, H, W, map_channels] float32, contiguous; for a level without map an
  /// undefined tensor. H and W halve from level to level. training: batch statistics, gradients.
  CellPredictions forward(const std::vector<torch::Tensor>& maps, bool training) const;

  const DetectorShape& shape() const { return shape_; }
  /// Names and tensors: trained weights and BatchNorm's running statistics. Handles, not copies;
  /// training updates the statistics in place.
  const std::vector<std::pair<std::string, torch::Tensor>>& weights() const { return weights_; }
  std::vector<torch::Tensor> trained() const;  // those that gradients move
  Detector copy() const;
  /// The same for inference on maps that are on `device`, without gradients, of the weights as they
  /// are now. On the CPU forward(.., false) runs packed layers and gives for an image the same bits
  /// whatever is beside it. copy() of the result is an ordinary one.
  Detector for_inference(c10::Device device = c10::kCPU) const;

 private:
  Detector(DetectorShape shape, std::uint64_t seed);
  void add(const std::string& name, torch::Tensor value, bool trained);
  void add_norm(const std::string& name);
  void add_layer(const std::string& name, at::Generator& generator);
  const torch::Tensor& weight(const std::string& name) const;
  LayerWeights layer_weights(const std::string& name, const std::string& norm) const;
  torch::Tensor normalized(const torch::Tensor& x, const std::string& norm, bool training) const;
  torch::Tensor lateral(const torch::Tensor& map, const std::string& name, bool training) const;
  torch::Tensor layer(const torch::Tensor& x, const std::string& name, const std::string& norm,
                      bool training) const;
  std::vector<torch::Tensor> neck(const std::vector<torch::Tensor>& maps, bool training) const;

  DetectorShape shape_;
  std::vector<std::pair<std::string, torch::Tensor>> weights_;
  std::map<std::string, size_t> position_;                  // in weights_
  using PackedLayers = std::map<std::string, PackedLayer>;  // by the name of their norm
  std::shared_ptr<const PackedLayers> packed_;              // of for_inference()
};

/// [A, 3] float32: x and y of each cell's centre in frame pixels, and its stride, in the order of
/// CellPredictions.
torch::Tensor cell_points(const std::vector<int>& strides, int frame_width, int frame_height);

}  // namespace preannotate
