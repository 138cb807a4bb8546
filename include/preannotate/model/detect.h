#pragma once

#include <vector>

#include "preannotate/image/placement.h"
#include "preannotate/metrics/detection.h"
#include "preannotate/model/detector.h"

namespace preannotate {

struct DetectOptions {
  double floor = 0.01;    // lower scores are no drafts
  int candidates = 1000;  // best boxes of a view that suppression looks at
  /// Of soft-NMS (ops/merge_boxes.h), which measured better than hard NMS. 0, or an image of
  /// several views, each of which may see the same object: hard NMS at `iou`.
  double sigma = 0.5;
  double iou = 0.6;   // above this overlap the lower score of a class goes
  int max_det = 300;  // boxes of an image
  /// Above 1: the placements are that many blocks which show the same things in the same order,
  /// each in its way; what the blocks find is averaged (weighted box fusion, Solovyev et al. 2021).
  int alike_views = 1;
};

/// Boxes of one image from the maps of its views: decoded, put back into the upright image, those
/// that tiles cut in two joined, suppressed, clipped, best score first. Scores are the head's own,
/// not yet calibrated.
///
///   detector    for_inference() on the device of the maps, or as it is on the CPU
///   maps        one [V, h, w, C] float32 a level of the detector that has a map. Of maps on CUDA
///               only the candidates come back to the host
///   placements  V of them: one view, or the tiles of the image
///   width, height of the upright image, pixels
std::vector<DraftBox> detect(const Detector& detector, const std::vector<torch::Tensor>& maps,
                             const std::vector<Placement>& placements, FrameSize frame, int width,
                             int height, const DetectOptions& options);

/// Those of a backbone's maps that the detector reads, in its order.
std::vector<torch::Tensor> maps_for(const DetectorShape& shape, const std::vector<int>& map_strides,
                                    const std::vector<torch::Tensor>& maps);

}  // namespace preannotate
