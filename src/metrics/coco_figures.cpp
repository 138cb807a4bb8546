#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <numeric>

#include "box_matching.h"

namespace preannotate {
namespace {

constexpr size_t kIous = 10, kRecalls = 101, kRanges = 4, kLimits = 3;
enum Range { kAll, kSmall, kMedium, kLarge };
constexpr std::array<std::array<double, 2>, kRanges> kAreas{
    {{0, 1e10}, {0, 32 * 32}, {32 * 32, 96 * 96}, {96 * 96, 1e10}}};  // both ends belong
constexpr std::array<size_t, kLimits> kMostDrafts{1, 10, 100};        // an image and category

/// As numpy.linspace(0.5, 0.95, 10), to the last bit.
double iou_threshold(size_t i) {
  return 0.5 + static_cast<double>(i) * ((0.95 - 0.5) / 9);
}

enum class Outcome : char { kFalse, kRight, kIgnored };

/// One category within one range of areas; -1 where nothing is to be found.
struct RangeFigures {
  std::array<double, kIous> precision;                    // mean over the 101 recalls, 100 drafts
  std::array<std::array<double, kIous>, kLimits> recall;  // at the last draft

  RangeFigures() {
    precision.fill(-1);
    for (auto& row : recall) row.fill(-1);
  }
};
using CategoryFigures = std::array<RangeFigures, kRanges>;

/// Mean of the precision at 101 recalls: at each the best that is reached there or later.
double interpolated_precision(const std::vector<Outcome>& outcomes, double objects) {
  std::vector<double> precision, recall;
  double right = 0, wrong = 0;
  for (const Outcome outcome : outcomes) {
    if (outcome == Outcome::kIgnored) continue;
    ++(outcome == Outcome::kRight ? right : wrong);
    precision.push_back(right / (right + wrong + std::numeric_limits<double>::epsilon()));
    recall.push_back(right / objects);
  }
  for (size_t i = precision.size(); i-- > 1;) {
    precision[i - 1] = std::max(precision[i - 1], precision[i]);
  }
  double sum = 0;
  size_t at = 0;
  for (size_t r = 0; r < kRecalls; ++r) {
    const double wanted = r + 1 == kRecalls ? 1 : static_cast<double>(r) * 0.01;
    while (at < recall.size() && recall[at] < wanted) ++at;
    if (at == recall.size()) break;
    sum += precision[at];
  }
  return sum / kRecalls;
}

/// All boxes of one category, matched at each IoU within one range of areas after the other.
class CategoryEvaluation {
 public:
  CategoryEvaluation(const std::vector<DetectionImage>& images, int category) : images_(images) {
    std::vector<double> scores;
    for (const auto& image : images) {
      boxes_.push_back(boxes_of_category(image, category, kMostDrafts.back()));
      for (size_t rank = 0; rank < boxes_.back().drafts.size(); ++rank) {
        rank_.push_back(rank);
        scores.push_back(draft(image, boxes_.back(), rank).score);
      }
    }
    best_first_.resize(scores.size());
    std::iota(best_first_.begin(), best_first_.end(), size_t{0});
    std::stable_sort(best_first_.begin(), best_first_.end(),
                     [&](size_t a, size_t b) { return scores[a] > scores[b]; });
  }

  RangeFigures figures(Range range) const {
    long objects = 0;
    const auto outcomes = match(kAreas[range], objects);
    RangeFigures result;
    if (objects == 0) return result;
    const auto total = static_cast<double>(objects);
    for (size_t i = 0; i < kIous; ++i) {
      std::vector<Outcome> ranked;
      for (const size_t d : best_first_) ranked.push_back(outcomes[i][d]);
      result.precision[i] = interpolated_precision(ranked, total);
      for (size_t limit = 0; limit < kLimits; ++limit) {
        long found = 0;
        for (size_t d = 0; d < rank_.size(); ++d) {
          found += rank_[d] < kMostDrafts[limit] && outcomes[i][d] == Outcome::kRight;
        }
        result.recall[limit][i] = static_cast<double>(found) / total;
      }
    }
    return result;
  }

