#include "dataset_checks.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "data/names.h"
#include "fuzz.h"

namespace preannotate::fuzz {
namespace {

/// Also of what a format rounds to single pixels' thousandths or to shares of a side.
constexpr double kRounding = 0.01;

bool inside(float low, float high, int side) {
  const auto end = side > 0 ? static_cast<float>(side) : std::numeric_limits<float>::max();
  return low >= 0 && low < high && high <= end;
}

void check_label(const Label& label, const Sample& sample, size_t categories) {
  require(label.category >= 0 && static_cast<size_t>(label.category) < categories,
          "a label's category is one of the dataset's");
  require(!label.score || (*label.score >= 0 && *label.score <= 1), "a score is from 0 to 1");
  require(std::isfinite(label.area) && label.area >= 0, "an area is finite, not below 0");
  if (!label.box) return;
  require(inside(label.box->x1, label.box->x2, sample.width) &&
              inside(label.box->y1, label.box->y2, sample.height),
          "a box is finite, has an area and lies in its image");
}

/// Coordinates of some millions are floats with steps above a file's last digit.
bool about(double a, double b) {
  return std::abs(a - b) <= kRounding + 1e-6 * std::max(std::abs(a), std::abs(b));
}

bool same_box(const std::optional<Box>& a, const std::optional<Box>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return about(a->x1, b->x1) && about(a->y1, b->y1) && about(a->x2, b->x2) && about(a->y2, b->y2);
}

}  // namespace

void check_dataset(const Dataset& dataset) {
  for (const auto& name : dataset.categories) {
    require(accepts([&] { check_category_name(name, "a category"); }), "a category name is usable");
  }
  const std::set<std::string> names(dataset.categories.begin(), dataset.categories.end());
  require(names.size() == dataset.categories.size(), "category names are unique");
  for (const Sample& sample : dataset.samples) {
    require(accepts([&] {
              require(checked_image_key(sample.image, "a sample") == sample.image,
                      "an image key is in its normal form");
            }),
            "an image key leads to no other folder");
    require(sample.width >= 0 && sample.height >= 0, "a size is not below 0");
    for (const Label& label : sample.labels) check_label(label, sample, names.size());
  }
  const auto unsorted =
      std::adjacent_find(dataset.samples.begin(), dataset.samples.end(),
                         [](const Sample& a, const Sample& b) { return !(a.image < b.image); });
  require(unsorted == dataset.samples.end(), "samples are sorted, each image once");
}

void check_same_samples(const Dataset& before, const Dataset& after) {
  require(before.samples.size() == after.samples.size(), "as many samples read back as written");
  for (size_t i = 0; i < before.samples.size(); ++i) {
    const Sample& one = before.samples[i];
    const Sample& other = after.samples[i];
    require(one.image == other.image, "an image reads back under its name");
    require(one.labels.size() == other.labels.size(), "as many labels read back as written");
    for (size_t k = 0; k < one.labels.size(); ++k) {
      const Label& a = one.labels[k];
      const Label& b = other.labels[k];
      require(before.categories[static_cast<size_t>(a.category)] ==
                  after.categories[static_cast<size_t>(b.category)],
              "a label reads back with its category");
      require(same_box(a.box, b.box), "a box reads back where it was");
    }
  }
}

bool has_sliver(const Dataset& dataset) {
  for (const Sample& sample : dataset.samples) {
    for (const Label& label : sample.labels) {
      if (label.box && std::min(label.box->width(), label.box->height()) < kRounding) return true;
    }
  }
  return false;
}

}  // namespace preannotate::fuzz
