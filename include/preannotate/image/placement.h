#pragma once

#include <cstdint>
#include <vector>

#include "preannotate/core/box.h"
#include "preannotate/image/decode.h"

namespace preannotate {

/// Width and height of a detector's input, pixels.
struct FrameSize {
  int width = 0, height = 0;
  friend bool operator==(const FrameSize&, const FrameSize&) = default;
};

/// How a part of an upright image lies on the network's frame: the part that begins at (x, y) of
/// the image is scaled, mirrored, turned clockwise, and its light is changed. What lies outside the
/// image is grey (127).
struct Placement {
  double x = 0, y = 0;  // image pixels; may be negative or beyond the image
  double scale = 1;     // frame pixels an image pixel
  bool flip_x = false, flip_y = false;
  int quarter_turns = 0;                                // 0-3, after the flips
  double brightness = 1, contrast = 1, saturation = 1;  // factors, applied in this order
};

/// The whole image, centred, as large as fits.
Placement letterbox(int width, int height, FrameSize frame);

/// Exact inverse of each other for boxes inside the frame; neither clips.
Box to_frame(const Box& box, const Placement& placement, FrameSize frame);
Box from_frame(const Box& box, const Placement& placement, FrameSize frame);

/// Writes [frame.height, frame.width, 3] uint8 RGB to `out`. `image.picture` may be smaller than
/// the image's full frame (scaled decoding); the placement speaks of the full frame. Area-averaged
/// when shrinking, bilinear when growing. A box drawn on the image lies at to_frame() of it to
/// within half a pixel.
void render_placement(const DecodedImage& image, const Placement& placement, FrameSize frame,
                      std::uint8_t* out);

/// What the objects of a data set allow.
struct AugmentPolicy {
  int views = 6;    // the first is the plain letterbox
  int mosaics = 0;  // further views that show four images at half size (Bochkovskiy et al. 2020)
  double smallest = 0.65, largest = 1.6;  // scale against the letterbox
  bool flip_x = true, flip_y = false, quarter_turns = false;
  double light = 0.2;  // brightness, contrast, saturation factors in 1 +- light
};

/// Views of one image, the same for the same arguments: random scale (log-uniform), place, flips,
/// turns and light. A view larger than the frame shows a part of the image that holds at least one
/// of `boxes` (when there are any).
std::vector<Placement> augmented_placements(int width, int height, FrameSize frame,
                                            const AugmentPolicy& policy,
                                            const std::vector<Box>& boxes, std::uint64_t seed);

/// Overlapping tiles that cover an image at `scale` with frames, row by row; neighbours share at
/// least `overlap` (0 to 0.5) of a frame. One letterboxed placement when the image fits.
std::vector<Placement> tile_placements(int width, int height, FrameSize frame, double scale,
                                       double overlap);

/// The boxes of an image as they are seen in a view: clipped to the frame; left out where less
/// than `least_visible` of a box's area, or a side of under 2 px, remains.
struct VisibleBoxes {
  std::vector<Box> boxes;   // frame pixels
  std::vector<int> source;  // position among the given boxes
};
VisibleBoxes visible_boxes(const std::vector<Box>& boxes, const Placement& placement,
                           FrameSize frame, double least_visible = 0.3);

/// Four frames at half size side by side: [top left, top right, bottom left, bottom right], each
/// [height, width, 3]. quarter_box() maps a box of frame `quarter` (0-3) into it.
void render_mosaic(const std::uint8_t* const frames[4], FrameSize frame, std::uint8_t* out);
Box quarter_box(const Box& box, int quarter, FrameSize frame);

}  // namespace preannotate