 private:
  static const DraftBox& draft(const DetectionImage& image, const CategoryBoxes& boxes, size_t d) {
    return image.drafts[static_cast<size_t>(boxes.drafts[d])];
  }
  static bool outside(double area, const std::array<double, 2>& areas) {
    return area < areas[0] || area > areas[1];
  }

  /// Outcome of every draft at every IoU, and how many objects were to be found.
  std::array<std::vector<Outcome>, kIous> match(const std::array<double, 2>& areas,
                                                long& objects) const {
    std::array<std::vector<Outcome>, kIous> outcomes;
    for (size_t k = 0; k < images_.size(); ++k) {
      const auto& boxes = boxes_[k];
      std::vector<char> ignored, draft_outside;
      for (const int t : boxes.truth) {
        const auto& truth = images_[k].truth[static_cast<size_t>(t)];
        const double area = truth.area > 0 ? truth.area : area_of(truth.box);
        ignored.push_back(truth.crowd || outside(area, areas));
        objects += !ignored.back();
      }
      for (size_t d = 0; d < boxes.drafts.size(); ++d) {
        draft_outside.push_back(outside(area_of(draft(images_[k], boxes, d).box), areas));
      }
      const auto order = ignored_last(ignored);
      for (size_t i = 0; i < kIous; ++i) {
        const auto found = match_greedily(boxes, ignored, order, iou_threshold(i));
        for (size_t d = 0; d < found.size(); ++d) {
          const bool left_out =
              found[d] >= 0 ? ignored[static_cast<size_t>(found[d])] : draft_outside[d];
          outcomes[i].push_back(left_out        ? Outcome::kIgnored
                                : found[d] >= 0 ? Outcome::kRight
                                                : Outcome::kFalse);
        }
      }
    }
    return outcomes;
  }

  const std::vector<DetectionImage>& images_;
  std::vector<CategoryBoxes> boxes_;  // [image]
  std::vector<size_t> rank_;          // [draft, image after image]: place within its image
  std::vector<size_t> best_first_;    // drafts of all images
};

template <class Values>
double mean(const Values& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Mean over the categories in which there is something to find; -1 without any.
template <class Value>
double mean_over(const std::vector<CategoryFigures>& categories, Range range, const Value& value) {
  std::vector<double> values;
  for (const auto& figures : categories) {
    if (figures[range].precision[0] >= 0) values.push_back(value(figures[range]));
  }
  return values.empty() ? -1 : mean(values);
}

}  // namespace

CocoFigures coco_figures(const std::vector<DetectionImage>& images, int classes) {
  std::vector<CategoryFigures> all;
  CocoFigures result;
  for (int c = 0; c < classes; ++c) {
    const CategoryEvaluation evaluation(images, c);
    auto& figures = all.emplace_back();
    for (const Range range : {kAll, kSmall, kMedium, kLarge}) {
      figures[range] = evaluation.figures(range);
    }
    result.class_ap.push_back(mean(figures[kAll].precision));
    result.class_ap50.push_back(figures[kAll].precision[0]);
    result.class_ar100.push_back(mean(figures[kAll].recall[2]));
  }
  const auto ap = [](const RangeFigures& f) { return mean(f.precision); };
  const auto ar = [](size_t limit) {
    return [limit](const RangeFigures& f) { return mean(f.recall[limit]); };
  };
  result.ap = mean_over(all, kAll, ap);
  result.ap50 = mean_over(all, kAll, [](const RangeFigures& f) { return f.precision[0]; });
  result.ap75 = mean_over(all, kAll, [](const RangeFigures& f) { return f.precision[5]; });
  result.ap_small = mean_over(all, kSmall, ap);
  result.ap_medium = mean_over(all, kMedium, ap);
  result.ap_large = mean_over(all, kLarge, ap);
  result.ar1 = mean_over(all, kAll, ar(0));
  result.ar10 = mean_over(all, kAll, ar(1));
  result.ar100 = mean_over(all, kAll, ar(2));
  result.ar_small = mean_over(all, kSmall, ar(2));
  result.ar_medium = mean_over(all, kMedium, ar(2));
  result.ar_large = mean_over(all, kLarge, ar(2));
  return result;
}

}  // namespace preannotate
