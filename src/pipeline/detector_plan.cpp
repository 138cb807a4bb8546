#include "detector_plan.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "preannotate/core/error.h"
#include "preannotate/model/train_detector.h"

namespace preannotate {

namespace {

constexpr int kLongSide = 512, kLongSideForLargeBoxes = 416, kLongestSide = 1280;
constexpr double kLargeBox = 88;  // frame px; when 19 of 20 boxes are larger, a smaller frame does
constexpr double kTinyBox = 16;  // frame px; a quarter of the boxes under this ask for a larger one
constexpr double kSmallForStride8 = 56, kLargeForStride32 = 104, kSmallForStride4 = 9;
constexpr double kSameAspect = 1.1;  // ratio of aspect ratios taken for the same

double size_of(const Box& box) {
  return std::sqrt(static_cast<double>(box.width()) * box.height());
}

double quantile(std::vector<double> values, double share) {
  const auto at = static_cast<size_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + static_cast<long>(at), values.end());
  return values[at];
}

int rounded_to(double side, int multiple) {
  return std::max(multiple, static_cast<int>(std::lround(side / multiple)) * multiple);
}

/// The seed's aspect ratio (width / height) when nine images of ten share it, else 1.
double common_aspect(const Dataset& seed) {
  std::vector<double> aspects;
  for (const auto& sample : seed.samples) {
    if (sample.width > 0 && sample.height > 0) {
      aspects.push_back(static_cast<double>(sample.width) / sample.height);
    }
  }
  if (aspects.empty()) return 1;
  const double median = quantile(aspects, 0.5);
  const auto alike = std::count_if(aspects.begin(), aspects.end(), [&](double aspect) {
    return aspect < median * kSameAspect && aspect > median / kSameAspect;
  });
  return 10 * alike >= 9 * static_cast<long>(aspects.size()) ? median : 1;
}

FrameSize frame_of(double aspect, int long_side, int multiple) {
  const double width = aspect >= 1 ? long_side : long_side * aspect;
  const double height = aspect >= 1 ? long_side / aspect : long_side;
  return {rounded_to(width, multiple), rounded_to(height, multiple)};
}

/// Boxes of the seed as sizes on a frame.
struct BoxSizes {
  std::vector<double> size, width, height;  // frame pixels
};

BoxSizes sizes_on(const Dataset& seed, FrameSize frame, double tile_scale) {
  BoxSizes sizes;
  for (const auto& sample : seed.samples) {
    const double scale =
        tile_scale > 0 ? tile_scale : letterbox(sample.width, sample.height, frame).scale;
    for (const auto& label : sample.labels) {
      if (!label.box || label.crowd) continue;
      sizes.size.push_back(size_of(*label.box) * scale);
      sizes.width.push_back(label.box->width() * scale);
      sizes.height.push_back(label.box->height() * scale);
    }
  }
  return sizes;
}

int chosen_long_side(const Dataset& seed, double aspect, int multiple) {
  const auto sizes = sizes_on(seed, frame_of(aspect, kLongSide, multiple), 0);
  if (quantile(sizes.size, 0.05) > kLargeBox) return kLongSideForLargeBoxes;
  const double quarter = quantile(sizes.size, 0.25);
  if (quarter >= kTinyBox) return kLongSide;
  return std::min(kLongestSide, rounded_to(kLongSide * kTinyBox / quarter, multiple));
}

bool has_stride(const Backbone& backbone, int stride) {
  const auto& levels = backbone.map_levels();
  return std::any_of(levels.begin(), levels.end(),
                     [&](const MapLevel& level) { return level.stride == stride; });
}

/// Those of the backbone's strides, halving towards the fine end, that the boxes ask for.
DetectorShape shape_for(const Backbone& backbone, const BoxSizes& sizes, std::int64_t classes) {
  const double small = quantile(sizes.size, 0.05), large = quantile(sizes.size, 0.95);
  const auto wanted = [&](int stride) {
    if (stride <= 4) return small < kSmallForStride8 / 2;
    if (stride == 8) return small < kSmallForStride8;
    if (stride >= 32) return large > kLargeForStride32;
    return true;
  };
  DetectorShape shape;
  shape.classes = classes;
  for (const MapLevel& level : backbone.map_levels()) {
    const bool doubles = shape.strides.empty() || level.stride == 2 * shape.strides.back();
    if (!wanted(level.stride) || !doubles) continue;
    shape.strides.push_back(level.stride);
    shape.map_channels.push_back(level.channels);
  }
  if (shape.strides.empty()) {
    const MapLevel& level = backbone.map_levels().back();
    shape.strides = {level.stride};
    shape.map_channels = {level.channels};
  }
  if (shape.strides.front() == 8 && !has_stride(backbone, 4) &&
      quantile(sizes.size, 0.25) < kSmallForStride4) {
    shape.strides.insert(shape.strides.begin(), 4);
    shape.map_channels.insert(shape.map_channels.begin(), 0);
  }
  return shape;
}

// Fewer images than this get more views each.
constexpr size_t kFewImages = 100;

AugmentPolicy policy_named(const std::string& augment, size_t images) {
  AugmentPolicy policy;
  policy.views = images < kFewImages ? 10 : 6;
  if (augment == "none") {
    policy.views = 1;
  } else if (augment == "strong") {
    policy.views *= 2;
    policy.mosaics = policy.views / 5;
  } else if (augment != "light") {
    throw UserError(kUsageError, "--augment '", augment, "' is not one of none, light, strong");
  }
  return policy;
}

/// Objects that look alike whichever way up: as many wide as tall boxes of the same shape.
void decide_turns(const BoxSizes& sizes, AugmentPolicy& policy) {
  double skew = 0;
  for (size_t i = 0; i < sizes.size.size(); ++i) {
    skew += std::log(sizes.width[i] / sizes.height[i]);
  }
  policy.quarter_turns = policy.flip_y =
      std::abs(skew / static_cast<double>(sizes.size.size())) < 0.08;
}

void check_maps(const Backbone& backbone) {
  if (!backbone.map_levels().empty()) return;
  throw UserError(kBadModel, "backbone ", backbone.info().name,
                  " gives pooled features only; detection needs a network that returns a spatial "
                  "map [N, C, h, w], best (embedding, stride 8, stride 16, stride 32): export it "
                  "again with those outputs");
}

}  // namespace

