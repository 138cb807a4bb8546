#include <opencv2/imgproc.hpp>

#include "preannotate/image/placement.h"

namespace preannotate {
namespace {

/// The part of the mosaic that frame `quarter` fills; of an odd side the second gets the more.
cv::Rect part_of(int quarter, FrameSize frame) {
  const int middle_x = frame.width / 2, middle_y = frame.height / 2;
  const bool right = quarter % 2 == 1, bottom = quarter / 2 == 1;
  return {right ? middle_x : 0, bottom ? middle_y : 0, right ? frame.width - middle_x : middle_x,
          bottom ? frame.height - middle_y : middle_y};
}

}  // namespace

void render_mosaic(const std::uint8_t* const frames[4], FrameSize frame, std::uint8_t* out) {
  cv::Mat mosaic(frame.height, frame.width, CV_8UC3, out);
  for (int quarter = 0; quarter < 4; ++quarter) {
    const cv::Mat from(frame.height, frame.width, CV_8UC3,
                       const_cast<std::uint8_t*>(frames[quarter]));
    cv::Mat to = mosaic(part_of(quarter, frame));
    cv::resize(from, to, to.size(), 0, 0, cv::INTER_AREA);
  }
}

Box quarter_box(const Box& box, int quarter, FrameSize frame) {
  const auto part = part_of(quarter, frame);
  const float x_scale = static_cast<float>(part.width) / static_cast<float>(frame.width);
  const float y_scale = static_cast<float>(part.height) / static_cast<float>(frame.height);
  const auto left = static_cast<float>(part.x), top = static_cast<float>(part.y);
  return {left + box.x1 * x_scale, top + box.y1 * y_scale, left + box.x2 * x_scale,
          top + box.y2 * y_scale};
}

}  // namespace preannotate
