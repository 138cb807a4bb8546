#include <algorithm>
#include <system_error>

#include "lint.h"
#include "names_alike.h"
#include "preannotate/headers/image_size.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

class Lint {
 public:
  explicit Lint(const Dataset& dataset) : dataset_(dataset) {}

  std::vector<Finding> run() {
    unused_categories();
    alike();
    for (const Sample& sample : dataset_.samples) {
      labels_twice(sample);
      size_differs(sample);
    }
    return std::move(findings_);
  }

 private:
  void unused_categories() {
    std::vector<bool> used(dataset_.categories.size(), false);
    for (const Sample& sample : dataset_.samples) {
      for (const Label& label : sample.labels) used[static_cast<size_t>(label.category)] = true;
    }
    for (size_t i = 0; i < used.size(); ++i) {
      if (!used[i])
        add("category '" + dataset_.categories[i] + "'", "category_unused", "no label has it");
    }
  }

  void alike() {
    std::vector<std::string> keys;
    for (const Sample& sample : dataset_.samples) keys.push_back(sample.image);
    for (const auto& [first, second, same_letters] : names_alike(keys)) {
      add(second, same_letters ? "names_differ_in_form" : "names_differ_in_case",
          "'" + first + "' differs from it in " +
              (same_letters ? "how its letters are composed only; macOS takes"
                            : "upper and lower case only; macOS and Windows take") +
              " them for one file");
    }
  }

  void labels_twice(const Sample& sample) {
    for (size_t i = 0; i < sample.labels.size(); ++i) {
      for (size_t k = 0; k < i; ++k) {
        const Label &a = sample.labels[k], &b = sample.labels[i];
        if (a.category != b.category || a.box != b.box) continue;
        add(sample.image, "label_twice",
            "'" + dataset_.categories[static_cast<size_t>(b.category)] +
                (b.box ? "' stands twice at the same place" : "' is given twice"));
        break;
      }
    }
  }

  /// Only where the image is there: labels may be checked alone.
  void size_differs(const Sample& sample) {
    const auto file = image_file(dataset_, sample);
    std::error_code error;
    if (!fs::is_regular_file(file, error)) return;
    const auto size = image_size_of(file);
    if (!size) {
      add(sample.image, "image_unreadable", "its header is no JPEG, PNG, WebP, BMP or TIFF header");
      return;
    }
    if (sample.width <= 0 || sample.height <= 0) return;
    orientation_hides(sample, *size);
    if (size->width == sample.width && size->height == sample.height) return;
    const auto pixels = [](auto width, auto height) {
      return std::to_string(width) + " x " + std::to_string(height) + " px";
    };
    const bool lying =
        size->width == sample.height && size->height == sample.width && size->orientation >= 5;
    add(sample.image, lying ? "size_is_unrotated" : "size_differs",
        "the labels say " + pixels(sample.width, sample.height) + ", the file has " +
            pixels(size->width, size->height) +
            (lying ? " once turned by its EXIF orientation; the boxes are of the unrotated image"
                   : ""));
  }

  /// Whether the boxes are of the upright image cannot be told from sizes that are equal either
  /// way.
  void orientation_hides(const Sample& sample, const ImageSize& size) {
    const bool boxed = std::any_of(sample.labels.begin(), sample.labels.end(),
                                   [](const Label& label) { return label.box.has_value(); });
    const bool square = size.width == size.height;
    if (!boxed || size.orientation == 1 || (size.orientation >= 5 && !square)) return;
    add(sample.image, "orientation_unclear",
        "its EXIF orientation is " + std::to_string(size.orientation) +
            ", which turns it without changing its size: see that its boxes are of the upright "
            "image");
  }

  void add(std::string place, std::string code, std::string message) {
    findings_.push_back({std::move(place), std::move(code), std::move(message), {}});
  }

  const Dataset& dataset_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> lint_dataset(const Dataset& dataset) {
  return Lint(dataset).run();
}

}  // namespace preannotate