DetectorPlan plan_detector(const Dataset& seed, const Backbone& backbone,
                           const PlanOptions& options) {
  check_maps(backbone);
  int multiple = std::max(32, backbone.info().side_multiple);
  for (const auto& level : backbone.map_levels()) multiple = std::lcm(multiple, level.stride);
  if (options.imgsz % multiple != 0) {
    throw UserError(kUsageError, "--imgsz ", options.imgsz,
                    ": a detector on this backbone needs a multiple of ", multiple,
                    ", for example ", rounded_to(options.imgsz, multiple));
  }
  DetectorPlan plan;
  plan.policy = policy_named(options.augment, seed.samples.size());
  if (options.tile > 0) {
    const int side = options.imgsz > 0 ? options.imgsz : kLongSide;
    plan.view.frame = {side, side};
    plan.view.tile_scale = static_cast<double>(side) / options.tile;
  } else {
    const double aspect = common_aspect(seed);
    const int side = options.imgsz > 0 ? options.imgsz : chosen_long_side(seed, aspect, multiple);
    plan.view.frame = frame_of(aspect, side, multiple);
  }
  const auto sizes = sizes_on(seed, plan.view.frame, plan.view.tile_scale);
  plan.shape = shape_for(backbone, sizes, static_cast<std::int64_t>(seed.categories.size()));
  decide_turns(sizes, plan.policy);
  plan.typical_width = std::max(2.0, quantile(sizes.width, 0.5));
  plan.typical_height = std::max(2.0, quantile(sizes.height, 0.5));
  return plan;
}

int default_steps(size_t images, const DetectorShape& shape) {
  const double more = std::max(1.0, static_cast<double>(images) / 30);
  const bool coarse = shape.strides.front() >= 16;
  const double steps = coarse ? 1250 * std::pow(more, 0.25) : 500 * std::pow(more, 0.45);
  return static_cast<int>(std::min(6000.0, steps));
}

double default_decay(size_t images, const DetectorShape& shape) {
  const double usual = DetectorTraining{}.decay;
  if (shape.strides.front() < 16) return usual;
  return usual / std::sqrt(std::max(1.0, static_cast<double>(images) / 30));
}

}  // namespace preannotate
