#include <algorithm>
#include <cmath>
#include <optional>

#include "canvas.h"
#include "preannotate/core/random.h"
#include "preannotate/image/placement.h"

namespace preannotate {
namespace {

/// A part of one image axis that a view must hold.
struct Kept {
  double begin = 0, end = 0;
};

/// Where a view of `seen` image pixels begins: the image lies wholly in the view, or the view lies
/// wholly in the image and holds `kept`. `place` in [0, 1] chooses among what that leaves.
double begin_of_view(int length, double seen, const std::optional<Kept>& kept, double place) {
  const double last = length - seen;
  if (last <= 0) return place * last;
  const double lowest = kept ? std::clamp(kept->end - seen, 0.0, last) : 0;
  const double highest = kept ? std::clamp(kept->begin, lowest, last) : last;
  return lowest + place * (highest - lowest);
}

Kept part_inside(double begin, double end, int length) {
  return {std::clamp(begin, 0.0, double(length)), std::clamp(end, 0.0, double(length))};
}

/// The largest scale at which a view holds the part; no bound for an empty one.
double scale_that_holds(const Kept& across, const Kept& down, FrameSize canvas) {
  return std::min(canvas.width / (across.end - across.begin),
                  canvas.height / (down.end - down.begin));
}

/// Scale and place: a zoom that is too close for the box it has to hold becomes the closest that
/// is not.
void aim(Placement& view, double zoom, int width, int height, FrameSize canvas,
         const std::vector<Box>& boxes, Random& random) {
  view.scale = zoom * letterbox(width, height, canvas).scale;
  std::optional<Kept> across, down;
  if (!boxes.empty()) {
    const auto& box = boxes[random.below(boxes.size())];
    across = part_inside(box.x1, box.x2, width);
    down = part_inside(box.y1, box.y2, height);
    view.scale = std::min(view.scale, scale_that_holds(*across, *down, canvas));
  }
  const double x = random.uniform(), y = random.uniform();
  view.x = begin_of_view(width, canvas.width / view.scale, across, x);
  view.y = begin_of_view(height, canvas.height / view.scale, down, y);
}

Placement augmented(int width, int height, FrameSize frame, const AugmentPolicy& policy,
                    const std::vector<Box>& boxes, Random& random) {
  const auto factor = [&] { return 1 + policy.light * (2 * random.uniform() - 1); };
  Placement view;
  // All is drawn whatever is allowed, so that allowing more leaves the rest of a view as it was.
  view.flip_x = random.below(2) == 1 && policy.flip_x;
  view.flip_y = random.below(2) == 1 && policy.flip_y;
  const int turns = static_cast<int>(random.below(4));
  if (policy.quarter_turns) view.quarter_turns = turns;
  view.brightness = factor();
  view.contrast = factor();
  view.saturation = factor();
  const double zoom =
      policy.smallest * std::pow(policy.largest / policy.smallest, random.uniform());
  aim(view, zoom, width, height, image::canvas_of(frame, image::is_sideways(view)), boxes, random);
  return view;
}

}  // namespace

std::vector<Placement> augmented_placements(int width, int height, FrameSize frame,
                                            const AugmentPolicy& policy,
                                            const std::vector<Box>& boxes, std::uint64_t seed) {
  Random random(seed);
  std::vector<Placement> views{letterbox(width, height, frame)};
  while (static_cast<int>(views.size()) < policy.views) {
    views.push_back(augmented(width, height, frame, policy, boxes, random));
  }
  return views;
}

}  // namespace preannotate
