#include "pixels.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

namespace preannotate::image {
namespace {

/// The colour channels without alpha, so that opaque alpha (65535) does not count as a bright
/// colour.
double brightest_colour(const cv::Mat& picture) {
  cv::Mat colours = picture;
  if (picture.channels() == 4) cv::cvtColor(picture, colours, cv::COLOR_BGRA2BGR);
  double most = 0;
  cv::minMaxLoc(colours.reshape(1), nullptr, &most);
  return most;
}

/// [H, W, 1|3|4] uint16 to uint8.
cv::Mat to_8_bit(const cv::Mat& picture) {
  const double most = brightest_colour(picture);
  int bits = 8;
  while (bits < 16 && most >= (1 << bits)) bits += 2;
  const double scale = 255.0 / ((1 << bits) - 1);
  cv::Mat result;
  picture.convertTo(result, CV_8U, scale);
  if (picture.channels() == 4) {
    cv::Mat alpha;
    cv::extractChannel(picture, alpha, 3);
    alpha.convertTo(alpha, CV_8U, 255.0 / 65535);
    cv::insertChannel(alpha, result, 3);
  }
  return result;
}

/// BGRA to RGB on white; true when any pixel was not opaque.
bool blend_on_white(const cv::Mat& bgra, cv::Mat& rgb) {
  bool any = false;
  for (int y = 0; y < bgra.rows; ++y) {
    const auto* from = bgra.ptr<cv::Vec4b>(y);
    auto* to = rgb.ptr<cv::Vec3b>(y);
    for (int x = 0; x < bgra.cols; ++x) {
      const int alpha = from[x][3];
      any |= alpha != 255;
      for (int c = 0; c < 3; ++c) {
        const int blended = from[x][2 - c] * alpha + 255 * (255 - alpha);
        to[x][c] = static_cast<std::uint8_t>((blended + 127) / 255);
      }
    }
  }
  return any;
}

}  // namespace

cv::Mat as_mat(Picture& picture) {
  return {picture.height, picture.width, CV_8UC3, picture.rgb.data()};
}

cv::Mat as_mat(const Picture& picture) {
  return {picture.height, picture.width, CV_8UC3, const_cast<std::uint8_t*>(picture.rgb.data())};
}

Picture rgb_picture(const cv::Mat& decoded, std::string& warning) {
  cv::Mat bytes = decoded;
  std::string what_was_done;
  if (decoded.depth() == CV_16U) {
    bytes = to_8_bit(decoded);
    what_was_done = "scaled_16_bit";
  }
  const int channels = bytes.channels();
  if (bytes.depth() != CV_8U || (channels != 1 && channels != 3 && channels != 4)) {
    throw ImageError("unsupported_depth", "its samples are neither 8-bit nor 16-bit integers");
  }
  Picture picture{bytes.cols, bytes.rows, {}};
  picture.rgb.resize(static_cast<size_t>(bytes.cols) * bytes.rows * 3);
  cv::Mat rgb = as_mat(picture);
  if (channels == 1) {
    cv::cvtColor(bytes, rgb, cv::COLOR_GRAY2RGB);
  } else if (channels == 3) {
    cv::cvtColor(bytes, rgb, cv::COLOR_BGR2RGB);
  } else if (blend_on_white(bytes, rgb) && what_was_done.empty()) {
    what_was_done = "alpha_blended";
  }
  if (warning.empty()) warning = what_was_done;
  return picture;
}

void make_upright(Picture& picture, int orientation) {
  if (orientation <= 1 || orientation > 8) return;
  const bool sideways = orientation >= 5;
  Picture upright{
      sideways ? picture.height : picture.width, sideways ? picture.width : picture.height, {}};
  upright.rgb.resize(picture.rgb.size());
  const cv::Mat from = as_mat(picture);
  cv::Mat to = as_mat(upright);
  constexpr int kAcross = 1, kUpsideDown = 0, kBoth = -1;
  switch (orientation) {
    case 2:
      cv::flip(from, to, kAcross);
      break;
    case 3:
      cv::flip(from, to, kBoth);
      break;
    case 4:
      cv::flip(from, to, kUpsideDown);
      break;
    case 5:
      cv::transpose(from, to);
      break;
    case 6:
      cv::rotate(from, to, cv::ROTATE_90_CLOCKWISE);
      break;
    case 7:
      cv::transpose(from, to);
      cv::flip(to, to, kBoth);
      break;
    case 8:
      cv::rotate(from, to, cv::ROTATE_90_COUNTERCLOCKWISE);
      break;
    default:
      break;
  }
  picture = std::move(upright);
}

}  // namespace preannotate::image
