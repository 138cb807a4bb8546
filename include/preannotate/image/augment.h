#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "preannotate/image/decode.h"

namespace preannotate {

/// One deterministic way to look at an image. The part [x, x+w) x [y, y+h) of the upright frame,
/// in fractions of it, is taken, then mirrored, then its light is changed.
struct View {
  std::string name;  // "plain", "flip", "crop_tl", ...; part of the cache key
  double x = 0, y = 0, w = 1, h = 1;
  bool flip = false;
  double brightness = 1, contrast = 1, saturation = 1;  // factors, applied in this order

  bool is_plain() const {
    return x == 0 && y == 0 && w == 1 && h == 1 && !flip && brightness == 1 && contrast == 1 &&
           saturation == 1;
  }
};

/// none: 1 view (plain); light: 4 (plain, flip, two crops, of them one flipped);
/// strong: 8 (light's, more crops and colour). The first is always plain. Throws
/// UserError(kUsageError) for another name.
std::vector<View> views_named(std::string_view augment);

/// Views averaged by --tta: plain and flip.
std::vector<View> tta_views();

/// `view` of `picture` in side x side pixels, area-averaged when shrinking, bilinear when
/// enlarging, the same in train and predict. `resize` says how the frame becomes square.
enum class Resize {
  kSquash,     // the whole frame, aspect ratio given up
  kCrop,       // short side to `side`, centre kept
  kLetterbox,  // long side to `side`, grey (127) beside it
};
Resize resize_named(std::string_view name);  // squash, crop, letterbox; UserError(kUsageError)
std::string_view resize_name(Resize resize);

/// Where a view of a picture lies on the side x side square: the part [x, x + w) x [y, y + h) of
/// the picture, in pixels of it, fills the rectangle at (left, top); grey (127) is beside it.
struct ViewPlace {
  double x = 0, y = 0, w = 0, h = 0;
  int left = 0, top = 0, width = 0, height = 0;
};
ViewPlace place_view(int width, int height, const View& view, int side, Resize resize);

/// Writes [side, side, 3] uint8 to `out`.
void render_view(const Picture& picture, const View& view, int side, Resize resize,
                 std::uint8_t* out);

}  // namespace preannotate
