#include "ap50_interval.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>

#include "preannotate/core/random.h"

namespace preannotate {
namespace {

constexpr size_t kRecalls = 101;

/// One category, matched once: resamples only change how often each image counts.
class CategoryDrafts {
 public:
  explicit CategoryDrafts(size_t images) : objects_(images, 0) {}

  void add_object(size_t image) { ++objects_[image]; }
  void add_draft(size_t image, double score, bool right) {
    drafts_.push_back({score, image, right});
  }
  void sort() {
    std::stable_sort(drafts_.begin(), drafts_.end(),
                     [](const Draft& a, const Draft& b) { return a.score > b.score; });
  }

  /// Precision interpolated at 101 recalls; -1 without objects. `times` [images].
  double average_precision(const std::vector<long>& times) const {
    const long objects =
        std::inner_product(objects_.begin(), objects_.end(), times.begin(), long{0});
    if (objects == 0) return -1;
    std::array<double, kRecalls> best{};  // at the recalls up to which it was reached
    long right = 0, all = 0;
    for (const auto& draft : drafts_) {
      all += times[draft.image];
      if (!draft.right || times[draft.image] == 0) continue;
      right += times[draft.image];
      const auto reached = static_cast<size_t>(100 * right / objects);
      best[reached] =
          std::max(best[reached], static_cast<double>(right) / static_cast<double>(all));
    }
    double sum = 0, highest = 0;
    for (size_t r = kRecalls; r-- > 0;) sum += highest = std::max(highest, best[r]);
    return sum / kRecalls;
  }

 private:
  struct Draft {
    double score;
    size_t image;
    bool right;
  };
  std::vector<Draft> drafts_;
  std::vector<long> objects_;  // [images]
};

std::vector<CategoryDrafts> matched(const std::vector<DetectionImage>& images, int classes) {
  std::vector<CategoryDrafts> categories(static_cast<size_t>(classes),
                                         CategoryDrafts(images.size()));
  for (size_t i = 0; i < images.size(); ++i) {
    for (const auto& truth : images[i].truth) {
      if (!truth.crowd) categories[static_cast<size_t>(truth.category)].add_object(i);
    }
  }
  for (const auto& match : match_boxes(images, 0.5)) {
    if (match.ignored) continue;
    const auto image = static_cast<size_t>(match.image);
    const auto& draft = images[image].drafts[static_cast<size_t>(match.draft)];
    categories[static_cast<size_t>(draft.category)].add_draft(image, draft.score, match.truth >= 0);
  }
  for (auto& category : categories) category.sort();
  return categories;
}

double mean_average_precision(const std::vector<CategoryDrafts>& categories,
                              const std::vector<long>& times) {
  double sum = 0, counted = 0;
  for (const auto& category : categories) {
    const double precision = category.average_precision(times);
    if (precision < 0) continue;
    sum += precision;
    ++counted;
  }
  return counted > 0 ? sum / counted : -1;
}

/// Draws of a difference, as an interval around what all images say.
PairedDifference spread_of(double value, std::vector<double> drawn) {
  if (drawn.empty()) return {value, std::min(value, 0.0), std::max(value, 0.0)};
  std::sort(drawn.begin(), drawn.end());
  const auto at = [&](double share) {
    return drawn[static_cast<size_t>(share * static_cast<double>(drawn.size() - 1) + 0.5)];
  };
  return {value, at(0.025), at(0.975)};
}

}  // namespace

Ap50Change ap50_change(const std::vector<DetectionImage>& a, const std::vector<DetectionImage>& b,
                       int classes, std::uint64_t seed, int draws) {
  const auto of_a = matched(a, classes), of_b = matched(b, classes);
  const std::vector<long> once(a.size(), 1);
  const auto difference = [&](size_t c, const std::vector<long>& times) -> std::optional<double> {
    const double before = of_a[c].average_precision(times);
    if (before < 0) return std::nullopt;  // no object of it
    return of_b[c].average_precision(times) - before;
  };
  Random random(seed);
  std::vector<double> all;
  std::vector<std::vector<double>> each(of_a.size());
  for (int draw = 0; draw < draws; ++draw) {
    std::vector<long> times(a.size(), 0);
    for (size_t k = 0; k < a.size(); ++k) ++times[random.below(a.size())];
    double sum = 0, counted = 0;
    for (size_t c = 0; c < each.size(); ++c) {
      const auto its = difference(c, times);
      if (!its) continue;
      each[c].push_back(*its);
      sum += *its;
      ++counted;
    }
    if (counted > 0) all.push_back(sum / counted);
  }
  Ap50Change change;
  double sum = 0, counted = 0;
  for (size_t c = 0; c < each.size(); ++c) {
    const auto its = difference(c, once);
    change.classes.push_back(its ? spread_of(*its, each[c]) : PairedDifference{});
    sum += its.value_or(0);
    counted += its.has_value();
  }
  change.all = spread_of(counted > 0 ? sum / counted : 0, all);
  return change;
}

Interval ap50_interval(const std::vector<DetectionImage>& images, int classes, double value,
                       std::uint64_t seed, int draws) {
  const auto categories = matched(images, classes);
  Random random(seed);
  std::vector<double> drawn;
  for (int draw = 0; draw < draws; ++draw) {
    std::vector<long> times(images.size(), 0);
    for (size_t k = 0; k < images.size(); ++k) ++times[random.below(images.size())];
    const double precision = mean_average_precision(categories, times);
    if (precision >= 0) drawn.push_back(precision);
  }
  if (drawn.empty()) return {value, value, value};
  std::sort(drawn.begin(), drawn.end());
  const auto at = [&](double share) {
    return drawn[static_cast<size_t>(share * static_cast<double>(drawn.size() - 1) + 0.5)];
  };
  return {value, std::min(value, at(0.025)), std::max(value, at(0.975))};
}

}  // namespace preannotate
