#include "box_pictures.h"

#include <algorithm>
#include <cmath>

#include "preannotate/image/decode.h"
#include "shown_boxes.h"

namespace preannotate {
namespace {

constexpr int kSide = 320;
constexpr float kSurroundings = 5;  // the picture is this many times as wide as the box

/// Pixels [x, x + width) x [y, y + height) of the upright image.
struct Window {
  int x = 0, y = 0, width = 0, height = 0;
};

/// Around the box, its longer side kSurroundings times in it, not smaller than a picture is shown.
Window window_around(const Box& box, int width, int height) {
  const float longest = std::max(box.width(), box.height());
  const float wanted = std::clamp(kSurroundings * longest, float{kSide}, 1e6f);
  const auto side = static_cast<int>(std::ceil(wanted));
  Window window{0, 0, std::min(side, width), std::min(side, height)};
  const auto start = [](float middle, int length, int all) {
    const float first =
        std::clamp(middle - static_cast<float>(length) / 2, 0.0f, static_cast<float>(all - length));
    return static_cast<int>(first);
  };
  window.x = start((box.x1 + box.x2) / 2, window.width, width);
  window.y = start((box.y1 + box.y2) / 2, window.height, height);
  return window;
}

Picture cut_out(const Picture& picture, const Window& window) {
  Picture part;
  part.width = window.width;
  part.height = window.height;
  part.rgb.reserve(3 * static_cast<size_t>(window.width) * static_cast<size_t>(window.height));
  for (int row = window.y; row < window.y + window.height; ++row) {
    const auto first = 3 * (static_cast<size_t>(row) * static_cast<size_t>(picture.width) +
                            static_cast<size_t>(window.x));
    const auto* pixels = picture.rgb.data() + first;
    part.rgb.insert(part.rgb.end(), pixels, pixels + 3 * static_cast<size_t>(window.width));
  }
  return part;
}

Box moved_into(const Box& box, const Window& window) {
  const auto x = static_cast<float>(window.x), y = static_cast<float>(window.y);
  const auto width = static_cast<float>(window.width), height = static_cast<float>(window.height);
  return {std::clamp(box.x1 - x, 0.0f, width), std::clamp(box.y1 - y, 0.0f, height),
          std::clamp(box.x2 - x, 0.0f, width), std::clamp(box.y2 - y, 0.0f, height)};
}

std::vector<PictureBox> boxes_in(const DetectionImage& image, const BoxMistake& mistake,
                                 const Window& window, const std::vector<std::string>& categories) {
  std::vector<PictureBox> boxes;
  const auto add = [&](const Box& box, int category, double score) {
    const bool subject = mistake.missed == (score < 0) && mistake.category == category &&
                         mistake.box == box && (score < 0 || score == mistake.score);
    const Box moved = moved_into(box, window);
    if (moved.area() <= 0) return;
    boxes.push_back({moved, categories[static_cast<size_t>(category)], score, subject});
  };
  for (const auto& truth : image.truth) {
    if (!truth.crowd) add(truth.box, truth.category, -1);
  }
  for (const auto& draft : image.drafts) add(draft.box, draft.category, draft.score);
  return boxes;
}

/// Fills in what the image file gives; leaves it out when the file cannot be read again.
void add_pixels(BoxPicture& picture, const DetectionImage& image, const BoxMistake& mistake,
                const Dataset& dataset) {
  Sample sample;
  sample.image = picture.image;
  try {
    const auto decoded = decode_image(
        read_image_file(image_file(dataset, sample).string(), without_limits()), without_limits());
    const auto window = window_around(mistake.box, decoded.width, decoded.height);
    picture.jpeg = encode_jpeg(thumbnail(cut_out(decoded.picture, window), kSide), 80);
    picture.width = window.width;
    picture.height = window.height;
    picture.boxes = boxes_in(image, mistake, window, dataset.categories);
  } catch (const ImageError&) {
    picture.jpeg.clear();
  }
}

}  // namespace

BoxPicture box_picture(const std::string& image, const DetectionImage& shown,
                       const BoxMistake& subject, const Dataset& dataset) {
  BoxPicture picture;
  picture.image = image;
  picture.missed = subject.missed;
  picture.category = dataset.categories[static_cast<size_t>(subject.category)];
  picture.score = subject.missed ? 1 - subject.score : subject.score;
  add_pixels(picture, shown, subject, dataset);
  return picture;
}

std::vector<BoxPicture> box_pictures(const JudgedBoxes& judged, const std::vector<double>& conf,
                                     const Dataset& dataset, size_t limit) {
  const auto shown = shown_boxes(judged.boxes, conf);
  std::vector<BoxPicture> pictures;
  for (const auto& mistake : worst_boxes(judged, conf, limit)) {
    pictures.push_back(
        box_picture(judged.images[mistake.image], shown[mistake.image], mistake, dataset));
  }
  return pictures;
}

}  // namespace preannotate
