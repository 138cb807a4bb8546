#pragma once

#include <opencv2/core.hpp>
#include <string>

#include "preannotate/image/decode.h"

namespace preannotate::image {

/// Pixels as OpenCV decodes them (1, 3 or 4 channels, BGR order, 8 or 16 bits) as RGB bytes.
///
/// 16-bit samples are divided by the largest value of the smallest bit depth (8, 10, 12, 14 or 16)
/// that holds every colour in the picture: cameras store 10 to 14 bits in 16, and a plain division
/// by 256 would make them black. Alpha is always full scale and is blended on white.
///
/// `warning` becomes "scaled_16_bit" or "alpha_blended" when that happened and it was empty.
/// Throws ImageError(unsupported_depth).
Picture rgb_picture(const cv::Mat& decoded, std::string& warning);

/// `picture` turned and mirrored as EXIF value `orientation` (1-8) asks.
void make_upright(Picture& picture, int orientation);

/// A view of the picture's pixels as OpenCV sees them; the picture must outlive it.
cv::Mat as_mat(const Picture& picture);
cv::Mat as_mat(Picture& picture);

}  // namespace preannotate::image
