#include "preannotate/data/fit.h"

#include <algorithm>

#include "outline.h"
#include "preannotate/core/text.h"

namespace preannotate {
namespace {

class Fit {
 public:
  Fit(Dataset dataset, const DatasetFormat& format)
      : dataset_(std::move(dataset)), holds_(format.holds) {}

  Fitted run() {
    for (Sample& sample : dataset_.samples) fit(sample);
    std::erase_if(dataset_.samples, [this](const Sample& sample) {
      return std::binary_search(left_out_.begin(), left_out_.end(), sample.image);
    });
    return {std::move(dataset_), losses()};
  }

 private:
  void fit(Sample& sample) {
    const bool was_empty = sample.labels.empty();
    if (!holds_.classes) {
      classes_ += std::erase_if(sample.labels, [](const Label& label) { return !label.box; });
    }
    if (!holds_.crowds) {
      crowds_ += std::erase_if(sample.labels, [](const Label& label) { return label.crowd; });
    }
    if (!holds_.boxes) to_classes(sample);
    for (Label& label : sample.labels) fit(label);
    if (!holds_.buckets && !sample.bucket.empty()) ++buckets_;
    if (!sample.labels.empty() || (was_empty && holds_.empty_images)) return;
    ++(was_empty ? empty_ : emptied_);
    left_out_.push_back(sample.image);  // in order, as samples are
  }

  void to_classes(Sample& sample) {
    boxes_ += static_cast<size_t>(
        std::count_if(sample.labels.begin(), sample.labels.end(),
                      [](const Label& label) { return label.box.has_value(); }));
    sample.labels = image_level_labels(sample);
  }

  void fit(Label& label) {
    if (!holds_.scores && label.score) ++scores_;
    if (!holds_.ids && !label.id.empty()) ++ids_;
    if (label.segmentation.empty() || holds_.outlines) return;
    if (holds_.polygons && single_polygon(label.segmentation)) return;
    label.segmentation.clear();
    if (label.box) ++outlines_;
  }

  std::vector<std::string> losses() const {
    std::vector<std::string> all;
    const auto say = [&](size_t count, const char* what) {
      if (count > 0) all.push_back(human_count(count) + what);
    };
    say(classes_, " classes of whole images are left out: the format holds boxes only");
    say(crowds_, " regions of many objects (crowds) are left out");
    say(boxes_, " boxes become the classes of their images");
    say(outlines_, " outlines become boxes");
    say(emptied_, " images are left out: the format holds none of their labels");
    say(empty_, " images without a label are left out: the format cannot say that they are empty");
    say(scores_, " scores are not kept");
    say(ids_, " draft ids are not kept");
    say(buckets_, " buckets are not kept");
    return all;
  }

  Dataset dataset_;
  const FormatHolds& holds_;
  std::vector<std::string> left_out_;  // images
  size_t classes_ = 0, crowds_ = 0, boxes_ = 0, outlines_ = 0, emptied_ = 0, empty_ = 0,
         scores_ = 0, ids_ = 0, buckets_ = 0;
};

}  // namespace

Fitted fitted(Dataset dataset, const DatasetFormat& format) {
  return Fit(std::move(dataset), format).run();
}

}  // namespace preannotate
