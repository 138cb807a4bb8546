#include "support/images.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <stdexcept>

namespace preannotate::testing_support {
namespace {

constexpr std::uint8_t kCorners[4][3] = {{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 255}};

std::string encode(const std::string& extension, const cv::Mat& picture,
                   const std::vector<int>& parameters = {}) {
  std::vector<std::uint8_t> bytes;
  if (!cv::imencode(extension, picture, bytes, parameters)) {
    throw std::runtime_error("cannot encode a test picture as " + extension);
  }
  return {bytes.begin(), bytes.end()};
}

cv::Mat bgr(const Picture& picture) {
  const cv::Mat rgb(picture.height, picture.width, CV_8UC3,
                    const_cast<std::uint8_t*>(picture.rgb.data()));
  cv::Mat result;
  cv::cvtColor(rgb, result, cv::COLOR_RGB2BGR);
  return result;
}

template <class Sample>
std::string encode_any(const std::string& extension, int width, int height, int channels,
                       const std::vector<Sample>& samples) {
  cv::Mat picture(height, width, CV_MAKETYPE(cv::DataType<Sample>::depth, channels),
                  const_cast<Sample*>(samples.data()));
  picture = picture.clone();
  if (channels == 3) cv::cvtColor(picture, picture, cv::COLOR_RGB2BGR);
  if (channels == 4) cv::cvtColor(picture, picture, cv::COLOR_RGBA2BGRA);
  return encode(extension, picture);
}

}  // namespace

Picture corner_picture(int width, int height) {
  Picture picture{width, height, std::vector<std::uint8_t>(size_t{3} * width * height)};
  const int block = std::max(1, std::min(width, height) / 4);
  auto* pixel = picture.rgb.data();
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x, pixel += 3) {
      const bool left = x < block, right = x >= width - block;
      const bool top = y < block, bottom = y >= height - block;
      if ((left || right) && (top || bottom)) {
        std::copy_n(kCorners[2 * bottom + right], 3, pixel);
      } else {
        pixel[0] = static_cast<std::uint8_t>(128 + 90 * std::sin(x * 0.11 + y * 0.05));
        pixel[1] = static_cast<std::uint8_t>(128 + 90 * std::sin(y * 0.09));
        pixel[2] = static_cast<std::uint8_t>(128 + 90 * std::sin(x * 0.07 - y * 0.06));
      }
    }
  }
  return picture;
}

std::string corners(const Picture& picture) {
  const int inset = std::max(0, std::min(picture.width, picture.height) / 10);
  std::string names;
  for (const int y : {inset, picture.height - 1 - inset}) {
    for (const int x : {inset, picture.width - 1 - inset}) {
      const auto* pixel = picture.rgb.data() + 3 * (size_t{1} * y * picture.width + x);
      int found = -1, count = 0;
      for (int i = 0; i < 4; ++i) {
        int distance = 0;
        for (int c = 0; c < 3; ++c) distance += std::abs(pixel[c] - kCorners[i][c]);
        if (distance < 120) found = i, ++count;
      }
      names += count == 1 ? "RGBW"[found] : '?';
    }
  }
  return names;
}

double difference(const Picture& a, const Picture& b) {
  if (a.width != b.width || a.height != b.height) return 255;
  double sum = 0;
  for (size_t i = 0; i < a.rgb.size(); ++i) sum += std::abs(a.rgb[i] - b.rgb[i]);
  return sum / static_cast<double>(a.rgb.size());
}

std::string png_bytes(const Picture& picture) {
  return encode(".png", bgr(picture));
}

std::string webp_bytes(const Picture& picture, int quality) {
  return encode(".webp", bgr(picture), {cv::IMWRITE_WEBP_QUALITY, quality});
}

std::string bmp_bytes(const Picture& picture) {
  return encode(".bmp", bgr(picture));
}

std::string tiff_bytes(const Picture& picture, int compression) {
  return encode(".tiff", bgr(picture), {cv::IMWRITE_TIFF_COMPRESSION, compression});
}

std::string encode_samples(const std::string& extension, int width, int height, int channels,
                           const std::vector<std::uint8_t>& samples) {
  return encode_any(extension, width, height, channels, samples);
}

std::string encode_samples(const std::string& extension, int width, int height, int channels,
                           const std::vector<std::uint16_t>& samples) {
  return encode_any(extension, width, height, channels, samples);
}

std::string encode_samples(const std::string& extension, int width, int height, int channels,
                           const std::vector<float>& samples) {
  return encode_any(extension, width, height, channels, samples);
}

}  // namespace preannotate::testing_support
