#include "preannotate/model/detector_run.h"

namespace preannotate {

std::vector<Placement> placements_of(int width, int height, const DetectorView& view) {
  if (view.tile_scale <= 0) return {letterbox(width, height, view.frame)};
  return tile_placements(width, height, view.frame, view.tile_scale, view.tile_overlap);
}

}  // namespace preannotate
